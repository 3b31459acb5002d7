"""Asking about social needs, and the page of those who may see what was said."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import clock
from crm.actions.contacts import ContactOver
from crm.actions.social import AskedLately, NotInPrivate, decline_screen, keep_screen
from crm.models import SocialScreen
from crm.permissions import can_take_calls, can_view_social_needs
from crm.rules.social import BY_KEY, DECLINED, UNSAFE_FROM
from crm.saying import translated
from crm.states.social import SocialNeed
from crm.web import actor, allowed_to, note_views
from desk.screen.contact import DeskContact
from desk.screen.panels import dialogs, social
from desk.screen.panels.answers import in_panel, refuse
from desk.screen.panels.social_form import NEEDS, SocialForm


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_take_calls)
@in_panel("social")
def ask(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """The form while asking; once it is kept, nobody at the desk sees it again."""
    known = social.panel(contact, at=clock.now())
    form = SocialForm(
        request.POST if request.method == "POST" else None,
        asks_safety=social.asks_safety(contact),
        must_wish=not known["is_due"],
    )
    if not form.is_valid():
        return _form(request, contact, form, status=422 if form.is_bound else 200)
    try:
        keep_screen(
            contact_id=contact.pk,
            answers=form.answers,
            agreed=form.agreed,
            refer_to=form.cleaned_data["team"],
            they_wish=form.cleaned_data["they_wish"],
            by=actor(request),
            at=clock.now(),
        )
    except (AskedLately, NotInPrivate, ContactOver) as refused:
        form.add_error(None, translated(str(refused)))
        return _form(request, contact, form, status=409)
    return dialogs.done(request, contact, "social")


@never_cache
@require_POST
@allowed_to(can_take_calls)
@in_panel("social")
def decline(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """They would rather not be asked. Pressed again, or within the year, it changes nothing."""
    try:
        decline_screen(contact_id=contact.pk, by=actor(request), at=clock.now())
    except AskedLately:
        pass
    except ContactOver as refused:
        return refuse(request, contact, "social", str(refused))
    return dialogs.done(request, contact, "social")


@never_cache
@require_safe
@allowed_to(can_take_calls)
def results(request: HttpRequest, pk: int) -> HttpResponse:
    """Nurses see what was said; the team of the referral what was agreed to; nobody else."""
    rows = SocialScreen.objects.select_related("patient", "by", "referred_to", "referral")
    screen = get_object_or_404(rows, pk=pk)
    sees_all = can_view_social_needs(request.user)
    if not sees_all and not social.is_of_team(request.user, screen):
        raise PermissionDenied
    at = clock.now()
    what = "social needs" if sees_all else "what was agreed to"
    note_views(request, what=what, patient_ids=[screen.patient_id], at=at)
    context: dict[str, Any] = {
        "screen": screen,
        "agreed": [_(NEEDS[SocialNeed(need)]) for need in screen.agreed],
        "sees_all": sees_all,
        "now": at,
    }
    if sees_all:
        context |= {
            "needs": [_(NEEDS[SocialNeed(need)]) for need in screen.needs],
            "said": said_in(screen),
            "unsafe_from": UNSAFE_FROM,
        }
    return dialogs.show(request, "screen/panels/social_results.html", context)


def said_in(screen: SocialScreen) -> list[tuple[str, str]]:
    """Each question with its answer in the tool's words."""
    said = []
    for key, question in BY_KEY.items():
        codes = screen.answers.get(key, [])
        options = [question.option(code) for code in codes if code != DECLINED]
        words = "; ".join(option.words for option in options if option)
        if codes:
            said.append(
                (f"{question.number}. {question.words}", words or _("would rather not say"))
            )
    return said


def _form(
    request: HttpRequest, contact: DeskContact, form: SocialForm, *, status: int
) -> HttpResponse:
    context = {"contact": contact, "form": form}
    return dialogs.show(request, "screen/panels/social_form.html", context, status=status)
