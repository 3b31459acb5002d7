"""What staff send from the page of a visit. Each form says what it does in `carry_out`."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.engine import Actor
from crm.saying import choices_translated
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


def _text(label: Any, *, at_most: int, required: bool = False, **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs=_TEXT)
    return forms.CharField(
        label=label, max_length=at_most, required=required, widget=widget, **more
    )


def _day(label: Any, *, required: bool = False) -> forms.DateField:
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
        label=gettext_lazy("Why"),
        choices=[("", gettext_lazy("Choose why"))]
        + [
            (
                gettext_lazy(words.WHOSE[who]),
                choices_translated((r.value, words.REASONS[r]) for r in said_by(who)),
            )
            for who in CancelledBy
            if who is not CancelledBy.UNKNOWN
        ],
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={"required": gettext_lazy("Choose why: figures and fills depend on it.")},
    )
    note = _text(
        gettext_lazy("Note"),
        at_most=120,
        help_text=gettext_lazy("Kept with the visit. No diagnoses."),
    )

    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        code = CancelReason(self.cleaned_data["code"])
        said, note = words.REASONS[code], self.cleaned_data["note"]
        reason = f"{said}: {note}" if note else said
        actions.cancel_appointment(appointment_id=pk, code=code, reason=reason, by=by, at=at)
        return _("Cancelled. The EHR is being told.")


class TakeBackCancelForm(VisitForm):
    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        actions.take_back_cancel(appointment_id=pk, by=by, at=at)
        return _("The visit stands again.")


class CheckInForm(VisitForm):
    outcome = forms.ChoiceField(
        label=gettext_lazy("If they are late"),
        required=False,
        choices=[
            ("", gettext_lazy("As the policy says")),
            *choices_translated(
                (o.value, words.LATE[o]) for o in (LateOutcome.SEEN, LateOutcome.SQUEEZED_IN)
            ),
        ],
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        chosen = self.cleaned_data["outcome"]
        outcome = LateOutcome(chosen) if chosen else None
        visit = actions.check_in(appointment_id=pk, outcome=outcome, by=by, at=at)
        late = _(words.LATE[LateOutcome(visit.late_outcome)])
        return _("Checked in. %(late)s.") % {"late": late}


class UndoCheckInForm(VisitForm):
    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        actions.undo_check_in(appointment_id=pk, by=by, at=at)
        return _("The check-in is taken back.")


class NoShowForm(VisitForm):
    because = forms.ChoiceField(
        label=gettext_lazy("Was it no fault of theirs?"),
        required=False,
        choices=[
            ("", gettext_lazy("Nothing known")),
            *choices_translated((b.value, words.MISSED[b]) for b in MissedBecause),
        ],
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        chosen = self.cleaned_data["because"]
        because = MissedBecause(chosen) if chosen else None
        actions.mark_no_show(appointment_id=pk, because=because, by=by, at=at)
        return _("Marked as not come.") if because is None else _("Marked, and excused.")


class UndoNoShowForm(VisitForm):
    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        actions.undo_no_show(appointment_id=pk, by=by, at=at)
        return _("The no-show is taken back.")


class FinishMoveForm(VisitForm):
    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        actions.finish_move(appointment_id=pk, by=by, at=at)
        return _("The EHR is told again; this page says when it is done.")


class TakeBackMoveForm(VisitForm):
    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        actions.take_back_move(appointment_id=pk, by=by, at=at)
        return _("Taken back: the old visit stands, the new one is given up.")


class CancelledByHandForm(VisitForm):
    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        actions.cancelled_by_hand(appointment_id=pk, by=by, at=at)
        return _("Noted: it is cancelled in the EHR.")


class ClearanceForm(VisitForm):
    kind = forms.ChoiceField(
        choices=[(k.value, words.KINDS[k]) for k in ClearanceKind], widget=forms.HiddenInput
    )
    to = forms.ChoiceField(
        label=gettext_lazy("Now"),
        choices=[
            (ClearanceStatus.NEEDED.value, gettext_lazy("Needed")),
            (ClearanceStatus.ASKED.value, gettext_lazy("Asked for")),
            (ClearanceStatus.RECEIVED.value, gettext_lazy("Received")),
            (ClearanceStatus.NOT_NEEDED.value, gettext_lazy("Not needed")),
        ],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    asked_of = _text(gettext_lazy("Asked of"), at_most=120)
    number = _text(gettext_lazy("Number"), at_most=60)
    valid_from_on = _day(gettext_lazy("Covers from"))
    valid_until_on = _day(gettext_lazy("Covers until"))

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
        kind, state = words.KINDS[ClearanceKind(said["kind"])], to.replace("-", " ")
        return f"{_(kind)}: {_(state)}."


class EstimateForm(VisitForm):
    amount = forms.DecimalField(
        label=gettext_lazy("Estimate in US dollars"),
        min_value=0,
        max_digits=9,
        decimal_places=2,
        widget=forms.NumberInput(attrs={**_TEXT, "step": "0.01"}),
    )

    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        actions.give_estimate(appointment_id=pk, amount=self.cleaned_data["amount"], by=by, at=at)
        return _("Noted: the patient has the estimate.")


class AskEstimateForm(VisitForm):
    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        row = actions.start_estimate(appointment_id=pk, by=by, at=at)
        day = date_format(row.due_on, _("F j"))
        return _("An estimate is due by %(day)s.") % {"day": day}


class VoidEstimateForm(VisitForm):
    why = _text(gettext_lazy("Why"), at_most=120, required=True)

    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        actions.void_estimate(appointment_id=pk, why=self.cleaned_data["why"], by=by, at=at)
        return _("No estimate is due any more.")


class ClaimForm(VisitForm):
    claim_number = _text(gettext_lazy("Claim number"), at_most=60, required=True)
    injured_on = _day(gettext_lazy("Injured on"), required=True)
    adjuster = _text(gettext_lazy("Adjuster"), at_most=120, required=True)
    adjuster_phone = _text(gettext_lazy("Adjuster’s phone"), at_most=40)  # noqa: RUF001
    carrier = _text(gettext_lazy("Carrier"), at_most=120)
    employer = _text(gettext_lazy("Employer"), at_most=120)

    def carry_out(self, pk: int, *, by: Actor, at: dt.datetime) -> str:
        claim = actions.Claim(**self.cleaned_data)
        actions.keep_workers_comp(appointment_id=pk, claim=claim, by=by, at=at)
        return _("The claim is kept with the visit.")
