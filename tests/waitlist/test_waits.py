"""What becomes of a place on the list when its patient gets such a visit, whoever booked it."""

from __future__ import annotations

import datetime as dt
import random
from functools import partial

import pytest

from crm.engine import Actor
from crm.models import Patient, PatientIdentifier
from scheduling.actions import apply_appointment_report, request_booking
from scheduling.models import Appointment, SourceCode
from scheduling.ports import (
    AppointmentReport,
    CodeReport,
    IdentifierReport,
    PatientReport,
    ReportKind,
)
from scheduling.queries import get_slot, why_not
from scheduling.states import AppointmentStatus, PatientLimit, RestrictionStatus
from tests.factories import (
    NOW,
    SOURCE,
    AppointmentFactory,
    LocationFactory,
    OfferFactory,
    PatientRestrictionFactory,
    WaitlistEntryFactory,
)
from tests.scheduling.day import free_slot
from tests.waitlist.crowd import SLOTS, Crowd
from tests.waitlist.scene import Scene
from waitlist.actions import join_waitlist, settle_waits
from waitlist.models import Candidate, Offer, WaitlistEntry
from waitlist.queries.claims import everybody
from waitlist.queries.people import people_of, slot_facts
from waitlist.queries.requirements import asked_kind
from waitlist.rules.eligibility import refusal
from waitlist.rules.waits import Becomes, Got, Wait, what_becomes
from waitlist.states import EntryKind, EntryStatus, OfferStatus

BY = Actor.system("test")
DAY = dt.timedelta(days=1)
GOT = Got(
    visit_type_ids=frozenset({1, 2}), provider_id=10, location_id=20, day=dt.date(2026, 12, 8)
)
REMOTE = Got(
    visit_type_ids=frozenset({1}),
    provider_id=10,
    location_id=20,
    day=dt.date(2026, 12, 8),
    is_in_person=False,
)
SOONER = Got(
    visit_type_ids=frozenset({1}),
    provider_id=10,
    location_id=20,
    day=dt.date(2026, 12, 8),
    is_sooner=True,
)


@pytest.mark.parametrize(
    ("wait", "got", "becomes"),
    [
        (Wait(visit_type_id=1), GOT, Becomes.ENDS),
        (Wait(visit_type_id=2, provider_id=10, location_id=20), GOT, Becomes.ENDS),
        (Wait(visit_type_id=3), GOT, Becomes.UNTOUCHED),
        (Wait(visit_type_id=1, provider_id=11), GOT, Becomes.KEPT),
        (Wait(visit_type_id=1, location_id=21), GOT, Becomes.KEPT),
        (Wait(visit_type_id=1, location_id=21), REMOTE, Becomes.ENDS),
        (Wait(visit_type_id=1, not_after_on=GOT.day), GOT, Becomes.ENDS),
        (Wait(visit_type_id=1, not_after_on=GOT.day - DAY), GOT, Becomes.KEPT),
        (Wait(visit_type_id=1, wants_earlier=True), GOT, Becomes.KEPT),
        (Wait(visit_type_id=1, wants_earlier=True), SOONER, Becomes.ENDS),
    ],
)
def test_a_place_ends_where_they_have_what_they_waited_for(
    wait: Wait, got: Got, becomes: Becomes
) -> None:
    assert what_becomes(wait, got) is becomes


def stands(scene: Scene, entry: WaitlistEntry, **about: object) -> Appointment:
    told = {
        "patient": entry.patient,
        "role": scene.role,
        "visit_type": scene.visit_type,
        "starts_at": scene.at + 20 * DAY,
    }
    made: Appointment = AppointmentFactory.create(**(told | about))
    return made


@pytest.fixture
def entry(scene: Scene) -> WaitlistEntry:
    made: WaitlistEntry = WaitlistEntryFactory.create(
        visit_type=scene.visit_type, created_at=NOW - DAY
    )
    return made


def state(entry: WaitlistEntry) -> tuple[str, str]:
    entry.refresh_from_db()
    return entry.status, entry.kind


def test_a_place_ends_once_with_its_open_offers(scene: Scene, entry: WaitlistEntry) -> None:
    offer = OfferFactory.create(patient=entry.patient)
    Candidate.objects.filter(pk=offer.candidate_id).update(entry=entry)
    visit = stands(scene, entry)
    assert settle_waits(appointment_id=visit.pk, by=BY, at=scene.at) == 1
    assert settle_waits(appointment_id=visit.pk, by=BY, at=scene.at) == 0
    assert state(entry) == (EntryStatus.FULFILLED, EntryKind.WAITLIST)
    offer.refresh_from_db()
    assert offer.status == OfferStatus.CLOSED


def test_a_place_is_kept_for_what_the_visit_is_not(scene: Scene, entry: WaitlistEntry) -> None:
    WaitlistEntry.objects.filter(pk=entry.pk).update(not_after_on=(scene.at + 10 * DAY).date())
    visit = stands(scene, entry)
    assert settle_waits(appointment_id=visit.pk, by=BY, at=scene.at) == 0
    assert state(entry) == (EntryStatus.WAITING, EntryKind.EARLIER)


@pytest.mark.parametrize(
    "about",
    [
        {"status": AppointmentStatus.REQUESTED},
        {"status": AppointmentStatus.CANCELLED},
        {"starts_at": NOW - DAY},
    ],
)
def test_what_does_not_stand_or_is_past_ends_nothing(
    scene: Scene, entry: WaitlistEntry, about: dict[str, object]
) -> None:
    visit = stands(scene, entry, **about)
    assert settle_waits(appointment_id=visit.pk, by=BY, at=scene.at) == 0
    assert state(entry) == (EntryStatus.WAITING, EntryKind.WAITLIST)


@pytest.mark.parametrize("who", ["staff", "the EHR"])
def test_it_is_the_same_whoever_books_it(scene: Scene, entry: WaitlistEntry, who: str) -> None:
    if who == "staff":
        patient = entry.patient
        PatientIdentifier.objects.create(patient=patient, system=SOURCE, value="ehr-waits")
        slot = free_slot(scene)
        request_booking(slot_id=slot.pk, patient=patient, by=BY, at=scene.at)
        assert state(entry)[0] == EntryStatus.WAITING, "requested is not booked"
    else:
        report = AppointmentReport(
            source=SOURCE,
            kind=ReportKind.BOOKED,
            appointment_id="told-1",
            status=AppointmentStatus.BOOKED,
            sent_at=scene.at,
            tells_slots=True,
            starts_at=scene.at + 9 * DAY,
            ends_at=scene.at + 9 * DAY + DAY / 48,
            patient=PatientReport(identifiers=(IdentifierReport(SOURCE, "ehr-waits"),)),
            visit_type=CodeReport("CHK"),
        )
        PatientIdentifier.objects.create(patient=entry.patient, system=SOURCE, value="ehr-waits")
        SourceCode.objects.create(
            source=SOURCE, kind="visit-type", code="CHK", visit_type=scene.visit_type
        )
        apply_appointment_report(report, by=Actor.ehr(SOURCE), at=scene.at)
    scene.settle()
    assert state(entry)[0] == EntryStatus.FULFILLED


@pytest.mark.parametrize("kind", ["in three days", "for established patients"])
def test_whoever_is_offered_a_time_can_book_it(db: None, kind: str) -> None:
    crowd = Crowd(random.Random(11), *SLOTS[kind])
    crowd.add(150)
    slot = get_slot(crowd.slot.pk)
    facts = slot_facts(slot, at=NOW)
    found = people_of(everybody(slot, facts, at=NOW), crowd.opening, slot, facts, at=NOW)
    accepted = [one for one in found if refusal(facts, one.facts, at=NOW) is None]
    visits = Appointment.objects.in_bulk([one.appointment_id for one in accepted])
    assert len(accepted) > 3
    for one in accepted:
        patient = Patient.objects.get(pk=one.facts.patient_id)
        later = visits.get(one.appointment_id)
        kind_there = asked_kind(crowd.opening, slot, patient=patient, gives_up=later)
        against = why_not(
            slot,
            at=NOW,
            patient=patient,
            visit_type=kind_there,
            gives_up_id=one.appointment_id,
        )
        assert against is None, (one, against)


def test_whoever_has_a_visit_joins_for_an_earlier_one_and_anew_after_it(
    scene: Scene, entry: WaitlistEntry
) -> None:
    patient = entry.patient
    visit = stands(scene, entry)
    elsewhere = LocationFactory.create()
    join = partial(
        join_waitlist, patient=patient, visit_type=scene.visit_type, location=elsewhere, by=BY
    )
    first = join(at=scene.at)
    assert first.kind == EntryKind.EARLIER
    assert join(at=scene.at) == first
    Appointment.objects.filter(pk=visit.pk).update(status=AppointmentStatus.FULFILLED)
    again = join(at=visit.starts_at + DAY)
    assert (again.kind, again.status) == (EntryKind.WAITLIST, EntryStatus.WAITING)
    assert state(first) == (EntryStatus.FULFILLED, EntryKind.EARLIER)


@pytest.mark.parametrize(
    ("about", "rule"),
    [
        ({"status": AppointmentStatus.REQUESTED}, "asked-for-one"),
        ({"status": AppointmentStatus.REQUESTED, "starts_at": NOW + DAY}, "asked-for-one"),
        ({"starts_at": NOW + DAY}, "not-earlier"),
        ({"starts_at": NOW - DAY / 2, "status": AppointmentStatus.FULFILLED}, "had-it-since"),
    ],
)
def test_nobody_is_offered_what_they_have_ask_for_or_had(
    scene: Scene, about: dict[str, object], rule: str
) -> None:
    rosa = scene.add_candidate()
    entry = WaitlistEntryFactory.create(
        patient=rosa, visit_type=scene.visit_type, created_at=NOW - DAY
    )
    Appointment.objects.filter(patient=rosa).delete()
    stands(scene, entry, **about)
    scene.free()
    assert not Offer.objects.filter(patient=rosa).exists()
    assert left_out(rosa.pk) == rule


@pytest.mark.parametrize("kind", list(PatientLimit))
def test_an_approved_limit_leaves_whoever_waits_out_and_nobody_who_moves_a_visit(
    scene: Scene, kind: PatientLimit
) -> None:
    mover, waits = scene.add_candidate(), scene.add_candidate()
    Appointment.objects.filter(patient=waits).delete()
    WaitlistEntryFactory.create(
        patient=waits, visit_type=scene.visit_type, created_at=NOW - 300 * DAY
    )
    for patient in (mover, waits):
        PatientRestrictionFactory.create(
            patient=patient,
            clinic=scene.role.clinic,
            kind=kind,
            status=RestrictionStatus.APPROVED,
            decided_at=NOW,
            decided_by="manager",
        )
    scene.free()
    offered = {offer.patient_id for offer in Offer.objects.all()}
    assert offered == {mover.pk}
    assert left_out(waits.pk) == "limited"


def left_out(patient_id: int) -> str:
    return Candidate.objects.get(patient=patient_id).left_out_by
