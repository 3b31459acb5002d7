"""Who is there: a phone that is proven by a code, then a name and a date of birth.

Whatever is typed, known or not, the next page is the same one.
"""

from __future__ import annotations

import datetime as dt

import phonenumbers
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from desk.self_service import actions
from desk.self_service.forms import CodeForm, NameForm, PhoneForm, read_person
from desk.self_service.pages import for_session, go, next_step, page, words_in
from scheduling.actions.self_service import CodeWrong, check_code
from scheduling.models import SelfServiceSession
from waitlist.offer_forms import BirthDateForm

_METHODS = ["GET", "HEAD", "POST"]


@for_session
@require_http_methods(_METHODS)
def phone(request: HttpRequest, session: SelfServiceSession, at: dt.datetime) -> HttpResponse:
    """Which phone the code goes to."""
    if not session.wish:
        return go(session, at=at)
    data = request.POST if request.method == "POST" else None
    form = PhoneForm(data, words=words_in(session.language))
    if data is not None and form.is_valid():
        actions.let_time_go(session, at=at)
        actions.send_code(session, number=form.cleaned_data["phone"], at=at)
        return redirect("book:code")
    status = 422 if form.errors else 200
    return page(
        request, "phone", session=session, step="who", back="wish", form=form, status=status
    )


@for_session
@require_http_methods(_METHODS)
def code(request: HttpRequest, session: SelfServiceSession, at: dt.datetime) -> HttpResponse:
    """The code from the text, or a new one."""
    if session.phone is None:
        return go(session, at=at)
    if "again" in request.POST:
        actions.send_code(session, number=str(session.phone.number), at=at)
        return redirect("book:code")
    if session.verified_at is not None:
        return go(session, at=at)
    words = words_in(session.language, number=_as_written(str(session.phone.number)))
    data = request.POST if request.method == "POST" else None
    form = CodeForm(data, words=words)
    if data is not None and form.is_valid():
        try:
            check_code(session=session, said=form.cleaned_data["code"], at=at)
        except CodeWrong as wrong:
            key = "code_wrong" if wrong.left > 0 else "code_used_up"
            form.refuse("code", key, left=str(wrong.left))
        else:
            actions.hand_words_over(session, at=at)
            return redirect("book:person")
    return page(
        request,
        "code",
        session=session,
        step="who",
        back="phone",
        words=words,
        form=form,
        status=422 if form.errors else 200,
    )


@for_session
@require_http_methods(_METHODS)
def person(request: HttpRequest, session: SelfServiceSession, at: dt.datetime) -> HttpResponse:
    """The patient's name and date of birth."""
    if session.verified_at is None:
        return go(session, at=at)
    words = words_in(session.language)
    data = request.POST if request.method == "POST" else None
    names = NameForm(data, words=words)
    born = BirthDateForm(data, words=words, today=timezone.localdate(at))
    named = read_person(names, born) if data is not None else None
    if named is not None:
        actions.let_time_go(session, at=at)
        actions.identify(session, named=named, at=at)
        return redirect(next_step(session, at=at))
    if data is not None:
        born.mark_errors()
    return page(
        request,
        "person",
        session=session,
        step="who",
        back="wish",
        names=names,
        form=born,
        status=422 if data is not None else 200,
    )


def _as_written(number: str) -> str:
    """As people write it: "(602) 555-0142". They have just typed it."""
    parsed = phonenumbers.parse(number)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
