"""A story at any hour, by the real matcher, whose messages our own readers understand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from pytest_django import DjangoDbBlocker

from crm.engine import Actor
from crm.models import ConsentEntry, Event, Patient
from crm.states import Channel, ConsentDecision, Purpose
from integrations.demo.inventory import HL7_SENDER
from integrations.demo.pick import ENOUGH, SOONEST, NoStory, Story, pick_story
from integrations.fhir.mapping import read_appointment
from integrations.hl7v2.build import Person, Visit, siu
from integrations.hl7v2.mapping import map_siu
from integrations.hl7v2.parse import read_message
from integrations.hl7v2.senders import profile_of
from integrations.models import Hl7Sender
from scheduling.actions import apply_appointment_report
from scheduling.models import Appointment, Clinic, Slot
from scheduling.states import AppointmentStatus, CancelledBy, FillMode, FreedBy, SlotStatus
from tests.integrations.demo import check_may_be_texted, demo_loaded
from waitlist.actions.openings import open_opening

WINTER = dt.date(2026, 1, 15)  # a Thursday; test_demo_hours has the summer, too
PHOENIX, ABU_DHABI = "America/Phoenix", "Asia/Dubai"
BY = Actor.system("test")
pytestmark = pytest.mark.django_db


def utc(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), dt.UTC)


@pytest.fixture(scope="module")
def day(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dt.date]:
    """The day at whose midnight (UTC) the demo was loaded."""
    with demo_loaded(django_db_blocker, utc(WINTER, 0)):
        yield WINTER


def test_a_story_is_a_visit_that_may_be_filled(day: dt.date) -> None:
    at = utc(day, 18)
    story = pick_story(at=at)
    slot = Slot.objects.select_related("role__clinic").get(pk=story.slot_id)
    assert slot.status == SlotStatus.BUSY
    assert slot.source_id == story.slot_key
    assert story.starts_at - at >= SOONEST
    assert slot.role.clinic.mode == FillMode.AUTOMATIC
    visit = Appointment.objects.get(pk=story.appointment_id)
    assert visit.slot == slot
    assert (visit.status, visit.source_id) == (AppointmentStatus.BOOKED, story.appointment_key)
    assert visit.patient_id not in story.candidates


def test_prefers_a_zone_with_time_to_spare(day: dt.date) -> None:
    assert pick_story(at=utc(day, 16)).zone in {PHOENIX, ABU_DHABI}
    assert pick_story(at=utc(day, 16, 55)).zone == PHOENIX  # 20:55 in Abu Dhabi


@pytest.mark.usefixtures("day")
def test_waits_at_most_two_minutes_for_the_next_zone(day: dt.date) -> None:
    """At 21:00 in Phoenix it is 8:00 in Abu Dhabi."""
    assert pick_story(at=utc(day, 3, 57)).zone == PHOENIX
    waits = pick_story(at=utc(day, 3, 58))
    assert (waits.zone, waits.begins_at) == (ABU_DHABI, utc(day, 4))
    check_may_be_texted(waits)
    assert pick_story(at=utc(day, 4)).begins_at == utc(day, 4)


def test_each_run_has_fresh_people(day: dt.date) -> None:
    """A clinic with an opening today comes last, and its slot not at all."""
    at, told = utc(day, 18), set()
    for _ in range(5):
        story = pick_story(at=at)
        assert (story.clinic_id, story.visit_type_id) not in told
        told.add((story.clinic_id, story.visit_type_id))
        cancel(story, at)
        open_opening(slot_id=story.slot_id, cause=FreedBy.CANCELLATION, by=BY, at=at)


def test_leaves_out_clinics_that_do_not_fill(day: dt.date) -> None:
    at = utc(day, 18)
    story = pick_story(at=at)
    Clinic.objects.filter(pk=story.clinic_id).update(mode=FillMode.OFF)
    assert pick_story(at=at).clinic_id != story.clinic_id


def test_says_when_nobody_is_left(day: dt.date) -> None:
    at = utc(day, 18)
    Patient.objects.update(wants_earlier_offers=False)
    with pytest.raises(NoStory, match="make reset"):
        pick_story(at=at)


def test_needs_eight_who_may_be_texted(day: dt.date) -> None:
    at = utc(day, 18)
    story = pick_story(at=at)
    opted_out = story.candidates[ENOUGH - 1 :]
    ConsentEntry.objects.bulk_create(
        ConsentEntry(
            phone=link.phone,
            channel=Channel.SMS,
            purpose=Purpose.ALL,
            decision=ConsentDecision.REVOKED,
            at=at - dt.timedelta(minutes=1),
            source="sms-keyword",
            recorded_by="test",
        )
        for patient in Patient.objects.filter(pk__in=opted_out)
        for link in patient.patient_phones.all()
    )
    now = pick_story(at=at)
    assert (now.clinic_id, now.visit_type_id) != (story.clinic_id, story.visit_type_id)


def message_of(story: Story, at: dt.datetime) -> bytes:
    """The SIU that the clinic's interface engine would send when this patient cancels."""
    application, facility = HL7_SENDER.split("|")
    patient = story.patient
    return siu(
        "S15",
        control_id="1",
        sent_at=at,
        sending_application=application,
        sending_facility=facility,
        patient=Person(
            identifiers=(story.mrn,),
            family_name=patient.family_name,
            given_name=patient.given_name,
            birth_on=patient.birth_on,
        ),
        visit=Visit(
            filler_id=story.appointment_key,
            starts_at=story.starts_at,
            ends_at=story.ends_at,
            provider=story.provider,
            location=story.location[0],
            visit_type=story.visit_type,
            reason=("PAT", "Patient"),
        ),
    )


def cancel(story: Story, at: dt.datetime) -> None:
    """By HL7, through our own reader and rules."""
    report = map_siu(
        read_message(message_of(story, at)), profile_of(Hl7Sender.objects.get(name=HL7_SENDER))
    )
    apply_appointment_report(report, by=Actor.ehr(report.source), at=at)


def test_its_hl7_cancellation_frees_the_slot(day: dt.date) -> None:
    """By the rule that the clinic has signed: SIU itself says nothing of slots."""
    at = utc(day, 18)
    story, before = pick_story(at=at), Patient.objects.count()
    cancel(story, at)
    slot = Slot.objects.get(pk=story.slot_id)
    visit = Appointment.objects.get(pk=story.appointment_id)
    assert (visit.status, visit.cancelled_by) == (
        AppointmentStatus.CANCELLED,
        CancelledBy.PATIENT,
    )
    assert (slot.status, slot.taken) == (SlotStatus.FREE, 0)
    assert Event.objects.filter(name="scheduling.slot-freed", subject_id=slot.pk).count() == 1
    assert Patient.objects.count() == before, "nobody was registered anew"


def test_its_fhir_cancellation_is_understood(day: dt.date) -> None:
    at = utc(day, 18)
    story, before = pick_story(at=at), Patient.objects.count()
    actors = (f"Patient/{story.patient_key}", f"Practitioner/{story.provider[0]}")
    body = {
        "resourceType": "Appointment",
        "id": story.appointment_key,
        "meta": {"versionId": "2", "lastUpdated": at.isoformat()},
        "status": "cancelled",
        "cancelationReason": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason",
                    "code": "pat",
                }
            ]
        },
        "start": story.starts_at.isoformat(),
        "end": story.ends_at.isoformat(),
        "slot": [{"reference": f"Slot/{story.slot_key}"}],
        "participant": [{"actor": {"reference": actor}} for actor in actors],
    }
    report = read_appointment(body, source=settings.FIRSTCALL.ehr_source)
    apply_appointment_report(report, by=Actor.ehr(report.source), at=at)
    assert Appointment.objects.get(pk=story.appointment_id).status == AppointmentStatus.CANCELLED
    assert Slot.objects.get(pk=story.slot_id).status == SlotStatus.VACATED
    assert Patient.objects.count() == before, "nobody was registered anew"


def test_people_are_awake_where_they_live(day: dt.date) -> None:
    """Not by the matcher's word alone: the wall clock at each candidate's address."""
    for hour in (2, 9, 15, 21):
        story = pick_story(at=utc(day, hour))
        for zone in Patient.objects.filter(pk__in=story.candidates).values_list("zone", flat=True):
            local = story.begins_at.astimezone(ZoneInfo(zone))
            assert dt.time(8) <= local.time() < dt.time(21)


def test_its_time_is_the_sites(day: dt.date) -> None:
    story = pick_story(at=utc(day, 18))
    local = story.starts_at.astimezone(ZoneInfo(story.zone))
    assert dt.time(8) <= local.time() < dt.time(17)
    assert local.weekday() < 5
