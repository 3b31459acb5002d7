"""Policies, papers and moves as pure rules: notice, lateness, counting, fees, business days."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.rules.cancelling import UNSAID, classify_cancel, says_more
from scheduling.rules.moving import HALF_DONE, MoveStage, move_stage
from scheduling.rules.papers import (
    ClearanceState,
    business_days_after,
    business_days_between,
    clearance_state,
    estimate_due_on,
    is_business_day,
)
from scheduling.rules.policies import (
    Missed,
    Policy,
    counted,
    fee_for,
    is_late_cancel,
    limit_to_propose,
    notice_ends_at,
)
from scheduling.states import (
    LIVE,
    AppointmentStatus,
    CancelledBy,
    CancelReason,
    ClearanceStatus,
    EhrWriteStatus,
    EstimateTrigger,
    MissedBecause,
)

UTC = dt.UTC
FIRST, LAST = dt.datetime(2025, 1, 1), dt.datetime(2028, 1, 1)  # noqa: DTZ001 Hypothesis adds the zone
CHICAGO, PHOENIX, LORD_HOWE = "America/Chicago", "America/Phoenix", "Australia/Lord_Howe"


@pytest.mark.parametrize(
    ("zone", "starts_at", "ends_at"),
    [
        # Nine on the day before, although that night had 23 or 25 hours.
        (CHICAGO, dt.datetime(2026, 3, 8, 14, tzinfo=UTC), dt.datetime(2026, 3, 7, 15, tzinfo=UTC)),
        (
            CHICAGO,
            dt.datetime(2026, 11, 1, 15, tzinfo=UTC),
            dt.datetime(2026, 10, 31, 14, tzinfo=UTC),
        ),
        (
            PHOENIX,
            dt.datetime(2026, 3, 8, 16, tzinfo=UTC),
            dt.datetime(2026, 3, 7, 16, tzinfo=UTC),
        ),
        (
            LORD_HOWE,
            dt.datetime(2026, 4, 4, 22, 30, tzinfo=UTC),
            dt.datetime(2026, 4, 3, 22, 0, tzinfo=UTC),
        ),
    ],
)
def test_a_days_notice_is_the_same_hour_of_the_day_before(
    zone: str, starts_at: dt.datetime, ends_at: dt.datetime
) -> None:
    assert notice_ends_at(starts_at, zone=zone, hours=24) == ends_at
    in_time = {"zone": zone, "hours": 24}
    assert not is_late_cancel(starts_at, cancelled_at=ends_at, **in_time)  # type: ignore[arg-type]
    late_at = ends_at + dt.timedelta(seconds=1)
    assert is_late_cancel(starts_at, cancelled_at=late_at, **in_time)  # type: ignore[arg-type]


@given(
    st.datetimes(FIRST, LAST, timezones=st.just(UTC)),
    st.sampled_from([CHICAGO, PHOENIX, LORD_HOWE, "America/New_York", "America/Indianapolis"]),
    st.integers(0, 200),
)
def test_notice_is_off_by_no_more_than_the_clock_change(
    starts_at: dt.datetime, zone: str, hours: int
) -> None:
    off = starts_at - dt.timedelta(hours=hours) - notice_ends_at(starts_at, zone=zone, hours=hours)
    assert abs(off) <= dt.timedelta(hours=2)


NOW = dt.datetime(2026, 11, 18, 17, tzinfo=UTC)


def missed(number: int, *, days: int = 10, because: MissedBecause | None = None) -> Missed:
    return Missed(number, NOW - dt.timedelta(days=days), because)


def test_only_what_counts_counts() -> None:
    since = NOW - dt.timedelta(days=365)
    late_cancel = Missed(4, NOW, was_late_cancel=True)
    all_of_them = [
        missed(1),
        missed(2, days=400),
        *(missed(9, because=reason) for reason in MissedBecause),
        late_cancel,
    ]
    strict = Policy(exempt=frozenset(), counts_late_cancels=True)
    assert [m.visit_id for m in counted(all_of_them, policy=Policy(), since=since)] == [1]
    assert len(counted(all_of_them, policy=strict, since=since)) == len(all_of_them) - 1
    assert limit_to_propose([missed(1)] * 2, Policy()) is None
    assert limit_to_propose([missed(1)] * 3, Policy()) == Policy().limit_kind
    assert limit_to_propose([missed(1)] * 99, Policy(missed_limit=0)) is None


@pytest.mark.parametrize(
    ("payers", "because", "amount"),
    [
        ((), None, 25),
        (("Saguaro Mutual",), None, 25),
        (("Saguaro Mutual", "Arizona MEDICAID plan"), None, 0),
        (("AHCCCS",), None, 0),
        ((), MissedBecause.TECHNICAL_FAILURE, 0),
    ],
)
def test_no_fee_where_the_payer_forbids_it_or_it_is_exempt(
    payers: tuple[str, ...], because: MissedBecause | None, amount: int
) -> None:
    policy = Policy(missed_fee=Decimal(25))
    fee = fee_for(
        policy=policy, payers=payers, no_fee_payers=("Medicaid", "AHCCCS"), because=because
    )
    assert fee.amount == amount


def test_business_days_leave_out_weekends_and_observed_holidays() -> None:
    assert not is_business_day(dt.date(2026, 7, 3))  # July 4 is a Saturday
    assert not is_business_day(dt.date(2027, 12, 31))  # New Year's Day 2028 is a Saturday
    assert not is_business_day(dt.date(2026, 11, 26))
    wednesday = dt.date(2026, 11, 25)
    assert business_days_after(wednesday, 1) == dt.date(2026, 11, 27)
    assert business_days_after(wednesday, 3) == dt.date(2026, 12, 1)


@pytest.mark.parametrize(
    ("ahead", "within"), [(0, None), (2, None), (3, 1), (9, 1), (10, 3), (40, 3)]
)
def test_an_estimate_is_owed_as_45_cfr_149_610_says(ahead: int, within: int | None) -> None:
    scheduled_on = dt.date(2026, 11, 18)
    visit_on = business_days_after(scheduled_on, ahead) if ahead else scheduled_on
    due_on = estimate_due_on(EstimateTrigger.SCHEDULED, started_on=scheduled_on, visit_on=visit_on)
    assert due_on == (business_days_after(scheduled_on, within) if within else None)
    asked = estimate_due_on(EstimateTrigger.ASKED, started_on=scheduled_on)
    assert asked == business_days_after(scheduled_on, 3)


@given(st.dates(dt.date(2025, 1, 1), dt.date(2030, 1, 1)), st.integers(1, 60))
def test_counting_business_days_there_and_back_agrees(day: dt.date, count: int) -> None:
    last = business_days_after(day, count)
    assert is_business_day(last)
    assert business_days_between(day, last) == count


@pytest.mark.parametrize(
    ("status", "until", "state"),
    [
        (ClearanceStatus.RECEIVED, dt.date(2026, 12, 1), ClearanceState.RECEIVED),
        (ClearanceStatus.RECEIVED, dt.date(2026, 11, 30), ClearanceState.EXPIRED),
        (ClearanceStatus.RECEIVED, None, ClearanceState.RECEIVED),
        (ClearanceStatus.ASKED, dt.date(2026, 11, 30), ClearanceState.ASKED),
        (ClearanceStatus.NOT_NEEDED, None, ClearanceState.NOT_NEEDED),
    ],
)
def test_what_ends_before_the_visit_has_expired(
    status: ClearanceStatus, until: dt.date | None, state: ClearanceState
) -> None:
    found = clearance_state(
        status, valid_from_on=None, valid_until_on=until, visit_on=dt.date(2026, 12, 1)
    )
    assert found is state


def test_every_pair_of_visits_has_a_stage_and_two_standing_ones_are_never_done() -> None:
    for new, old, cancel in product(AppointmentStatus, AppointmentStatus, [None, *EhrWriteStatus]):
        stage = move_stage(new=new, old=old, cancel=cancel)
        both = new in LIVE and old in LIVE
        if both:
            assert stage in {MoveStage.ASKED, MoveStage.BOTH_STAND}
        if stage in HALF_DONE:
            assert new not in {AppointmentStatus.REQUESTED, AppointmentStatus.REFUSED}
        if stage is MoveStage.DONE:
            assert old not in LIVE


@given(
    code=st.none() | st.sampled_from(CancelReason),
    who=st.sampled_from(CancelledBy),
    has_words=st.booleans(),
)
def test_every_cancel_has_a_class_that_agrees_with_whose_doing_it_was(
    code: CancelReason | None, who: CancelledBy, has_words: bool
) -> None:
    told = classify_cancel(code=code, who=who, has_words=has_words)
    assert who in {CancelledBy.UNKNOWN, told.who}
    if code is None:
        assert has_words or told in UNSAID
        assert told.who is who
    elif who in {CancelledBy.UNKNOWN, code.who}:
        assert told is code


@pytest.mark.parametrize(
    ("told", "known", "says"),
    [
        (CancelReason.SICK, None, True),
        (CancelReason.SICK, CancelReason.NOT_SAID, True),
        (CancelReason.NOT_SAID, CancelReason.NOT_SAID, False),
        (CancelReason.SICK, CancelReason.PATIENT_UNSAID, True),
        (CancelReason.PATIENT_UNSAID, CancelReason.NO_RIDE, False),
        (CancelReason.CLOSED, CancelReason.PATIENT_UNSAID, False),
    ],
)
def test_a_later_word_adds_to_what_is_known_and_never_contradicts_it(
    told: CancelReason, known: CancelReason | None, says: bool
) -> None:
    assert says_more(told, known=known) is says


def test_every_reason_is_somebodys() -> None:
    nobodys = {reason for reason in CancelReason if reason.who == "unknown"}
    assert nobodys == {CancelReason.NOT_SAID}
    assert {reason.who for reason in set(CancelReason) - nobodys} == {
        "patient",
        "provider",
        "organization",
    }
