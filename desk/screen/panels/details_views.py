"""Changing how somebody is reached, while they are on the line."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm import clock
from crm.actions.contact_details import NotANumber, UnknownLanguage, end_phone
from crm.actions.contacts import note_step
from crm.permissions import can_take_calls
from crm.saying import translated
from crm.states import StepKind
from crm.web import actor, allowed_to
from desk.screen.contact import DeskContact
from desk.screen.panels import details
from desk.screen.panels.answers import answer_panel, in_panel
from desk.screen.panels.details_forms import FORMS, ChangeForm

TOLD: Final = gettext_noop(
    "Changed here. The clinic is asked to write it into the EHR, whose next word holds."
)
OURS: Final = gettext_noop("Changed. It is used for offers and search; no EHR is told.")
SAME: Final = gettext_noop("Nothing is different from before.")


@never_cache
@require_POST
@allowed_to(can_take_calls)
@in_panel("details")
def change(request: HttpRequest, contact: DeskContact, what: str) -> HttpResponse:
    """One part of it, as they say it is now."""
    patient = contact.patient
    if what not in FORMS or patient is None or not details.may_see(contact):
        raise Http404
    own = details.speaks_for_themselves(contact)
    form = FORMS[what](request.POST, patient=patient, is_patient=own)
    if not form.is_valid():
        return _again(request, contact, form)
    by, at = actor(request), clock.now()
    try:
        is_news = form.carry_out(by=by, at=at)
    except (NotANumber, UnknownLanguage) as wrong:
        form.add_error(None, translated(str(wrong)))
        return _again(request, contact, form)
    if not is_news:
        return answer_panel(request, contact, "details", said=translated(SAME))
    note_step(contact=contact.interaction, kind=StepKind.UPDATE, code=what, by=by, at=at)
    said = translated(TOLD if form.told_to_ehr else OURS)
    return answer_panel(request, contact, "details", said=said)


@never_cache
@require_POST
@allowed_to(can_take_calls)
@in_panel("details")
def give_up_phone(request: HttpRequest, contact: DeskContact, held_pk: int) -> HttpResponse:
    """They no longer have that number. Only one that whoever speaks may know of."""
    by, at = actor(request), clock.now()
    shown = details.phones_of(contact, at=at) if details.may_see(contact) else []
    held = next((one for one in shown if one.pk == held_pk), None)
    if held is None:
        raise Http404
    end_phone(held=held, by=by, at=at, on=contact.day_of(at))
    note_step(contact=contact.interaction, kind=StepKind.UPDATE, code="phone-ended", by=by, at=at)
    return answer_panel(request, contact, "details", said=translated(TOLD))


def _again(request: HttpRequest, contact: DeskContact, form: ChangeForm) -> HttpResponse:
    """The panel with that form open, and what is wrong with it."""
    forms = {**details.forms_for(contact), form.name: form}
    return answer_panel(
        request, contact, "details", status=422, forms=forms, open_form=form.name,
        notice=next(str(errors[0]) for errors in form.errors.values()),
    )  # fmt: skip
