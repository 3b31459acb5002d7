"""Missed, late and cancelled visits: what a clinic's policy says of them. Pure.

Nothing here limits anybody: the most that comes of it is a proposal, which a person decides.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from scheduling.states import CancelledBy, LateOutcome, MissedBecause, PatientLimit


@dataclass(frozen=True, slots=True)
class Policy:
    """A clinic's policy; the defaults hold where it has written none."""

    late_cancel_hours: int = 24
    missed_limit: int = 3
    missed_months: int = 12
    counts_late_cancels: bool = False
    exempt: frozenset[MissedBecause] = frozenset(MissedBecause)
    limit_kind: PatientLimit = PatientLimit.SAME_DAY
    limit_months: int = 6
    missed_fee: Decimal = Decimal(0)
    grace_minutes: int = 10
    squeeze_minutes: int = 20


@dataclass(frozen=True, slots=True)
class Missed:
    """A visit that its patient missed, or cancelled; `starts_at` says when it would have been."""

    visit_id: int
    starts_at: dt.datetime
    because: MissedBecause | None = None
    was_late_cancel: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """How late somebody came (whole minutes), and what the policy suggests."""

    minutes_late: int
    suggestion: LateOutcome
    sentence: str


@dataclass(frozen=True, slots=True)
class Fee:
    """What may be charged for a missed visit, and why."""

    amount: Decimal
    sentence: str


def notice_ends_at(starts_at: dt.datetime, *, zone: str, hours: int) -> dt.datetime:
    """The last moment at which a visit is cancelled in time.

    So many hours before it by the clock on the site's wall: 24 hours before nine o'clock is nine
    o'clock on the day before, also when the clock changes that night. A time that the change
    leaves out is taken as the one an hour later; of one that comes twice, the second counts, in
    the patient's favor.
    """
    here = ZoneInfo(zone)
    wall = starts_at.astimezone(here).replace(tzinfo=None) - dt.timedelta(hours=hours)
    return wall.replace(tzinfo=here, fold=1).astimezone(dt.UTC)


def is_late_cancel(
    starts_at: dt.datetime, *, cancelled_at: dt.datetime, zone: str, hours: int
) -> bool:
    """Whether it was cancelled with less notice than the clinic asks for."""
    return cancelled_at > notice_ends_at(starts_at, zone=zone, hours=hours)


def judge_arrival(starts_at: dt.datetime, *, arrived_at: dt.datetime, policy: Policy) -> Arrival:
    """What to do with somebody who comes at `arrived_at`. A person may decide otherwise."""
    late = max(0, int((arrived_at - starts_at).total_seconds() // 60))
    if late == 0:
        return Arrival(late, LateOutcome.ON_TIME, "On time.")
    said = f"{late} minute{'s' if late > 1 else ''} late"
    if late <= policy.grace_minutes:
        return Arrival(late, LateOutcome.SEEN, f"{said}: within the grace, still seen.")
    if late <= policy.squeeze_minutes:
        return Arrival(late, LateOutcome.SQUEEZED_IN, f"{said}: squeeze in between others.")
    return Arrival(late, LateOutcome.MOVE, f"{said}: offer another time.")


def counted(missed: Iterable[Missed], *, policy: Policy, since: dt.datetime) -> tuple[Missed, ...]:
    """Those that count against the patient, the latest first.

    Not those from before `since`, nor those with a reason that the policy exempts, nor late
    cancels where it does not count them.
    """
    against = [
        each
        for each in missed
        if each.starts_at >= since
        and each.because not in policy.exempt
        and (policy.counts_late_cancels or not each.was_late_cancel)
    ]
    return tuple(sorted(against, key=lambda each: each.starts_at, reverse=True))


def limit_to_propose(against: Collection[Missed], policy: Policy) -> PatientLimit | None:
    """What to ask a person about; None while there is nothing to ask."""
    if policy.missed_limit and len(against) >= policy.missed_limit:
        return policy.limit_kind
    return None


def fee_for(
    *,
    policy: Policy,
    payers: Iterable[str],
    no_fee_payers: Iterable[str],
    because: MissedBecause | None,
) -> Fee:
    """What may be charged for a missed visit.

    Nothing where any of the patient's payers forbids it: Medicaid does everywhere, since a
    provider must accept its payment as payment in full (42 CFR 447.15).

    :param no_fee_payers: words; a payer whose name holds one of them forbids it.
    """
    none = Decimal(0)
    if not policy.missed_fee:
        return Fee(none, "This clinic charges nothing for a missed visit.")
    if because in policy.exempt:
        return Fee(none, "No fee: it was missed for a reason that the clinic exempts.")
    for payer in payers:
        if any(word.casefold() in payer.casefold() for word in no_fee_payers):
            return Fee(none, f"No fee: {payer} forbids it.")
    return Fee(policy.missed_fee, f"The clinic may charge ${policy.missed_fee:.2f}.")


def who_gave_up(who: CancelledBy, *, late: bool | None) -> str:
    """A cancellation's class in words: "patient, late"."""
    said = {CancelledBy.UNKNOWN: "nobody said who"}.get(who, str(who))
    return said if late is None else f"{said}, {'late' if late else 'in time'}"
