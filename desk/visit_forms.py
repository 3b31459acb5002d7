"""What staff send from the page of a visit. Each form says what it does in `carry_out`."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django import forms

from crm.engine import Actor
from desk import visit_words as words
from scheduling import actions
from scheduling.states import (
    TOLD_ONLY,
    CancelledBy,
    CancelReason,
    ClearanceKind,
    ClearanceStatus,
    LateOutcome,
    MissedBecause,
)

_TEXT: Final = {"class": "form-control", "autocomplete": "off"}


def _text(label: str, *, at_most: int, required: bool = False, **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs=_TEXT)
    return forms.CharField(
        label=label, max_length=at_most, required=required, widget=widget, **more
    )


def _day(label: str, *, required: bool = False) -> forms.DateField:
    widget = forms.DateInput(attrs={"class": "form-control", "type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget)


def said_by(who: CancelledBy) -> list[CancelReason]:
    """The reasons that a person here can give in somebody's name."""
    return [reason for reason in CancelReason if reason.who is who and reason not in TOLD_ONLY]


class VisitForm(forms.Form):
    """An act on one visit that needs no more than a press."""

    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        """Do it; what was done, for a toast."""
        raise NotImplementedError


class CancelForm(VisitForm):
    code = forms.ChoiceField(
        label="Why",
        choices=[("", "Choose why")]
        + [
            (
                words.WHOSE[who],
                [(r.value, words.REASONS[r]) for r in said_by(who)],
            )
            for who in CancelledBy
            if who is not CancelledBy.UNKNOWN
        ],
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={"required": "Choose why: figures and fills depend on it."},
    )
    note = _text("Note", at_most=120, help_text="Kept with the visit. No diagnoses.")

    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        code = CancelReason(self.cleaned_data["code"])
        said, note = words.REASONS[code], self.cleaned_data["note"]
        reason = f"{said}: {note}" if note else said
        actions.cancel_appointment(appointment_id=pk, code=code, reason=reason, by=by, at=at)
        return "Cancelled. The EHR is being told."


class TakeBackCancelForm(VisitForm):
    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        actions.take_back_cancel(appointment_id=pk, by=by, at=at)
        return "The visit stands again."


class CheckInForm(VisitForm):
    outcome = forms.ChoiceField(
        label="If they are late",
        required=False,
        choices=[("", "As the policy says")]
        + [(o.value, words.LATE[o]) for o in (LateOutcome.SEEN, LateOutcome.SQUEEZED_IN)],
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        chosen = self.cleaned_data["outcome"]
        outcome = LateOutcome(chosen) if chosen else None
        visit = actions.check_in(appointment_id=pk, outcome=outcome, by=by, at=at)
        return f"Checked in. {words.LATE[LateOutcome(visit.late_outcome)]}."


class UndoCheckInForm(VisitForm):
    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        actions.undo_check_in(appointment_id=pk, by=by, at=at)
        return "The check-in is taken back."


class NoShowForm(VisitForm):
    because = forms.ChoiceField(
        label="Was it no fault of theirs?",
        required=False,
        choices=[("", "Nothing known")] + [(b.value, words.MISSED[b]) for b in MissedBecause],
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        chosen = self.cleaned_data["because"]
        because = MissedBecause(chosen) if chosen else None
        actions.mark_no_show(appointment_id=pk, because=because, by=by, at=at)
        return "Marked as not come." if because is None else "Marked, and excused."


class UndoNoShowForm(VisitForm):
    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        actions.undo_no_show(appointment_id=pk, by=by, at=at)
        return "The no-show is taken back."


class FinishMoveForm(VisitForm):
    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        actions.finish_move(appointment_id=pk, by=by, at=at)
        return "The EHR is told again; this page says when it is done."


class TakeBackMoveForm(VisitForm):
    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        actions.take_back_move(appointment_id=pk, by=by, at=at)
        return "Taken back: the old visit stands, the new one is given up."


class CancelledByHandForm(VisitForm):
    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        actions.cancelled_by_hand(appointment_id=pk, by=by, at=at)
        return "Noted: it is cancelled in the EHR."


class ClearanceForm(VisitForm):
    kind = forms.ChoiceField(
        choices=[(k.value, words.KINDS[k]) for k in ClearanceKind], widget=forms.HiddenInput
    )
    to = forms.ChoiceField(
        label="Now",
        choices=[
            (ClearanceStatus.NEEDED.value, "Needed"),
            (ClearanceStatus.ASKED.value, "Asked for"),
            (ClearanceStatus.RECEIVED.value, "Received"),
            (ClearanceStatus.NOT_NEEDED.value, "Not needed"),
        ],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    asked_of = _text("Asked of", at_most=120)
    number = _text("Number", at_most=60)
    valid_from_on = _day("Covers from")
    valid_until_on = _day("Covers until")

    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        said = self.cleaned_data
        to = ClearanceStatus(said["to"])
        actions.set_clearance(
            appointment_id=pk,
            kind=ClearanceKind(said["kind"]),
            to=to,
            received=actions.Received(said["number"], said["valid_from_on"], said["valid_until_on"])
            if to is ClearanceStatus.RECEIVED
            else None,
            asked_of=said["asked_of"],
            by=by,
            at=at,
        )
        return f"{words.KINDS[ClearanceKind(said['kind'])]}: {to.replace('-', ' ')}."


class EstimateForm(VisitForm):
    amount = forms.DecimalField(
        label="Estimate in US dollars",
        min_value=0,
        max_digits=9,
        decimal_places=2,
        widget=forms.NumberInput(attrs={**_TEXT, "step": "0.01"}),
    )

    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        actions.give_estimate(appointment_id=pk, amount=self.cleaned_data["amount"], by=by, at=at)
        return "Noted: the patient has the estimate."


class AskEstimateForm(VisitForm):
    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        row = actions.start_estimate(appointment_id=pk, by=by, at=at)
        return f"An estimate is due by {row.due_on:%B %-d}."


class VoidEstimateForm(VisitForm):
    why = _text("Why", at_most=120, required=True)

    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        actions.void_estimate(appointment_id=pk, why=self.cleaned_data["why"], by=by, at=at)
        return "No estimate is due any more."


class ClaimForm(VisitForm):
    claim_number = _text("Claim number", at_most=60, required=True)
    injured_on = _day("Injured on", required=True)
    adjuster = _text("Adjuster", at_most=120, required=True)
    adjuster_phone = _text("Adjuster’s phone", at_most=40)  # noqa: RUF001
    carrier = _text("Carrier", at_most=120)
    employer = _text("Employer", at_most=120)

    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        claim = actions.Claim(**self.cleaned_data)
        actions.keep_workers_comp(appointment_id=pk, claim=claim, by=by, at=at)
        return "The claim is kept with the visit."
