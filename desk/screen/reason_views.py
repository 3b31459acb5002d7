"""Why they call: the safety check first, then what kind of call it is."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm import clock
from crm.actions.contacts import ContactOver, give_reason, keep_answer, note_step
from crm.permissions import can_take_calls
from crm.states import Acuity, StepKind
from crm.web import actor, allowed_to
from desk.queries.call_types import find_call_type, match_call_type
from desk.rules.wishes import read_wish
from desk.screen import page
from desk.screen.acting import by_their_agent
from desk.screen.contact import DeskContact
from desk.screen.guide import SAFETY_KEY
from triage.actions import check_text
from triage.actions.calls import alert_about_call
from triage.ports import Finding
from triage.states import Doubt, Level

#: What scripts ask of the clinician, and need not where the reason says it.
CLINICIAN_WISH = "clinician-wish"
#: What a finding means for whoever is on the line. A danger that is denied or past is asked about.
_ACUITY = {
    Level.NONE: Acuity.ROUTINE,
    Level.UNSURE: Acuity.NURSE_NOW,
    Level.URGENT: Acuity.NURSE_NOW,
    Level.EMERGENCY: Acuity.EMERGENCY,
}


class ReasonForm(forms.Form):
    """The caller's words, or a kind of call by a tap; one of them."""

    reason = forms.CharField(max_length=300, required=False)
    call_type = forms.SlugField(required=False)


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def reason(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """Read the words for danger, then for what is wanted; nothing is kept in an address."""
    form = ReasonForm(request.POST)
    said = form.cleaned_data.get("reason", "").strip() if form.is_valid() else ""
    chosen = form.cleaned_data.get("call_type", "") if form.is_valid() else ""
    if not said and not chosen:
        return page.answer(request, contact, status=422, reason_error="Type why they call.")
    at, by = clock.now(), actor(request)
    said = said or contact.interaction.reason
    finding = check_text(said, language=contact.interaction.language, age_months=_months(contact))
    tapped = find_call_type(chosen) if chosen else None
    kinds = (tapped,) if tapped else match_call_type(said)
    kind = kinds[0] if len(kinds) == 1 else None
    try:
        give_reason(
            contact_id=contact.pk,
            reason=said,
            call_type=kind.code if kind else "",
            need=kind.need if kind else "",
            acuity=_ACUITY[finding.level] if said else None,
            by=by,
            at=at,
        )
    except ContactOver as over:
        return page.conflict(request, contact, str(over))
    if said:
        _note_safety(request, contact, finding, at=at)
    if read_wish(said).same_clinician:
        keep_answer(
            contact=contact.interaction,
            key=CLINICIAN_WISH,
            value="same",
            was_asked=False,
            by=by,
            at=at,
        )
    if kind is None:
        return page.answer(request, contact, query="")
    return page.go_on(request, contact, at=at)


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def not_now(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """The agent asked: what the words named is not so now. Only where they said so or it is past.

    The red flag itself stays in the contact, with who asked.
    """
    if not _may_rule_out(contact):
        return page.conflict(request, contact, "Only a nurse may rule this out. Hand over now.")
    by, at = actor(request), clock.now()
    keep_answer(contact=contact.interaction, key=SAFETY_KEY, value="not-now", by=by, at=at)
    return page.answer(request, contact)


def _months(contact: DeskContact) -> int | None:
    patient, day = contact.patient, contact.interaction.started_at.date()
    if patient is None or patient.birth_on is None:
        return None
    born = patient.birth_on
    return max(0, (day.year - born.year) * 12 + day.month - born.month)


def _note_safety(
    request: HttpRequest, contact: DeskContact, finding: Finding, *, at: dt.datetime
) -> None:
    """What the check said, in the contact; and to the nurses, where it is no routine."""
    by, one = actor(request), contact.interaction
    doubts = {str(match.doubt) for match in finding.matches if match.doubt}
    note_step(
        contact=one,
        kind=StepKind.SAFETY,
        code=str(finding.level),
        by=by,
        at=at,
        doubt=",".join(sorted(doubts)),
        list_version=finding.list_version,
    )
    phone = contact.call.phone if contact.call else None
    if finding.level in {Level.URGENT, Level.EMERGENCY} and phone is not None:
        alert_about_call(
            finding=finding,
            phone=phone,
            patient=contact.patient,
            contact_id=contact.pk,
            journey=one.journey,
            by=by,
            at=at,
        )


def _may_rule_out(contact: DeskContact) -> bool:
    step = contact.interaction.steps.filter(kind=StepKind.SAFETY).order_by("-pk").first()
    if step is None or step.code != Level.UNSURE:
        return False
    said = set(filter(None, str(step.detail.get("doubt", "")).split(",")))
    return bool(said) and said <= {str(Doubt.DENIED), str(Doubt.PAST)}
