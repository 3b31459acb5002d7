"""The made-up health system: the same every time, believable, and reaching nobody real."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections import Counter, defaultdict
from dataclasses import replace
from zoneinfo import ZoneInfo

import phonenumbers
import pytest

from crm.states import ConsentDecision, Sensitivity
from integrations.demo.dataset import Dataset, as_of, build
from integrations.demo.dataset.panel import age_on
from integrations.demo.dataset.places import miles_between
from integrations.demo.dataset.rows import Person
from integrations.demo.dataset.system import CLINICIAN, KIND, SITE
from outreach.rules.zones import zones_of_number
from scheduling.states import AppointmentStatus, CancelledBy, Restriction, SlotStatus

TODAY = dt.date(2026, 11, 20)
MIDNIGHT = dt.datetime.combine(TODAY, dt.time(), dt.UTC)
ADULT = 18


@pytest.fixture(scope="module")
def made() -> Dataset:
    return build(7, TODAY)


@pytest.fixture(scope="module")
def people(made: Dataset) -> dict[str, Person]:
    return {person.mrn: person for person in made.people}


def age(person: Person) -> int:
    return age_on(person.birth_on, TODAY)


def test_is_the_same_for_a_seed_and_a_day(made: Dataset) -> None:
    assert build(7, TODAY) == made


def test_is_another_for_another_seed(made: Dataset) -> None:
    other = build(8, TODAY)
    assert other.people != made.people
    assert other.visits != made.visits


def test_is_dated_from_its_day(made: Dataset) -> None:
    later = build(7, TODAY + dt.timedelta(weeks=3))
    assert min(s.starts_at for s in made.slots) >= MIDNIGHT
    assert min(s.starts_at for s in later.slots) >= MIDNIGHT + dt.timedelta(weeks=3)
    assert [p.given_name for p in later.people] == [p.given_name for p in made.people]


def test_has_the_size_that_was_promised(made: Dataset) -> None:
    assert len(made.sites) == 3
    assert len({site.zone for site in made.sites}) == 2
    assert len(made.clinicians) == 12
    assert len({c.specialty for c in made.clinicians}) == 4
    assert len(made.people) == 2000
    days = {slot.starts_at.date() for slot in made.slots}
    assert dt.timedelta(weeks=7) < max(days) - min(days) <= dt.timedelta(weeks=8)


def test_speaks_both_languages(made: Dataset) -> None:
    spanish = sum(person.language == "es" for person in made.people) / len(made.people)
    assert 0.25 < spanish < 0.36
    assert {person.language for person in made.people} == {"en", "es"}


def test_families_share_phones(made: Dataset, people: dict[str, Person]) -> None:
    users = defaultdict(set)
    for phone in made.phones:
        users[phone.number].add(phone.mrn)
    shared = {number for number, mrns in users.items() if len(mrns) > 1}
    assert len(shared) > 250
    for number in shared:
        assert len({people[mrn].household for mrn in users[number]}) == 1


def test_children_are_spoken_for(made: Dataset) -> None:
    children = {person.mrn for person in made.people if age(person) < ADULT}
    spoken_for = {proxy.mrn for proxy in made.proxies if proxy.until_age == ADULT}
    assert len(children) > 200
    assert children == spoken_for


def test_proxies_are_grown_and_of_the_household(made: Dataset, people: dict[str, Person]) -> None:
    for proxy in made.proxies:
        person, patient = people[proxy.person], people[proxy.mrn]
        assert age(person) >= ADULT
        assert person.household == patient.household
        assert proxy.name == f"{person.given_name} {person.family_name}"


def test_a_barred_parent_is_not_among_the_phones_of_the_child(made: Dataset) -> None:
    barred = {(p.mrn, p.number) for p in made.proxies if p.court_restriction}
    assert barred
    assert not barred & {(phone.mrn, phone.number) for phone in made.phones}


def test_confidential_care_has_a_confidential_phone(
    made: Dataset, people: dict[str, Person]
) -> None:
    confidential = {phone.mrn for phone in made.phones if phone.is_confidential}
    strict = {Sensitivity.ADOLESCENT, Sensitivity.DOMESTIC_VIOLENCE}
    labeled = {mrn for mrn, person in people.items() if strict & set(person.sensitivity)}
    assert confidential == labeled
    teens = [mrn for mrn in labeled if Sensitivity.ADOLESCENT in people[mrn].sensitivity]
    assert 10 < len(teens) < 80
    assert all(13 <= age(people[mrn]) < ADULT for mrn in teens)
    assert sum(bool(person.sensitivity) for person in made.people) < 0.06 * len(made.people)


def test_every_number_is_kept_for_fiction(made: Dataset) -> None:
    numbers = [line.number for line in made.lines] + [site.phone for site in made.sites]
    assert len(set(numbers)) == len(numbers)
    assert all(re.fullmatch(r"\+1\d{3}55501\d\d", number) for number in numbers)
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(n)) for n in numbers)
    assert "+16025550100" not in numbers  # the organization's


def test_numbers_abroad_name_no_place(made: Dataset, people: dict[str, Person]) -> None:
    """Otherwise their area code's night would count as theirs."""
    abroad = [phone.number for phone in made.phones if people[phone.mrn].site == "AUH"]
    assert len(abroad) > 400
    assert not any(zones_of_number(number[:8]) for number in abroad)


def test_some_phones_cannot_be_texted(made: Dataset) -> None:
    landlines = sum(not line.can_text for line in made.lines)
    assert 0.03 < landlines / len(made.lines) < 0.2


def test_everybody_lives_within_reach_of_their_site(made: Dataset) -> None:
    for person in made.people:
        site = SITE[person.site]
        there = (site.latitude, site.longitude)
        miles = miles_between(person.latitude, person.longitude, *there)
        assert miles < person.max_miles


def test_arizona_zips_are_real(made: Dataset) -> None:
    at_home = [person for person in made.people if person.state == "AZ"]
    assert all(re.fullmatch(r"85\d{3}", person.postal_code) for person in at_home)
    assert len({person.postal_code for person in at_home}) > 40


def test_clinics_see_patients_on_weekdays_in_office_hours(made: Dataset) -> None:
    for slot in made.slots:
        zone = ZoneInfo(SITE[CLINICIAN[slot.clinician].site].zone)
        starts, ends = slot.starts_at.astimezone(zone), slot.ends_at.astimezone(zone)
        assert starts.weekday() < 5
        assert dt.time(8) <= starts.time() < ends.time() <= dt.time(17)
        assert ends - starts == dt.timedelta(minutes=KIND[slot.kind].minutes)


def test_a_clinician_has_one_slot_at_a_time(made: Dataset) -> None:
    by_clinician = defaultdict(list)
    for slot in made.slots:
        by_clinician[slot.clinician].append((slot.starts_at, slot.ends_at))
    for periods in by_clinician.values():
        periods.sort()
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(periods))


def test_the_near_weeks_are_full_and_the_far_ones_are_not(made: Dataset) -> None:
    booked: Counter[int] = Counter()
    open_to_all: Counter[int] = Counter()
    for slot in made.slots:
        if slot.status is SlotStatus.BLOCKED or slot.restriction is not Restriction.NONE:
            continue
        week = (slot.starts_at - MIDNIGHT).days // 7
        open_to_all[week] += 1
        booked[week] += slot.status is SlotStatus.BUSY
    shares = [booked[week] / open_to_all[week] for week in range(8)]
    assert shares[0] > 0.85
    assert shares[7] < 0.45
    assert shares[0] > shares[3] > shares[5] > shares[7]


def test_every_busy_slot_has_one_visit_and_no_other_slot_has_any(made: Dataset) -> None:
    slots = {slot.ehr_id: slot for slot in made.slots}
    assert len(slots) == len(made.slots)
    held = Counter(visit.slot for visit in made.visits if visit.slot)
    assert set(held.values()) == {1}
    assert set(held) == {key for key, s in slots.items() if s.status is SlotStatus.BUSY}
    for visit in made.visits:
        if visit.slot:
            slot = slots[visit.slot]
            assert visit.status is AppointmentStatus.BOOKED
            assert (visit.clinician, visit.kind) == (slot.clinician, slot.kind)
            assert (visit.starts_at, visit.ends_at) == (slot.starts_at, slot.ends_at)


def test_nobody_is_in_two_places_at_once(made: Dataset) -> None:
    by_patient = defaultdict(list)
    for visit in made.visits:
        if visit.status is not AppointmentStatus.CANCELLED:
            by_patient[visit.mrn].append((visit.starts_at, visit.ends_at))
    for periods in by_patient.values():
        periods.sort()
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(periods))


def test_patients_are_seen_at_their_own_site_and_old_enough(
    made: Dataset, people: dict[str, Person]
) -> None:
    for visit in made.visits:
        person, kind = people[visit.mrn], KIND[visit.kind]
        assert CLINICIAN[visit.clinician].site == person.site
        assert age(person) >= (kind.min_age or 0)
        if kind.is_sensitive:
            assert Sensitivity.SUBSTANCE_USE in person.sensitivity


def test_histories_are_believable(made: Dataset) -> None:
    past = [visit for visit in made.visits if visit.starts_at < MIDNIGHT]
    statuses = Counter(visit.status for visit in past)
    assert AppointmentStatus.BOOKED not in statuses
    assert 0.03 < statuses[AppointmentStatus.NO_SHOW] / len(past) < 0.25
    assert 0.05 < statuses[AppointmentStatus.CANCELLED] / len(past) < 0.15
    assert min(visit.starts_at for visit in past) > MIDNIGHT - dt.timedelta(weeks=27)
    who = {visit.cancelled_by for visit in past if visit.cancelled_by}
    assert who == {CancelledBy.PATIENT, CancelledBy.PROVIDER}


def test_everything_was_written_down_before_today(made: Dataset) -> None:
    assert max(visit.changed_at for visit in made.visits) < MIDNIGHT
    assert max(entry.at for entry in made.consents) < MIDNIGHT
    assert max(row.created_at for row in made.waiting) < MIDNIGHT
    for visit in made.visits:
        assert visit.booked_at < visit.starts_at
        if visit.cancelled_at:
            assert visit.booked_at <= visit.cancelled_at <= visit.starts_at


def test_time_is_kept_back_for_reasons_and_released_later(made: Dataset) -> None:
    kept = [slot for slot in made.slots if slot.restriction is not Restriction.NONE]
    assert {slot.restriction for slot in kept} == {
        Restriction.SAME_DAY,
        Restriction.SAME_WEEK,
        Restriction.NEW_PATIENTS,
        Restriction.HELD_FOR_REVIEW,
    }
    assert all(slot.restriction_reason for slot in kept)
    released = [slot for slot in kept if slot.release_at]
    assert len(released) > 20
    for slot in released:
        assert slot.release_at is not None
        zone = ZoneInfo(SITE[CLINICIAN[slot.clinician].site].zone)
        assert slot.release_at.astimezone(zone).time() == dt.time(7)
        assert MIDNIGHT + dt.timedelta(days=1) < slot.release_at < slot.starts_at


def test_most_agreed_to_texts_and_some_took_it_back(made: Dataset) -> None:
    granted = {(e.number, e.mrn) for e in made.consents if e.decision is ConsentDecision.GRANTED}
    assert 1500 < len(granted) < len(made.phones)
    revoked = [e for e in made.consents if e.decision is ConsentDecision.REVOKED]
    assert 20 < len(revoked) < 200
    signed_at = {e.number: e.at for e in made.consents if e.decision is ConsentDecision.GRANTED}
    assert all(entry.at > signed_at[entry.number] for entry in revoked)
    texted = {line.number for line in made.lines if line.can_text}
    assert {entry.number for entry in made.consents} <= texted
    assert all(entry.evidence for entry in made.consents)


def test_those_who_wait_have_no_such_visit_booked(made: Dataset) -> None:
    booked = {(v.mrn, v.kind) for v in made.visits if v.status is AppointmentStatus.BOOKED}
    assert len(made.waiting) > 50
    assert not booked & {(row.mrn, row.kind) for row in made.waiting}
    assert len({row.entry for row in made.waiting}) == 2
    assert len({row.urgency for row in made.waiting}) == 3


def test_visits_that_have_ended_took_place(made: Dataset) -> None:
    first = next(v for v in made.visits if v.status is AppointmentStatus.BOOKED)
    before, after = as_of(made, first.ends_at - dt.timedelta(seconds=1)), as_of(made, first.ends_at)
    assert next(v for v in before.visits if v.ehr_id == first.ehr_id) == first
    assert next(v for v in after.visits if v.ehr_id == first.ehr_id) == replace(
        first, status=AppointmentStatus.FULFILLED
    )


def test_orders_are_for_visits_ahead_of_the_same_patient_and_kind(made: Dataset) -> None:
    visits = {visit.ehr_id: visit for visit in made.visits}
    assert len(made.orders) > 100
    assert len({order.visit for order in made.orders}) == len(made.orders)
    for order in made.orders:
        visit = visits[order.visit]
        assert (visit.mrn, visit.kind) == (order.mrn, order.kind)
        assert visit.status is AppointmentStatus.BOOKED
        assert visit.starts_at >= MIDNIGHT


def test_nothing_is_broken_before_anybody_is_moved(made: Dataset) -> None:
    """Each order fits the visit that it was made for."""
    visits = {visit.ehr_id: visit for visit in made.visits}
    for order in made.orders:
        visit = visits[order.visit]
        day = visit.starts_at.date()
        assert order.not_before_on is None or order.not_before_on <= day
        assert order.valid_from_on is None or order.valid_from_on <= day
        assert order.valid_until_on is None or order.valid_until_on >= day
        if order.follows:
            first = visits[order.follows]
            assert (first.mrn, first.ends_at <= visit.starts_at) == (order.mrn, True)
            assert (day - first.starts_at.date()).days >= order.follows_after_days


def test_few_come_by_an_arranged_ride_and_few_plans_end_soon(
    made: Dataset, people: dict[str, Person]
) -> None:
    assert 5 < len(made.rides) < 60
    assert all(age(people[mrn]) >= 65 for mrn in made.rides)
    ending = [row for row in made.coverages if row.ends_on]
    assert 20 < len(ending) < 120
    assert all(row.ends_on and row.ends_on > TODAY for row in ending)
