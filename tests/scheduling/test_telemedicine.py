"""Visits by video: rooms, licenses, where the patient is, and what does not work."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from config.env import get_env
from crm.models import Task
from crm.states import TaskKind, TaskStatus
from integrations.video.gateway import RoomByAddress
from scheduling import video_tasks
from scheduling.actions import BookingRefused, cancel_appointment, mark_no_show, request_booking
from scheduling.actions.booking import confirm_booking
from scheduling.actions.telemedicine import (
    end_video,
    excuse_trouble,
    say_trouble,
    say_where,
    want_video,
)
from scheduling.models import Appointment, ProviderLicense, Slot, VideoVisit
from scheduling.ports import EhrAppointment, VideoUnavailable
from scheduling.queries import why_not
from scheduling.rules import HiddenBy
from scheduling.rules.states import STATES, License, licensed_on, state_code
from scheduling.states import AppointmentStatus, MissedBecause, Modality, RuleEffect, VideoStatus
from tests.factories import NOW, PatientFactory, SlotFactory
from tests.scheduling.plan_world import BY

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(days=5)
ADDRESS = "https://meet.example.org/{room}"


@pytest.fixture(autouse=True)
def _provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_env(), "video_url", ADDRESS)


def a_slot(**said: Any) -> Slot:
    return SlotFactory.create(**{"modality": Modality.VIDEO} | said)


def license_for(slot: Slot, state: str, **days: Any) -> None:
    values = {"valid_from": NOW.date() - dt.timedelta(days=99)} | days
    ProviderLicense.objects.create(provider=slot.role.provider, state=state, **values)


def booked(slot: Slot | None = None, **patient: Any) -> Appointment:
    slot = slot or a_slot()
    who = PatientFactory.create(**{"state": "AZ"} | patient)
    visit = request_booking(slot_id=slot.pk, patient=who, by=BY, at=NOW)
    told = EhrAppointment(f"e{visit.pk}", AppointmentStatus.BOOKED, visit.starts_at, visit.ends_at)
    confirm_booking(appointment_id=visit.pk, told=told, source="ehr", by=BY, at=NOW)
    want_video(appointment_id=visit.pk, by=BY, at=NOW)
    return visit


def run_step(visit: Appointment) -> dt.datetime | None:
    return video_tasks.make_room(VideoVisit.objects.get(appointment=visit).pk, NOW)


class TestLicense:
    def test_hides_a_clinician_without_one_where_the_patient_is(self) -> None:
        slot = a_slot()
        license_for(slot, "AZ")
        here, there = PatientFactory.create(state="Arizona"), PatientFactory.create(state="NY")
        assert why_not(slot, at=NOW, patient=here) is None
        hidden = why_not(slot, at=NOW, patient=there)
        assert hidden is not None
        assert (hidden.rule, hidden.effect) == (HiddenBy.LICENSE, RuleEffect.BLOCK)
        assert "New York" in hidden.sentence
        with pytest.raises(BookingRefused):
            request_booking(slot_id=slot.pk, patient=there, by=BY, at=NOW)

    def test_says_nothing_of_visits_in_person_nor_where_none_is_kept(self) -> None:
        there = PatientFactory.create(state="NY")
        in_person = a_slot(modality=Modality.IN_PERSON)
        license_for(in_person, "AZ")
        assert why_not(in_person, at=NOW, patient=there) is None
        assert why_not(a_slot(), at=NOW, patient=there) is None

    def test_counts_on_the_day_of_the_visit(self) -> None:
        slot, here = a_slot(), PatientFactory.create(state="AZ")
        license_for(slot, "AZ", valid_until=slot.starts_at.date() - dt.timedelta(days=1))
        hidden = why_not(slot, at=NOW, patient=here)
        assert hidden is not None
        assert hidden.rule == HiddenBy.LICENSE

    def test_reads_states_as_people_write_them(self) -> None:
        assert [state_code(one) for one in (" az", "New  York", "Ontario", "")] == [
            "AZ", "NY", "", "",
        ]  # fmt: skip
        assert len(STATES) == 56
        day = dt.date(2026, 11, 1)
        ends = [License("AZ", day, day), License("NY", day + dt.timedelta(days=1), None)]
        assert licensed_on(ends, day) == {"AZ"}


class TestRoom:
    def test_is_made_once_the_ehr_has_the_visit(self) -> None:
        visit = booked()
        assert run_step(visit) is None
        video = VideoVisit.objects.get(appointment=visit)
        assert video.status == VideoStatus.READY
        assert video.patient_url.startswith("https://meet.example.org/")
        assert run_step(visit) is None
        video.refresh_from_db()
        assert video.made_for == visit.starts_at

    def test_cannot_be_guessed_and_is_the_same_again(self) -> None:
        gateway = RoomByAddress()
        first = gateway.create_room("a", NOW, LATER)
        assert gateway.create_room("a", NOW, LATER) == first
        assert gateway.create_room("a", LATER, LATER).patient_url != first.patient_url
        assert len(first.patient_url.rsplit("/", 1)[1]) == 32

    @pytest.mark.parametrize("url", ["", "https://meet.example.org/", "http://meet.org/{room}"])
    def test_refuses_an_address_that_is_none(
        self, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(get_env(), "video_url", url)
        with pytest.raises(VideoUnavailable):
            RoomByAddress().create_room("a", NOW, LATER)

    def test_asks_a_person_when_none_is_to_be_had(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(get_env(), "video_url", "")
        visit = booked()
        for _ in range(video_tasks.PATIENCE - 1):
            assert run_step(visit) == NOW + video_tasks.RETRY
        assert run_step(visit) is None
        assert VideoVisit.objects.get().status == VideoStatus.FAILED
        assert Task.objects.get(kind=TaskKind.VIDEO_VISIT).patient == visit.patient

    def test_is_made_again_where_the_visit_was_moved(self) -> None:
        visit = booked()
        run_step(visit)
        old = VideoVisit.objects.get().patient_url
        Appointment.objects.filter(pk=visit.pk).update(
            starts_at=visit.starts_at + dt.timedelta(hours=1),
            ends_at=visit.ends_at + dt.timedelta(hours=1),
        )
        want_video(appointment_id=visit.pk, by=BY, at=NOW)
        run_step(visit)
        assert VideoVisit.objects.get().patient_url != old

    def test_each_change_of_it_is_told_of_the_visit_and_so_of_its_patient(
        self, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
    ) -> None:
        """Pages about the patient hear of it, and look again."""
        told: list[tuple[str, dict[str, int]]] = []
        monkeypatch.setattr(
            "crm.engine.events._tell_live",
            lambda events: told.extend((event.name, event.concerns) for event in events),
        )
        visit, hour = booked(), dt.timedelta(hours=1)
        with django_capture_on_commit_callbacks(execute=True):
            run_step(visit)
            Appointment.objects.update(
                starts_at=visit.starts_at + hour, ends_at=visit.ends_at + hour
            )
            want_video(appointment_id=visit.pk, by=BY, at=NOW)
            run_step(visit)
            end_video(appointment_id=visit.pk, by=BY, at=NOW)
        videos = [one for one in told if one[0].startswith("scheduling.video-")]
        whose = {"patient": visit.patient_id}
        assert videos == [
            ("scheduling.video-ready", whose),
            ("scheduling.video-changed", whose),  # the link that stood is none any more
            ("scheduling.video-ready", whose),
            ("scheduling.video-changed", whose),
        ]

    def test_is_closed_with_the_visit_and_made_for_no_other_kind(self) -> None:
        visit = booked()
        cancel_appointment(appointment_id=visit.pk, by=BY, at=NOW)
        end_video(appointment_id=visit.pk, by=BY, at=NOW)
        assert VideoVisit.objects.get().status == VideoStatus.ENDED
        assert run_step(visit) is None
        booked(a_slot(modality=Modality.IN_PERSON))
        assert VideoVisit.objects.count() == 1


class TestOnTheDay:
    def test_another_state_asks_staff_and_coming_back_settles_it(self) -> None:
        slot = a_slot()
        license_for(slot, "AZ")
        visit = booked(slot)
        assert say_where(appointment_id=visit.pk, state="NY", by=BY, at=NOW) is False
        task = Task.objects.get(kind=TaskKind.VIDEO_VISIT)
        assert "New York" in task.why
        assert say_where(appointment_id=visit.pk, state="AZ", by=BY, at=NOW) is True
        task.refresh_from_db()
        assert task.status == TaskStatus.DONE
        with pytest.raises(ValueError, match="Ontario"):
            say_where(appointment_id=visit.pk, state="Ontario", by=BY, at=NOW)

    def test_a_technical_failure_is_no_no_show(self) -> None:
        visit = booked()
        say_trouble(appointment_id=visit.pk, what="camera", by=BY, at=NOW)
        assert Task.objects.filter(kind=TaskKind.VIDEO_VISIT).count() == 1
        mark_no_show(appointment_id=visit.pk, by=BY, at=LATER)
        excuse_trouble(appointment_id=visit.pk, by=BY, at=LATER)
        visit.refresh_from_db()
        assert visit.missed_because == MissedBecause.TECHNICAL_FAILURE

    def test_without_trouble_it_stays_one(self) -> None:
        visit = booked()
        mark_no_show(appointment_id=visit.pk, by=BY, at=LATER)
        excuse_trouble(appointment_id=visit.pk, by=BY, at=LATER)
        visit.refresh_from_db()
        assert visit.missed_because == ""
