"""Why a slot could not be booked or held, as exceptions."""

from __future__ import annotations

from scheduling.rules import Hidden, HiddenBy


class BookingRefused(Exception):
    """A rule hides the slot from this patient; the text says which, for staff."""

    def __init__(self, sentence: str, *, rule: HiddenBy) -> None:
        super().__init__(sentence)
        self.rule = rule


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
    HiddenBy.HELD: SlotHeld,
    HiddenBy.PATIENT_BUSY: PatientBusy,
}


def refusal(hidden: Hidden) -> BookingRefused:
    """The exception for the rule that hides a slot."""
    return _KINDS.get(hidden.rule, BookingRefused)(hidden.sentence, rule=hidden.rule)
