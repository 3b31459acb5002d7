from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from scheduling.rules.day import DayFacts, DayLimit, DayVisit
from scheduling.states import Modality, PatientLimit, Restriction, RuleKind
from tests.waitlist.needs_cast import CASES as NEED_CASES
from tests.waitlist.needs_cast import needs
from tests.waitlist.rules_cast import (
    NEW_PATIENT,
    NOW,
    OTHER_TYPE,
    PERSON,
    SITE,
    SLOT,
    TZ,
    person,
    slot,
    waiting,
)
from waitlist.rules.eligibility import RULES, RuleName, age_on, refusal
from waitlist.rules.facts import Contact, PersonFacts, SlotFacts

DAY = dt.timedelta(days=1)
NO_CONTACT = Contact(allowed=False, rule="opted-out", sentence="Opted out on Nov 2", retry_at=None)
SOON = slot(starts_at=NOW + dt.timedelta(hours=3), lead_minutes=60)
MINUTE = dt.timedelta(minutes=1)
MIDNIGHT = dt.datetime(2026, 12, 8, 0, 0, tzinfo=TZ)  # before the slot
NEW_YEAR = dt.datetime(2027, 1, 1, 9, 0, tzinfo=TZ)


def day_with(visits: int) -> DayFacts:
    """A clinician who takes one visit a day and has so many, the hour before the slot."""
    hour = dt.timedelta(hours=1)
    at = SLOT.starts_at - hour
    booked = DayVisit(starts_at=at, ends_at=at + hour / 2, visit_type_id=1)
    return DayFacts(
        provider="Dr. Okafor",
        starts_at=SLOT.starts_at,
        ends_at=SLOT.starts_at + hour / 2,
        zone=SLOT.zone,
        visit_type_id=SLOT.visit_type_id,
        limits=(DayLimit(kind=RuleKind.DAILY_CAP, number=1),),
        visits=(booked,) * visits,
    )


#: rule, slot, person it leaves out, sentence, and a person it lets pass.
CASES = [
    ("deceased", SLOT, person(is_deceased=True), "Has died", PERSON),
    (
        "wants-no-offers",
        SLOT,
        person(wants_earlier_offers=False),
        "Does not want offers of earlier times",
        PERSON,
    ),
    (
        "wrong-visit-type",
        SLOT,
        person(visit_type_id=OTHER_TYPE),
        "Needs another kind of visit",
        person(visit_type_id=NEW_PATIENT),  # this slot can stand in for it
    ),
    ("wrong-visit-type", SLOT, person(visit_type_id=None), "Needs another kind of visit", PERSON),
    (
        "not-switched-on",
        SLOT,
        person(requirements=needs(terms={"is_switched_on": False})),
        "Cardiology, Camelback has not switched on Cardiology follow-up",
        person(requirements=needs()),
    ),
    ("gave-it-up", SLOT, person(gave_this_up=True), "Gave up this very time", PERSON),
    (
        "not-earlier",
        SLOT,
        person(later_starts_at=dt.datetime(2026, 12, 1, 9, 0, tzinfo=TZ)),
        "Their own visit is sooner: Tue Dec 1",
        person(later_starts_at=SLOT.starts_at + DAY),
    ),
    (
        "not-earlier",
        SLOT,
        person(later_starts_at=dt.datetime(2026, 12, 8, 16, 0, tzinfo=TZ)),
        "Their own visit is the same day: Tue Dec 8",
        waiting(3),
    ),
    (
        "not-earlier",
        slot(least_days_gained=7),
        person(later_starts_at=SLOT.starts_at + 6 * DAY),
        "Their own visit is only 6 days later: Mon Dec 14",
        person(later_starts_at=SLOT.starts_at + 7 * DAY),
    ),
    (
        "asked-for-one",
        SLOT,
        person(is_asking=True),
        "Has asked for such a visit, which is being confirmed",
        PERSON,
    ),
    (
        "had-it-since",
        SLOT,
        person(was_seen_since=True),
        "Has had such a visit since they began to wait",
        PERSON,
    ),
    (
        "limited",
        SLOT,
        person(limit=PatientLimit.SAME_DAY),
        "After missed visits they book on the day itself only",
        PERSON,
    ),
    (
        "limited",
        SLOT,
        person(limit=PatientLimit.BY_PHONE),
        "After missed visits they book by phone only",
        PERSON,
    ),
    (
        "limited",
        SLOT,
        person(limit=PatientLimit.ASK_MANAGER),
        "After missed visits a manager looks at each booking",
        PERSON,
    ),
    ("busy-then", SLOT, person(is_busy_then=True), "Has another visit at that time", PERSON),
    (
        "has-live-offer",
        SLOT,
        person(has_live_offer_for_slot=True),
        "Has an open offer for this slot",
        PERSON,
    ),
    (
        "has-live-offer",
        SLOT,
        person(has_live_offer_overlapping=True),
        "Has an open offer for another slot at that time",
        PERSON,
    ),
    (
        "outside-dates",
        SLOT,
        person(not_before_on=dt.date(2026, 12, 9)),
        "Not before Wed Dec 9",
        person(not_before_on=dt.date(2026, 12, 8)),
    ),
    (
        "outside-dates",
        SLOT,
        person(not_after_on=dt.date(2026, 12, 7)),
        "Not after Mon Dec 7",
        person(not_after_on=dt.date(2026, 12, 8)),
    ),
    (
        "other-weekday",
        SLOT,
        person(prefers_weekdays=frozenset({4, 0})),
        "Comes on Monday and Friday only; this is a Tuesday",
        person(prefers_weekdays=frozenset({1})),
    ),
    (
        "other-provider",
        SLOT,
        person(wants_provider_id=11),
        "Waits for another provider",
        person(wants_provider_id=10),
    ),
    (
        "other-provider",
        slot(provider_id=None),
        person(wants_provider_id=11),
        "Waits for another provider",
        person(wants_provider_id=None),
    ),
    (
        "other-location",
        SLOT,
        person(wants_location_id=21),
        "Waits for another site",
        person(wants_location_id=20),
    ),
    (
        "restricted",
        slot(restriction=Restriction.NEW_PATIENTS),
        person(is_established=True),
        "Kept for new patients",
        person(is_established=False),
    ),
    (
        "restricted",
        slot(restriction=Restriction.ESTABLISHED),
        person(is_established=False),
        "Kept for patients seen here before",
        person(is_established=True),
    ),
    (
        "age",
        slot(min_age=18),
        person(birth_on=dt.date(2008, 12, 9)),
        "Will be 17; the visit is for ages 18 and over",
        person(birth_on=dt.date(2008, 12, 8)),  # turns 18 that day
    ),
    (
        "age",
        slot(max_age=17),
        person(birth_on=dt.date(2008, 12, 8)),
        "Will be 18; the visit is for ages up to 17",
        person(birth_on=dt.date(2008, 12, 9)),
    ),
    (
        "age",
        slot(min_age=4, max_age=17),
        person(birth_on=None),
        "Date of birth is not known, and the visit is for ages 4 to 17",
        person(birth_on=dt.date(2015, 1, 1)),
    ),
    (
        "too-little-notice",
        SLOT,
        person(notice_hours=240),
        "Wants 10 days of notice; it starts in 7 days 17 h",
        person(notice_hours=185),  # to the minute
    ),
    (
        "too-far",
        SLOT,
        person(latitude=SITE[0] + 25.3 / 69, max_miles=25),
        "Lives 26 miles away; comes up to 25 miles",
        person(latitude=SITE[0] + 24.5 / 69, max_miles=25),
    ),
    (
        "too-far",
        SOON,
        person(latitude=SITE[0] + 80 / 69),
        "Lives 80 miles away, and it starts in 3 h",
        person(latitude=SITE[0] + 70 / 69),
    ),
    (
        "contact:opted-out",
        SLOT,
        person(contact=NO_CONTACT),
        "Opted out on Nov 2",
        person(contact=Contact(allowed=True)),
    ),
    (
        "clinicians-day",
        SLOT,
        person(requirements=needs(day=day_with(1))),
        "Dr. Okafor has 1 visit that day already, and takes 1",
        person(requirements=needs(day=day_with(0))),
    ),
    *(
        (rule, SLOT, person(requirements=stopped), sentence, person(requirements=passes))
        for rule, stopped, sentence, passes in NEED_CASES
    ),
]


@pytest.mark.parametrize(("rule", "for_slot", "left_out", "sentence", "passes"), CASES)
def test_leaves_out_with_a_rule_and_a_sentence(
    rule: str, for_slot: SlotFacts, left_out: PersonFacts, sentence: str, passes: PersonFacts
) -> None:
    found = refusal(for_slot, left_out, at=NOW)
    assert found is not None
    assert (found.rule, found.sentence, found.retry_at) == (rule, sentence, None)
    assert refusal(for_slot, passes, at=NOW) is None


def test_every_rule_has_a_case() -> None:
    tried = {case[0].split(":")[0] for case in CASES}
    assert tried == set(RuleName)
    assert {name for name, _ in RULES} == set(RuleName) - {RuleName.CONTACT}


def test_names_and_sentences_fit_their_columns() -> None:
    for rule, _, _, sentence, _ in CASES:
        assert len(rule) <= 40
        assert len(sentence) <= 200


@pytest.mark.parametrize("first", range(len(RULES)))
def test_contact_is_asked_last(first: int) -> None:
    order = [name for name, _ in RULES]
    one = next(case for case in CASES if case[0] == order[first])
    both = _merge(one[2], person(contact=NO_CONTACT))
    found = refusal(one[1], both, at=NOW)
    assert found is not None
    assert found.rule == order[first]


def _merge(left: PersonFacts, right: PersonFacts) -> PersonFacts:
    changed = {
        name: getattr(right, name)
        for name in left.__slots__
        if getattr(right, name) != getattr(PERSON, name)
    }
    return dataclasses.replace(left, **changed)


def test_passes_somebody_whose_contact_was_not_looked_up() -> None:
    assert refusal(SLOT, person(contact=None), at=NOW) is None


def test_passes_somebody_whose_requirements_were_not_looked_up() -> None:
    assert refusal(SLOT, person(requirements=None), at=NOW) is None


def test_tells_when_only_the_hour_stands_in_the_way() -> None:
    morning = NOW + dt.timedelta(hours=16)
    quiet = Contact(allowed=False, rule="quiet-hours", sentence="It is night", retry_at=morning)
    found = refusal(SLOT, person(contact=quiet), at=NOW)
    assert found is not None
    assert found.retry_at == morning


@pytest.mark.parametrize(
    ("restriction", "at", "allowed"),
    [
        (Restriction.SAME_DAY, MIDNIGHT - MINUTE, False),
        (Restriction.SAME_DAY, MIDNIGHT, True),
        (Restriction.SAME_WEEK, MIDNIGHT - DAY - MINUTE, False),  # Sunday
        (Restriction.SAME_WEEK, MIDNIGHT - DAY, True),
        (Restriction.HELD_FOR_REVIEW, MIDNIGHT, False),
        (Restriction.NONE, MIDNIGHT - 30 * DAY, True),
    ],
)
def test_a_restriction_opens_at_its_own_time(
    restriction: Restriction, at: dt.datetime, allowed: bool
) -> None:
    found = refusal(slot(restriction=restriction), person(latitude=None), at=at)
    assert (found is None) is allowed


def test_the_same_week_holds_across_the_turn_of_the_year() -> None:
    friday = slot(starts_at=NEW_YEAR, restriction=Restriction.SAME_WEEK)
    assert refusal(friday, waiting(3), at=NEW_YEAR - 4 * DAY) is None
    assert refusal(friday, waiting(3), at=NEW_YEAR - 5 * DAY) is not None
    a_year_on = slot(starts_at=NEW_YEAR + 364 * DAY, restriction=Restriction.SAME_WEEK)
    assert refusal(a_year_on, waiting(3), at=NEW_YEAR - 4 * DAY) is not None


def test_the_lead_time_of_the_visit_comes_before_the_wish_of_the_patient() -> None:
    found = refusal(slot(starts_at=NOW + dt.timedelta(minutes=119)), person(), at=NOW)
    assert found is not None
    assert found.sentence == "The visit needs 2 h of notice; it starts in 1 h 59 min"


def test_nobody_is_offered_what_has_started() -> None:
    found = refusal(slot(starts_at=NOW, lead_minutes=0), waiting(3), at=NOW)
    assert found is not None
    assert found.sentence == "It has already started"


def test_distance_and_site_do_not_count_for_a_video_visit() -> None:
    video = slot(modality=Modality.VIDEO)
    far = person(latitude=SITE[0] + 5, max_miles=10, wants_location_id=21)
    assert refusal(video, far, at=NOW) is None


def test_an_unknown_home_is_not_too_far() -> None:
    assert refusal(SLOT, person(latitude=None, max_miles=5), at=NOW) is None


def test_a_part_of_day_is_a_preference_and_leaves_nobody_out() -> None:
    assert refusal(SLOT, person(prefers_parts_of_day=frozenset({"evening"})), at=NOW) is None


@pytest.mark.parametrize(
    ("day", "age"),
    [(dt.date(2026, 2, 28), 17), (dt.date(2026, 3, 1), 18), (dt.date(2028, 2, 29), 20)],
)
def test_a_leap_day_child_is_a_year_older_on_the_first_of_march(day: dt.date, age: int) -> None:
    assert age_on(day, birth_on=dt.date(2008, 2, 29)) == age


def test_the_order_of_rules_starts_with_what_is_final() -> None:
    names = [name for name, _ in RULES]
    assert names[:2] == [RuleName.DECEASED, RuleName.WANTS_NO_OFFERS]
    assert len(set(names)) == len(names)
