"""Why a slot could not be booked or held, as exceptions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import IntegrityError

from crm.engine.retrying import sqlstate
from scheduling.rules import Hidden, HiddenBy, say_stops

EXCLUSION_VIOLATION = "23P01"
Asked = ParamSpec("Asked")
Given = TypeVar("Given")


class BookingRefused(Exception):
    """A rule hides the slot from this patient; the text says which, for staff.

    `stops` holds all that stands against it where the availability rule said so.
    """

    def __init__(self, sentence: str, *, rule: HiddenBy, stops: Sequence[Hidden] = ()) -> None:
        super().__init__(sentence)
        self.rule = rule
        self.stops = tuple(stops)


class SlotTaken(BookingRefused):
    """Somebody else has it."""


class SlotHeld(SlotTaken):
    """Somebody else keeps it for some minutes: they may book it, or not."""


class PatientBusy(BookingRefused):
    """The patient has another visit at that time."""


_KINDS: dict[HiddenBy, type[BookingRefused]] = {
    HiddenBy.NOT_FREE: SlotTaken,
    HiddenBy.NO_SEAT: SlotTaken,
    HiddenBy.PROVIDER_BUSY: SlotTaken,
    HiddenBy.ROOM_BUSY: SlotTaken,
    HiddenBy.BEGUN: SlotTaken,
    HiddenBy.HELD: SlotHeld,
    HiddenBy.PATIENT_BUSY: PatientBusy,
}


def refusal(hidden: Hidden) -> BookingRefused:
    """The exception for the rule that hides a slot."""
    return _KINDS.get(hidden.rule, BookingRefused)(hidden.sentence, rule=hidden.rule)


def refusals(stops: Sequence[Hidden]) -> BookingRefused:
    """The exception for all that stands against a booking; `stops` is not empty."""
    first = stops[0]
    kind = _KINDS.get(first.rule, BookingRefused)
    return kind(say_stops(stops), rule=first.rule, stops=stops)


def taken_meanwhile(action: Callable[Asked, Given]) -> Callable[Asked, Given]:
    """For actions that book: a clinician or room that was taken in this very moment is *taken*.

    `Taken` is kept by a trigger, whose no is an error and not a row left out; it has rolled the
    action back, to its own savepoint where others wrap it.
    """

    @wraps(action)
    def wrapped(*args: Asked.args, **kwargs: Asked.kwargs) -> Given:
        try:
            return action(*args, **kwargs)
        except IntegrityError as error:
            if sqlstate(error) != EXCLUSION_VIOLATION:
                raise
            said = "The clinician, or a room it needs, was taken in this moment."
            raise SlotTaken(said, rule=HiddenBy.NOT_FREE) from None

    return wrapped
