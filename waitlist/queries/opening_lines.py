"""What the page of one opening shows, as frozen values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.utils.translation import pgettext

from scheduling.states import (
    AppointmentStatus,
    CancelledBy,
    EhrOperation,
    EhrWriteStatus,
    FillMode,
    FreedBy,
)
from waitlist.queries.candidates import CandidateLine, Person, Visit
from waitlist.queries.openings import SlotLine
from waitlist.queries.plans import PlanLine
from waitlist.queries.progress import Step
from waitlist.queries.tallies import Tally
from waitlist.states import LIVE_OPENING, OfferStatus, OpeningStatus

#: While it is in one of these, staff may book somebody into it.
BOOKABLE = frozenset(
    {
        OpeningStatus.MATCHING,
        OpeningStatus.WATCHING,
        OpeningStatus.OFFERING,
        OpeningStatus.PAUSED,
    }
)
_SAID_YES = frozenset({OfferStatus.ACCEPTED, OfferStatus.WON})


@dataclass(frozen=True, slots=True)
class Relative:
    """An opening that led to this one, or that this one led to."""

    pk: int
    status: OpeningStatus
    slot: SlotLine


@dataclass(frozen=True, slots=True)
class WaveLine:
    """Offers that went out together; `why` is the arithmetic."""

    number: int
    size: int
    sent_at: dt.datetime
    next_at: dt.datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class WriteLine:
    """One thing that the EHR was told, or has still to be told."""

    operation: EhrOperation
    status: EhrWriteStatus
    created_at: dt.datetime
    done_at: dt.datetime | None
    due_at: dt.datetime | None
    tries: int
    answer: str
    lapses_at: dt.datetime | None = None  # a person was asked to book it, and has until then

    @property
    def is_with_a_person(self) -> bool:
        """Whether nobody but a person at the clinic is at it."""
        return self.lapses_at is not None and self.status is EhrWriteStatus.PENDING

    @property
    def is_booked(self) -> bool:
        return self.operation is EhrOperation.BOOK and self.status is EhrWriteStatus.DONE

    @property
    def took(self) -> dt.timedelta | None:
        return self.done_at - self.created_at if self.done_at else None


@dataclass(frozen=True, slots=True)
class Booking:
    """A visit that Firstcall booked into the slot, and the one given up for it."""

    pk: int
    person: Person
    status: str
    booked_by: str
    writes: tuple[WriteLine, ...]
    gives_up: Visit | None
    gives_up_writes: tuple[WriteLine, ...]

    @property
    def waits_until(self) -> dt.datetime | None:
        """Until when the patient waits for a person at the clinic to book it."""
        if self.status != AppointmentStatus.REQUESTED:
            return None
        return next((write.lapses_at for write in self.writes if write.lapses_at), None)


@dataclass(frozen=True, slots=True)
class OpeningDetail:
    """All of the opening page's right side. `candidates` may be fewer than `kept`."""

    pk: int
    status: OpeningStatus
    mode: FillMode
    cause: FreedBy
    slot: SlotLine
    opened_at: dt.datetime
    freed_at: dt.datetime
    deadline_at: dt.datetime
    due_at: dt.datetime | None
    matched_at: dt.datetime | None
    closed_at: dt.datetime | None
    closed_why: str
    tally: Tally
    left_out: tuple[tuple[str, int], ...]  # rule and count, the largest first
    freed_by: Person | None
    cancelled_by: CancelledBy | None
    cancel_reason: str
    parent: Relative | None
    children: tuple[Relative, ...]
    plans: tuple[PlanLine, ...]  # one that waits for a person, or those that were watched
    waves: tuple[WaveLine, ...]
    candidates: tuple[CandidateLine, ...]
    kept: int
    bookings: tuple[Booking, ...]
    steps: tuple[Step, ...]
    shows_everybody: bool
    mark: str = field(default="", compare=False)

    @property
    def plan(self) -> PlanLine | None:
        """The wave that waits for a person to send it."""
        waits = self.status is OpeningStatus.OFFERING
        return next((plan for plan in self.plans if plan.is_waiting and waits), None)

    @property
    def watched(self) -> tuple[PlanLine, ...]:
        """Waves that shadow wrote down, the first first."""
        return tuple(plan for plan in self.plans if not plan.is_waiting)

    @property
    def would_have_asked(self) -> int:
        return sum(len(plan.people) for plan in self.watched)

    @property
    def is_live(self) -> bool:
        return self.status in LIVE_OPENING

    @property
    def is_bookable(self) -> bool:
        return self.status in BOOKABLE

    @property
    def left_out_count(self) -> int:
        return sum(count for _, count in self.left_out)

    @property
    def asked(self) -> tuple[CandidateLine, ...]:
        return tuple(line for line in self.candidates if line.offer)

    @property
    def unanswered(self) -> int:
        return self._with(OfferStatus.SENT)

    @property
    def declined(self) -> int:
        return self._with(OfferStatus.DECLINED)

    @property
    def in_line(self) -> tuple[CandidateLine, ...]:
        """Those who said yes while somebody else's yes is being confirmed, the first first."""
        waiting = [
            line
            for line in self.candidates
            if line.offer and line.offer.status is OfferStatus.NEXT_IN_LINE
        ]
        return tuple(sorted(waiting, key=lambda c: c.offer.answered_at or self.opened_at))  # type: ignore[union-attr]

    @property
    def first_bookable(self) -> CandidateLine | None:
        """Whom the page's first button books: the first in the ranking who still could."""
        could = (line for line in self.candidates if self.is_bookable and not line.is_settled)
        return next(could, None)

    @property
    def winner(self) -> Booking | None:
        """The latest booking of the slot that the EHR has, or is being asked for."""
        return self.bookings[0] if self.bookings else None

    @property
    def next_wave_at(self) -> dt.datetime | None:
        """When the next people are asked, or when it is looked at again whether they may be.

        None with nobody left to ask: then it is only looked at whether somebody has come.
        """
        goes_on = {OpeningStatus.OFFERING, OpeningStatus.WATCHING}
        if self.status not in goes_on or self.due_at == self.deadline_at:
            return None
        return self.due_at if self.kept > len(self.asked) else None

    @property
    def milestones(self) -> tuple[tuple[str, dt.timedelta | None], ...]:
        """The five things that make a fill, each with the time since the slot was freed.

        Named in the language of the page.
        """
        yes = [
            line.offer.answered_at
            for line in self.candidates
            if line.offer and line.offer.status in _SAID_YES and line.offer.answered_at
        ]
        winner = self.bookings[0].writes if self.bookings else ()
        booked = [write.done_at for write in winner if write.is_booked and write.done_at]
        reached = {
            pgettext("milestone", "Freed"): self.freed_at,
            pgettext("milestone", "Matched"): self.matched_at,
            pgettext("milestone", "Offered"): min(
                (wave.sent_at for wave in self.waves), default=None
            ),
            pgettext("milestone", "Said yes"): min(yes, default=None),
            pgettext("milestone", "Booked"): max(booked, default=None),
        }
        return tuple((name, at - self.freed_at if at else None) for name, at in reached.items())

    @property
    def people_shown(self) -> frozenset[int]:
        """Keys of the patients whom the page names: who sees it, has seen these."""
        people = [line.person for line in self.candidates] + [b.person for b in self.bookings]
        people += [line.person for plan in self.plans for line in plan.people]
        return frozenset(p.pk for p in [*people, self.freed_by] if p is not None)

    def _with(self, status: OfferStatus) -> int:
        return sum(1 for line in self.candidates if line.offer and line.offer.status is status)
