"""Bringing an interpreter in, before anybody is verified if need be; relay and TTY."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from crm import clock
from crm.actions.contacts import ContactOver, NobodyKnown
from crm.actions.interpreting import (
    InterpreterUnnamed,
    InterpretsAlready,
    NeverAChild,
    NotByTelephone,
    NotTheirWish,
    end_interpreter,
    set_aid,
    start_interpreter,
    want_interpreter,
)
from crm.permissions import can_take_calls
from crm.saying import each_translated, translated
from crm.states import Aid
from crm.web import actor, allowed_to
from desk.screen import page
from desk.screen.acting import by_their_agent
from desk.screen.contact import DeskContact
from desk.screen.panels import dialogs, interpreter
from desk.screen.panels.interpreter_form import InterpreterForm

_REFUSED = (InterpreterUnnamed, NeverAChild, NotTheirWish)


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_take_calls)
@by_their_agent
def bring_in(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """Who interprets from now on."""
    if request.method != "POST":
        return _form(request, contact, InterpreterForm(initial=_likely(contact)))
    form = InterpreterForm(request.POST)
    if not form.is_valid():
        return _form(request, contact, form, status=422)
    try:
        start_interpreter(contact_id=contact.pk, by=actor(request), at=clock.now(), **form.told)
    except _REFUSED as refused:
        form.add_error(None, translated(str(refused)))
        return _form(request, contact, form, status=422)
    except (InterpretsAlready, ContactOver) as refused:
        form.add_error(None, translated(str(refused)))
        return _form(request, contact, form, status=409)
    return dialogs.done(request, contact, "interpreter")


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def end(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """The interpreter has left."""
    end_interpreter(contact_id=contact.pk, by=actor(request), at=clock.now())
    return dialogs.done(request, contact, "interpreter")


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def next_time(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """They need one next time, too. Of somebody who may be another, nothing is written down."""
    if not contact.is_verified:
        return page.conflict(request, contact, _("Ask for two identifiers first."))
    now = interpreter.panel(contact, at=clock.now())["open_session"]
    spoken = interpreter.code_of(now.language) if now else ""
    try:
        want_interpreter(contact_id=contact.pk, spoken=spoken, by=actor(request), at=clock.now())
    except (ContactOver, NobodyKnown) as refused:
        return page.conflict(request, contact, str(refused))
    return dialogs.done(request, contact, "interpreter")


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def aid(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """By relay, by TTY, or by voice after all."""
    said = request.POST.get("aid", "")
    if said not in set(Aid):
        return page.conflict(request, contact, _("Choose how the call reaches us."))
    try:
        set_aid(contact_id=contact.pk, aid=Aid(said), by=actor(request), at=clock.now())
    except (NotByTelephone, ContactOver) as refused:
        return page.conflict(request, contact, str(refused))
    return dialogs.done(request, contact, "interpreter")


def _likely(contact: DeskContact) -> dict[str, str]:
    """A service, as a rule the one of last time, in their language."""
    named = interpreter.language_of(contact)
    return {
        "kind": "service",
        "language": "" if named in {"en", "English"} else named,
        "service": next(iter(interpreter.services()), ""),
    }


def _form(
    request: HttpRequest, contact: DeskContact, form: InterpreterForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "contact": contact,
        "form": form,
        "languages": interpreter.languages_for(contact),
        "services": interpreter.services(),
        "aid": contact.call.aid if contact.call else None,
        "aids": each_translated(interpreter.AIDS),
    }
    return dialogs.show(request, "screen/panels/interpreter_form.html", context, status=status)
