"""What a visit needs besides a time, and what of it a patient has. An earlier date may break it.

Kept apart from `facts` on purpose: who pays, which language somebody speaks and how they get
there may leave somebody out of one time, and never move anybody up or down. The score does not
look in here; a test holds it to that.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from crm.states import Sex
from scheduling.rules.day import DayFacts
from scheduling.states import Audience

_HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Insurance on file; both dates included, None sets no limit."""

    payer: str
    plan: str = ""
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None

    def covers(self, day: dt.date) -> bool:
        return _inside(day, self.starts_on, self.ends_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order or referral with its authorization; dates are included, None sets no limit.

    `visits_left` counts neither the visit it is for nor one that would be given up. `has_records`:
    the outside records that belong to it have come.
    """

    not_before_on: dt.date | None = None
    valid_from_on: dt.date | None = None
    valid_until_on: dt.date | None = None
    visits_left: int | None = None
    is_instructed: bool = False
    has_records: bool = False

    def covers(self, day: dt.date) -> bool:
        has_visits = self.visits_left is None or self.visits_left > 0
        return has_visits and _inside(day, self.valid_from_on, self.valid_until_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedVisit:
    """Another visit of theirs that must come before this one (`comes_first`), or after it.

    `stands`: it is booked or took place. The days between are calendar days at the site.
    """

    visit_type: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    comes_first: bool
    stands: bool = True
    least_days: int = 0
    most_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How soon the same visit is paid for again; by every payer where none is named."""

    payer: str = ""
    months: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """A visit that is a test: it stands, or took place."""

    visit_type_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFor:
    """Whom a slot is kept for; empty parts set no limit. From `until` on it is for everybody.

    Ages in whole years, both included; payers as `normal` writes them.
    """

    name: str
    audience: Audience = Audience.ANY
    min_age: int | None = None
    max_age: int | None = None
    sex: Sex | None = None
    payers: frozenset[str] = frozenset()
    needs_referral: bool = False
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderTerms:
    """One rule of the clinician for such visits. Ages in whole years, both included.

    `only`: the visit types that the clinician does, where the rule names them. What must come
    first: a referral, outside records, and a test of the kind `test_id`, called `test`, that is
    not older than `test_within_days` calendar days.
    """

    is_offered: bool = True
    min_age: int | None = None
    max_age: int | None = None
    accepts_new: bool = True
    reason: str = ""
    only: frozenset[int] = frozenset()
    needs_referral: bool = False
    needs_records: bool = False
    test_id: int | None = None
    test: str = ""
    test_within_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What one kind of visit needs at one slot: the same for everybody who needs that kind.

    `starts_at` is aware, and kept in UTC; `zone` is the site's IANA name, `day` the date there.
    `accepted` holds payers and plans as `normal` writes them, an empty plan for all of a
    payer's; empty itself, everybody's coverage is taken. Hours are real hours before the start.
    """

    starts_at: dt.datetime
    zone: str
    visit_type: str
    clinic: str
    provider: str
    visit_type_id: int = 0
    kept_for: KeptFor | None = None
    is_switched_on: bool = True
    audience: Audience = Audience.ANY
    needs_authorization: bool = False
    prep_hours: int = 0
    prep_send_hours: int = 0
    provider_rules: tuple[ProviderTerms, ...] = ()
    limits: tuple[Limit, ...] = ()
    accepted: frozenset[tuple[str, str]] = frozenset()
    requires_coverage: bool = False
    interpreter_notice_hours: int = 0
    transport_notice_hours: int = 0

    day: dt.date = field(init=False)

    def __post_init__(self) -> None:
        set_once = object.__setattr__  # frozen
        set_once(self, "starts_at", self.starts_at.astimezone(dt.UTC))  # so that it compares right
        set_once(self, "day", self.date_of(self.starts_at))

    def date_of(self, moment: dt.datetime) -> dt.date:
        """The date at the slot's site at `moment` (aware)."""
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def accepts(self, coverage: Coverage) -> bool:
        payer, plan = normal(coverage.payer), normal(coverage.plan)
        return not self.accepted or bool({(payer, ""), (payer, plan)} & self.accepted)

    def hours_left(self, at: dt.datetime) -> float:
        """Hours from `at` (aware) to the start, in real time over a clock change."""
        return (self.starts_at - at) / _HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """The terms of a slot for one patient's claim, and what the patient has of it.

    - `orders`: those of the visit itself, or else those for any visit of its kind.
    - `last_visit_on`: when they last had such a visit; None for never.
    - `interpreter`: the language one is needed for; empty where none is, or where the
      clinician speaks it.
    - `tests`: theirs of the kinds that a rule asks for.
    - `day`: the clinician's, where a rule limits it.
    """

    terms: Terms
    birth_on: dt.date | None = None
    is_established: bool = False
    coverages: tuple[Coverage, ...] = ()
    orders: tuple[Order, ...] = ()
    linked: tuple[LinkedVisit, ...] = ()
    last_visit_on: dt.date | None = None
    interpreter: str = ""
    needs_transport: bool = False
    sex: Sex = Sex.UNKNOWN
    tests: tuple[Test, ...] = ()
    day: DayFacts | None = None


def normal(name: str) -> str:
    """A payer's or plan's name as it is compared: spaces and case do not matter."""
    return " ".join(name.split()).casefold()


def due_again_on(last: dt.date, limit: Limit) -> dt.date:
    """The first day on which the limit allows another visit after one on `last`.

    Calendar months first, then days. Never a day too soon: where the month lacks the day, the
    first of the next (12 months after February 29 is March 1).
    """
    months = last.year * 12 + last.month - 1 + limit.months
    year, month = divmod(months, 12)
    try:
        due = dt.date(year, month + 1, last.day)
    except ValueError:
        due = dt.date(year, month + 1, 28) + dt.timedelta(days=4)
        due = due.replace(day=1)
    return due + dt.timedelta(days=limit.days)


def _inside(day: dt.date, first: dt.date | None, last: dt.date | None) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)
