"""Where a request for a refill goes. Pure; for agents, who decide nothing about drugs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crm.rules.chart import say_day
from crm.rules.said import Said, say
from crm.states import Acuity, DrugClass, MedicationStatus

#: With so few days of a critical drug left, a nurse speaks with the patient now. Insulin: ketosis
#: within a day or two (ADA Standards of Care, sick-day rules); anticonvulsants: status epilepticus
#: after withdrawal (FDA class labeling); anticoagulants: clots after stopping (boxed warnings of
#: apixaban and rivaroxaban). Three days span a weekend.
CRITICAL_DAYS: Final = 3
#: Before this share of the supply is used up, payers refuse ("refill too soon"); Medicare Part D
#: plans and most others take 75 %.
USED_UP: Final = 0.75
_WORDS: Final = {
    DrugClass.INSULIN: "insulin",
    DrugClass.ANTICONVULSANT: "a seizure medicine",
    DrugClass.ANTICOAGULANT: "a blood thinner",
}


class RefillWay(StrEnum):
    """Who gets the request."""

    NURSE_NOW = "nurse-now"
    PRESCRIBER = "prescriber"
    REQUEST = "request"  # the clinic sends it to the pharmacy
    RENEW = "renew"  # no refills left: the clinic renews it or not
    TOO_EARLY = "too-early"
    CLINIC = "clinic"  # the clinic has to look first


#: What the agent says, by who gets it; about one that is too early see `say_too_early`.
SAY: Final = {
    RefillWay.NURSE_NOW: "Say: I get you a nurse now, please stay on the line. Give no advice "
    "about doses.",
    RefillWay.PRESCRIBER: "Say: this is a controlled medicine. Your prescriber decides about every "
    "refill; we pass your request on today and cannot promise it.",
    RefillWay.REQUEST: "Say: we ask the clinic to send it to your pharmacy; ask there in two "
    "working days.",
    RefillWay.RENEW: "Say: no refills are left, so the clinic has to renew it; we ask them today.",
    RefillWay.CLINIC: "Say: the clinic has to look at this first; somebody calls you back.",
    RefillWay.TOO_EARLY: "Say: it is too early for a refill; the pharmacy knows from when.",
}


@dataclass(frozen=True, slots=True)
class OnFile:
    """A prescription as the chart has it. `supply` in days."""

    status: MedicationStatus
    supply: int | None = None
    last_filled_on: dt.date | None = None
    refills_left: int | None = None

    @property
    def early_until(self) -> dt.date | None:
        """The first day on which it is not too soon; None where nobody can tell."""
        if self.supply is None or self.last_filled_on is None:
            return None
        return self.last_filled_on + dt.timedelta(days=round(self.supply * USED_UP))


@dataclass(frozen=True, slots=True)
class RefillDecision:
    """`say` for the caller, `why` for whoever takes the request; due `within` that time."""

    way: RefillWay
    say: str
    why: str
    within: dt.timedelta
    acuity: Acuity = Acuity.ROUTINE

    @property
    def makes_task(self) -> bool:
        """One that is only too early needs nobody."""
        return self.way is not RefillWay.TOO_EARLY


_HOUR = dt.timedelta(hours=1)


def decide_refill(
    *,
    kind: DrugClass,
    is_controlled: bool,
    on_file: OnFile | None,
    days_left: int | None,
    on: dt.date,
) -> RefillDecision:
    """Who gets the request, the most urgent rule first.

    :param on_file: None for a drug that is not in the chart.
    :param days_left: as the caller says; None where they do not know, which counts as none.
    :param on: today where the patient is.
    """
    left = days_left or 0
    if kind is not DrugClass.OTHER and left <= CRITICAL_DAYS:
        return _nurse_now(kind, left)
    if is_controlled:
        return _to(RefillWay.PRESCRIBER, "A controlled medicine: the prescriber decides.", left)
    if on_file is None:
        return _clinic("It is not on the list in the chart.", left)
    if on_file.status is not MedicationStatus.ACTIVE:
        state = on_file.status.replace("-", " ")
        return _clinic(f"The chart has it as {state}, not as active.", left)
    return _by_supply(on_file, left, on)


def say_too_early(first_on: dt.date, *, on: dt.date) -> Said:
    """:param first_on: the first day on which the pharmacy fills it."""
    return say(
        "Say: the pharmacy can fill it from %(day)s. Call again then.",
        day=say_day(first_on, on=on),
    )


def _nurse_now(kind: DrugClass, left: int) -> RefillDecision:
    stock = f"{left} day{'s' if left != 1 else ''} left" if left else "none left"
    return RefillDecision(
        RefillWay.NURSE_NOW,
        SAY[RefillWay.NURSE_NOW],
        f"{_WORDS[kind].capitalize()}, {stock}: stopping it suddenly is dangerous.",
        dt.timedelta(0),
        Acuity.NURSE_NOW,
    )


def _by_supply(on_file: OnFile, left: int, on: dt.date) -> RefillDecision:
    early_until = on_file.early_until
    if early_until is not None and on < early_until:
        if left <= CRITICAL_DAYS:
            return _clinic("It ran out sooner than the supply should have lasted.", left)
        why = "Most of the last supply should still be there."
        words = say_too_early(early_until, on=on)
        return RefillDecision(RefillWay.TOO_EARLY, words, why, dt.timedelta(0))
    if on_file.refills_left is None:
        return _clinic("The chart does not say how many refills are left.", left)
    if on_file.refills_left < 1:
        return _to(RefillWay.RENEW, "No refills left.", left)
    why = f"{on_file.refills_left} left, not too early, not controlled."
    return _to(RefillWay.REQUEST, why, left)


def _clinic(why: str, left: int) -> RefillDecision:
    return _to(RefillWay.CLINIC, why, left)


def _to(way: RefillWay, why: str, left: int) -> RefillDecision:
    return RefillDecision(way, SAY[way], why, _soon(left))


def _soon(left: int) -> dt.timedelta:
    """Within four hours for whoever is nearly out, else within a day."""
    return 4 * _HOUR if left <= CRITICAL_DAYS else 24 * _HOUR
