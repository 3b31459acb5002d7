"""Life of a slot and of a hold, and why a slot is not open to all."""

from __future__ import annotations

from enum import StrEnum


class SlotStatus(StrEnum):
    """FHIR Slot.status, with the one state FHIR has no word for."""

    FREE = "free"  # bookable, subject to its restriction (FHIR free)
    BUSY = "busy"  # every seat is taken (FHIR busy)
    VACATED = "vacated"  # its visit was cancelled, the EHR has not yet said it is free
    BLOCKED = "blocked"  # closed by the clinic (FHIR busy-unavailable)
    WITHDRAWN = "withdrawn"  # no longer on the schedule (FHIR entered-in-error)


SLOT_MOVES: dict[SlotStatus, frozenset[SlotStatus]] = {
    SlotStatus.FREE: frozenset({SlotStatus.BUSY, SlotStatus.BLOCKED, SlotStatus.WITHDRAWN}),
    SlotStatus.BUSY: frozenset(
        {SlotStatus.VACATED, SlotStatus.FREE, SlotStatus.BLOCKED, SlotStatus.WITHDRAWN}
    ),
    SlotStatus.VACATED: frozenset(
        {SlotStatus.FREE, SlotStatus.BUSY, SlotStatus.BLOCKED, SlotStatus.WITHDRAWN}
    ),
    SlotStatus.BLOCKED: frozenset({SlotStatus.FREE, SlotStatus.BUSY, SlotStatus.WITHDRAWN}),
    SlotStatus.WITHDRAWN: frozenset({SlotStatus.FREE, SlotStatus.BUSY, SlotStatus.BLOCKED}),
}


class Modality(StrEnum):
    IN_PERSON = "in-person"
    VIDEO = "video"
    PHONE = "phone"


class Restriction(StrEnum):
    """Why a slot is not open to all. A release rule may lift it at a time."""

    NONE = "none"
    SAME_DAY = "same-day"  # bookable on its own day only
    SAME_WEEK = "same-week"
    DAYS_BEFORE = "days-before"  # bookable from so many days before its day
    NEW_PATIENTS = "new-patients"
    ESTABLISHED = "established"
    HELD_FOR_REVIEW = "held-for-review"


class Audience(StrEnum):
    """Whom a visit type is for: seen in the specialty here within three years, or not."""

    ANY = "any"
    NEW = "new"
    ESTABLISHED = "established"


class HoldStatus(StrEnum):
    """Life of a slot kept for somebody for minutes."""

    HELD = "held"
    USED = "used"  # it became a booking
    RELEASED = "released"  # given back before its time
    LAPSED = "lapsed"


HOLD_MOVES: dict[HoldStatus, frozenset[HoldStatus]] = {
    HoldStatus.HELD: frozenset({HoldStatus.USED, HoldStatus.RELEASED, HoldStatus.LAPSED}),
    HoldStatus.USED: frozenset(),
    HoldStatus.RELEASED: frozenset(),
    HoldStatus.LAPSED: frozenset(),
}


class FillMode(StrEnum):
    """How far a clinic lets Firstcall go with its freed slots (O10)."""

    OFF = "off"
    SHADOW = "shadow"  # what would have been offered is written down; nothing is sent
    CLERK_CONFIRMED = "clerk-confirmed"  # each wave waits until a person sends it
    AUTOMATIC = "automatic"


#: In these somebody may be asked.
ASKS_PATIENTS = frozenset({FillMode.CLERK_CONFIRMED, FillMode.AUTOMATIC})


class FreedBy(StrEnum):
    """Why a slot became free: the cause that an opening carries."""

    CANCELLATION = "cancellation"
    RESCHEDULE = "reschedule"
    BLOCK_RELEASED = "block-released"
    RELEASE_RULE = "release-rule"
    NEW_TIME = "new-time"
    GIVEN_UP = "given-up"  # the later visit of somebody who took an earlier one
