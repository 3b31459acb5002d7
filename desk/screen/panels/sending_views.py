"""What is done in the panel of things to send."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm import clock
from crm.permissions import can_take_calls
from crm.saying import translated
from crm.web import actor, allowed_to
from desk.screen.contact import DeskContact
from desk.screen.panels.answers import answer_panel, in_panel
from desk.screen.panels.sending import (
    What,
    may_be_told,
    read_code,
    visits_to_send,
    was_read,
    what_to_send,
)
from desk.screen.panels.sending_texts import NoTextMayGo, note_told, text_about
from scheduling.models import Appointment


@never_cache
@require_POST
@allowed_to(can_take_calls)
@in_panel("sending")
def text(request: HttpRequest, contact: DeskContact, visit_pk: int, what: str) -> HttpResponse:
    """Text the link that they have asked for."""
    visit, at = _theirs(contact, visit_pk, what), clock.now()
    by = actor(request)
    try:
        text_about(contact=contact.interaction, visit=visit, what=What(what), by=by, at=at)
    except NoTextMayGo as refused:
        notice = f"{translated(str(refused))} {_('Read it out instead.')}"
        return answer_panel(request, contact, "sending", status=409, notice=notice)
    return answer_panel(request, contact, "sending")


@never_cache
@require_POST
@allowed_to(can_take_calls)
@in_panel("sending")
def read_out(request: HttpRequest, contact: DeskContact, visit_pk: int) -> HttpResponse:
    """Write down that it was read to them, once."""
    visit = _theirs(contact, visit_pk, What.PREPARATION, What.PLACE)
    by, at = actor(request), clock.now()
    what = what_to_send(visit)[0]
    if not was_read(contact, visit, what):
        code = read_code(what)
        note_told(contact=contact.interaction, visit=visit, code=code, by=by, at=at)
    return answer_panel(request, contact, "sending")


def _theirs(contact: DeskContact, visit_pk: int, *what: str) -> Appointment:
    """A visit of theirs that whoever speaks may hear of, and of which there is that to send."""
    if may_be_told(contact):
        for visit in visits_to_send(contact):
            if visit.pk == visit_pk and set(what) & set(what_to_send(visit)):
                return visit
    raise Http404
