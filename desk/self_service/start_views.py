"""The first pages: is it an emergency, and what is needed."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import clock
from desk.self_service import actions
from desk.self_service.browser import address_digest, find_session, forget, remember
from desk.self_service.forms import PhoneForm, SafetyForm, WishForm
from desk.self_service.help_views import reasons_of
from desk.self_service.pages import (
    for_session,
    go,
    language_for,
    next_step,
    page,
    start_of,
    too_many,
    words_in,
)
from desk.self_service.showing import kinds_of
from scheduling.actions.self_service import (
    VISITOR,
    TooMany,
    end_session,
    go_on,
    start_session,
)
from scheduling.models import BookingLink, SelfServiceSession
from scheduling.queries.self_service import online_visits
from scheduling.states import SelfServiceStatus, SelfServiceStep, Wish
from triage.actions import check_text
from triage.ports import Finding
from triage.states import HelpLine, Level
from waitlist.offer_page import language_of
from waitlist.offer_views import private

#: In these words go to a nurse, and the way online ends.
STOPS = frozenset({Level.EMERGENCY, Level.URGENT})


@private
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, token: str = "") -> HttpResponse:
    """The safety question; its answer begins a session. The same link goes on with an open one."""
    link = BookingLink.objects.filter(token=token, is_active=True).first() if token else None
    language = _first_language(request, link)
    words = words_in(language)
    if token and link is None:
        return page(request, "link_off", session=None, status=404, words=words, lang=language)
    at = clock.now()
    form = SafetyForm(request.POST if request.method == "POST" else None, words=words)
    if request.method == "POST" and form.is_valid():
        return _begin(request, form, link=link, language=language, at=at)
    known = find_session(request, at=at) if request.method != "POST" else None
    is_open = known is not None and known.status == SelfServiceStatus.OPEN and known.link == link
    return page(
        request,
        "start",
        session=None,
        step="safety",
        status=422 if form.errors else 200,
        words=words,
        lang=language,
        form=form,
        query=f"?lang={language}" if "lang" in request.GET else "",
        known=is_open,
        go_on_url=reverse(next_step(known, at=at)) if known and is_open else "",
    )


def _first_language(request: HttpRequest, link: BookingLink | None) -> str:
    if link is not None and link.language and "lang" not in request.GET:
        return link.language
    return language_of(request, None)


def _begin(
    request: HttpRequest,
    form: SafetyForm,
    *,
    link: BookingLink | None,
    language: str,
    at: dt.datetime,
) -> HttpResponse:
    """What may speak of danger ends here; what may not goes on."""
    about = form.cleaned_data["about"].strip()
    # Outside any transaction: what stands behind the port is not ours.
    finding = check_text(about, language=language)
    if form.says_emergency:
        finding = Finding(level=Level.EMERGENCY, line=finding.line or HelpLine.CALL_911)
    _leave_known(request, at=at)
    try:
        session, key = start_session(
            link=link,
            address_digest=address_digest(request),
            language=language,
            danger="" if finding.is_none else finding.level,
            words="" if finding.is_none else about,
            at=at,
        )
    except TooMany:
        return too_many(request, None)
    if finding.level in STOPS:
        end_session(session=session, to=SelfServiceStatus.STOPPED, by=VISITOR, at=at)
        line = finding.line or HelpLine.CALL_911
        query = f"?line={line}" if finding.level is Level.EMERGENCY else ""
        response = redirect(reverse("book:stop") + query)
    else:
        response = redirect("book:wish")
    remember(response, key)
    return response


def _leave_known(request: HttpRequest, *, at: dt.datetime) -> None:
    """Whoever starts over gives back the time that was kept for them."""
    known = find_session(request, at=at)
    if known is not None and known.status == SelfServiceStatus.OPEN:
        actions.let_time_go(known, at=at)
        end_session(session=known, to=SelfServiceStatus.LEFT, by=VISITOR, at=at)


@private
@require_safe
def stop(request: HttpRequest) -> HttpResponse:
    """Where to get help at once, with a tap to call."""
    session = find_session(request, at=clock.now())
    return _stop_page(request, session)


def _stop_page(
    request: HttpRequest,
    session: SelfServiceSession | None,
    *,
    form: PhoneForm | None = None,
    told: bool = False,
) -> HttpResponse:
    language = language_for(request, session)
    words = words_in(language)
    is_urgent = session is not None and session.danger == Level.URGENT
    line = request.GET.get("line", "")
    known = line if line in set(HelpLine) else HelpLine.CALL_911
    heading = "stop_urgent" if is_urgent else f"stop_{known}"
    is_ours = session is not None and session.status == SelfServiceStatus.STOPPED
    return page(
        request,
        "stop",
        session=session,
        status=422 if form and form.errors else 200,
        heading=words[heading],
        is_urgent=is_urgent,
        line=known,
        form=form or PhoneForm(words=words),
        told=told or "told" in request.GET,
        can_be_called=is_ours and not told and "told" not in request.GET,
        start_over=start_of(session),
    )


@private
@require_POST
def nurse(request: HttpRequest) -> HttpResponse:
    """A number for a nurse to call, from whoever was sent to 911. Asking twice asks once."""
    at = clock.now()
    session = find_session(request, at=at)
    if session is None or session.status != SelfServiceStatus.STOPPED:
        return redirect("book:over")
    form = PhoneForm(request.POST, words=words_in(session.language))
    if not form.is_valid():
        return _stop_page(request, session, form=form)
    actions.call_me(session, number=form.cleaned_data["phone"], at=at)
    return redirect(reverse("book:stop") + "?told=1")


@private
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Go on in the other language, where they are."""
    at = clock.now()
    session = find_session(request, at=at)
    if session is None:
        return redirect("book:start")
    chosen = "es" if request.POST.get("lang") == "es" else "en"
    SelfServiceSession.objects.filter(pk=session.pk).update(language=chosen)
    if session.status == SelfServiceStatus.STOPPED:
        return redirect("book:stop")
    if session.status != SelfServiceStatus.OPEN:
        return redirect("book:done")
    return go(session, at=at)


@private
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """End it and forget it on this phone; a time that was kept is given back."""
    _leave_known(request, at=clock.now())
    response = redirect("book:start")
    forget(response)
    return response


@private
@require_safe
def over(request: HttpRequest) -> HttpResponse:
    """It was left for too long, or there was none."""
    return page(request, "over", session=None)


@for_session
@require_http_methods(["GET", "HEAD", "POST"])
def wish(request: HttpRequest, session: SelfServiceSession, at: dt.datetime) -> HttpResponse:
    """What they need. Changing it later gives back what was kept."""
    open_visits = list(online_visits(session))
    words = words_in(session.language)
    data = request.POST if request.method == "POST" else None
    form = WishForm(data, words=words, open_visits=open_visits)
    if data is not None and form.is_valid():
        _keep_wish(session, form, at=at)
        return go(session, at=at)
    return page(
        request,
        "wish",
        session=session,
        step="what",
        status=422 if form.errors else 200,
        form=form,
        wishes=[(str(each), words[f"wish_{each.replace('-', '_')}"]) for each in Wish],
        chosen=form.data.get("wish", "") or session.wish or Wish.NEW,
        kinds=kinds_of(session, open_visits, form.data.get("kind", "")),
        clinician=str(session.role.provider) if session.role else "",
        can_ask=session.language == "en" and bool(reasons_of(session)),
    )


def _keep_wish(session: SelfServiceSession, form: WishForm, *, at: dt.datetime) -> None:
    chosen, wanted = form.chosen, Wish(form.cleaned_data["wish"])
    is_new = wanted in {Wish.NEW, Wish.WAIT}
    place = chosen.clinic.location if chosen and is_new else None
    changed = wanted != session.wish or (chosen and chosen.visit_type_id) != session.visit_type_id
    if changed:
        actions.let_time_go(session, at=at)
    go_on(
        session,
        at=at,
        step=SelfServiceStep.WISH,
        wish=wanted,
        visit_type=chosen.visit_type if chosen and is_new else None,
        location=place,
        gives_up=None,
        **({"hold": None, **_ask_again(session)} if changed else {}),
    )


def _ask_again(session: SelfServiceSession) -> dict[str, None]:
    """Whoever is known stays so; whether somebody new is registered depends on the wish."""
    return {} if session.patient_id else {"identified_at": None}
