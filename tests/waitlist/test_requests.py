"""Where only a person can book: "requested" until they have, and an honest no in time."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from crm.engine import Actor
from crm.models import Patient, Task
from crm.states import TaskKind, TaskStatus
from scheduling.actions import (
    NotPossible,
    NumberTaken,
    RequestSettled,
    apply_appointment_report,
    confirm_by_hand,
    refuse_by_hand,
)
from scheduling.models import Appointment, EhrWrite, Slot
from scheduling.ports import (
    AppointmentReport,
    CodeReport,
    IdentifierReport,
    PatientReport,
    ProviderReport,
    ReportKind,
)
from scheduling.states import AppointmentStatus, EhrWriteStatus, SlotStatus
from tests.factories import (
    SOURCE,
    ProviderFactory,
    ServiceRequestFactory,
    SourceCodeFactory,
)
from tests.waitlist.scene import EHR, Scene
from waitlist.actions import accept_offer
from waitlist.models import Offer, Opening
from waitlist.states import OfferStatus, OpeningStatus

CLERK = Actor.system("Fiona")


def read_only(scene: Scene) -> None:
    """An EHR without write access."""
    scene.ehr.capabilities = replace(scene.ehr.capabilities, can_book=False, can_cancel=False)


def of_another_ehr(scene: Scene) -> None:
    Slot.objects.filter(pk=scene.slot.pk).update(source="OTHER|EHR")


def away(scene: Scene) -> None:
    scene.ehr.go_away()


def requested(scene: Scene, patient: Patient) -> Appointment:
    return Appointment.objects.get(patient=patient, origin="firstcall")


def ask(scene: Scene, how: object = read_only) -> tuple[Opening, Patient, Appointment]:
    """The winner's yes is a request now, and a person has the task."""
    winner = scene.add_candidate()
    opening = scene.free()
    how(scene)  # type: ignore[operator]
    scene.reply(winner, "yes")
    if how is away:
        scene.settle(minutes=1)
        for _ in range(10):
            scene.settle(seconds=30)
    return opening, winner, requested(scene, winner)


def said_by_ehr(
    scene: Scene, patient: Patient, kind: ReportKind, *, key: str, starts_at: dt.datetime
) -> AppointmentReport:
    """What the clinic's feed says once a clerk has booked it there, under a number of its own."""
    return AppointmentReport(
        source=SOURCE,
        kind=kind,
        appointment_id=key,
        status=AppointmentStatus.BOOKED,
        sent_at=scene.at,
        tells_slots=True,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(minutes=30),
        patient=PatientReport((IdentifierReport(SOURCE, f"ehr-{patient.pk}"),)),
        providers=(ProviderReport("dr-1"),),
        visit_type=CodeReport("vt"),
    )


@pytest.mark.parametrize("how", [read_only, of_another_ehr, away])
def test_the_winner_hears_requested_and_a_person_gets_a_task(scene: Scene, how: object) -> None:
    opening, winner, visit = ask(scene, how)
    task = Task.objects.get(kind=TaskKind.CONFIRM_REQUEST)
    assert (task.patient, task.cause_key) == (winner, f"confirm-request:{visit.pk}")
    told = scene.texts_to(winner)
    assert told[-1] == "offer_requested"
    assert not {text for text in told if text.startswith("offer_confirmed")}
    assert ("offer_pending_yours" in told) is (how is away)
    opening.refresh_from_db()
    scene.slot.refresh_from_db()
    assert (opening.status, scene.slot.status) == (OpeningStatus.CLAIMED, SlotStatus.BUSY)
    assert visit.status == AppointmentStatus.REQUESTED


@pytest.mark.parametrize("number", ["", "EPIC-77"])
def test_a_clerks_word_books_it(scene: Scene, number: str) -> None:
    opening, winner, visit = ask(scene)
    confirm_by_hand(appointment_id=visit.pk, number=number, by=CLERK, at=scene.at)
    scene.settle()
    opening.refresh_from_db()
    visit.refresh_from_db()
    assert (opening.status, visit.status) == (OpeningStatus.FILLED, AppointmentStatus.BOOKED)
    assert visit.source_id == number
    assert scene.texts_to(winner)[-1].startswith("offer_confirmed")
    assert Task.objects.get(kind=TaskKind.CONFIRM_REQUEST).status == TaskStatus.DONE
    assert EhrWrite.objects.get(appointment=visit).status == EhrWriteStatus.DONE
    with pytest.raises(RequestSettled):
        confirm_by_hand(appointment_id=visit.pk, number="", by=CLERK, at=scene.at)
    # The feed's news of it, whatever number was written down, is news of this visit.
    report = said_by_ehr(
        scene, winner, ReportKind.BOOKED, key="EPIC-78", starts_at=scene.slot.starts_at
    )
    apply_appointment_report(report, by=EHR, at=scene.at)
    visit.refresh_from_db()
    assert visit.source_id == "EPIC-78"
    assert Appointment.objects.filter(patient=winner, status="booked").count() == 1


def test_a_number_that_another_visit_has_is_refused(scene: Scene) -> None:
    _, _, visit = ask(scene)
    with pytest.raises(NumberTaken):
        confirm_by_hand(
            appointment_id=visit.pk, number=scene.visit.source_id, by=CLERK, at=scene.at
        )
    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.REQUESTED


@pytest.mark.parametrize("kind", [ReportKind.BOOKED, ReportKind.MODIFIED, ReportKind.STATE])
def test_the_feeds_own_news_books_it(scene: Scene, kind: ReportKind) -> None:
    opening, winner, visit = ask(scene)
    report = said_by_ehr(scene, winner, kind, key="EPIC-77", starts_at=scene.slot.starts_at)
    apply_appointment_report(report, by=EHR, at=scene.at)
    scene.settle()
    opening.refresh_from_db()
    visit.refresh_from_db()
    assert (opening.status, visit.status) == (OpeningStatus.FILLED, AppointmentStatus.BOOKED)
    assert visit.source_id == "EPIC-77"
    assert Appointment.objects.filter(patient=winner).count() == 2
    assert scene.texts_to(winner)[-1].startswith("offer_confirmed")
    assert Task.objects.get(kind=TaskKind.CONFIRM_REQUEST).status == TaskStatus.DONE


def test_moving_the_later_visit_in_the_ehr_fulfils_the_request(scene: Scene) -> None:
    opening, winner, visit = ask(scene)
    later = scene.later_visit(winner)
    key, slot = later.source_id, later.slot
    order = ServiceRequestFactory.create(
        patient=winner, visit_type=scene.visit_type, appointment=later
    )
    scene.ehr.set_status(key, AppointmentStatus.CANCELLED)  # there, its slot is free again
    report = said_by_ehr(
        scene, winner, ReportKind.RESCHEDULED, key=key, starts_at=scene.slot.starts_at
    )
    apply_appointment_report(report, by=EHR, at=scene.at)
    scene.settle()
    opening.refresh_from_db()
    visit.refresh_from_db()
    later.refresh_from_db()
    assert (opening.status, visit.status) == (OpeningStatus.FILLED, AppointmentStatus.BOOKED)
    assert (visit.source_id, later.source_id) == (key, "")
    order.refresh_from_db()
    assert order.appointment == visit
    assert later.status == AppointmentStatus.CANCELLED
    child = Opening.objects.get(parent=opening)
    assert (child.slot, child.cause) == (slot, "given-up")
    assert not EhrWrite.objects.filter(appointment=later).exists()
    assert Appointment.objects.filter(patient=winner, status="booked").count() == 1


def test_news_of_the_same_time_with_another_clinician_is_another_visit(scene: Scene) -> None:
    _, winner, visit = ask(scene)
    SourceCodeFactory.create(
        source=SOURCE, kind="provider", code="dr-1", provider=ProviderFactory.create()
    )
    report = said_by_ehr(
        scene, winner, ReportKind.BOOKED, key="EPIC-77", starts_at=scene.slot.starts_at
    )
    apply_appointment_report(report, by=EHR, at=scene.at)
    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.REQUESTED


@pytest.mark.parametrize("why", list(NotPossible))
def test_a_clinics_no_is_told_and_the_next_is_asked_where_it_is_free(
    scene: Scene, why: NotPossible
) -> None:
    first, second = scene.add_candidate(), scene.add_candidate()
    opening = scene.free()
    scene.settle(hours=3)
    read_only(scene)
    for patient in (first, second):
        accept_offer(
            offer_id=scene.offer_to(patient).pk,
            channel="web",
            by=Actor.patient(patient, channel="web"),
            at=scene.at,
        )
    scene.settle()
    visit = requested(scene, first)
    refuse_by_hand(appointment_id=visit.pk, why=why, sentence="No.", by=CLERK, at=scene.at)
    scene.settle()
    opening.refresh_from_db()
    assert scene.offer_to(first).status == OfferStatus.REFUSED
    assert scene.texts_to(first)[-1] == "offer_refused"
    assert scene.later_visit(first).status == AppointmentStatus.BOOKED
    if why.leaves_free:
        assert opening.status == OpeningStatus.CLAIMED
        assert scene.texts_to(second)[-1] == "offer_requested"
    else:
        assert opening.status == OpeningStatus.TAKEN
        assert scene.texts_to(second)[-1] == "offer_gone"


def test_a_request_that_nobody_confirms_lapses_and_the_next_is_asked(scene: Scene) -> None:
    opening, winner, visit = ask(scene)
    lapses_at = EhrWrite.objects.get(appointment=visit).lapses_at
    assert lapses_at is not None
    assert lapses_at < opening.deadline_at
    second = scene.add_candidate()
    opening.candidates.create(
        patient=second,
        kind="later-visit",
        rank=2,
        chance=0.3,
        appointment=scene.later_visit(second),
    )
    scene.at = lapses_at
    scene.settle()
    visit.refresh_from_db()
    opening.refresh_from_db()
    assert visit.status == AppointmentStatus.REFUSED
    assert scene.texts_to(winner)[-1] == "offer_refused"
    assert Task.objects.get(kind=TaskKind.CONFIRM_REQUEST).status == TaskStatus.CANCELLED
    assert opening.status == OpeningStatus.OFFERING
    scene.settle(hours=24)
    assert Offer.objects.filter(opening=opening, patient=second).exists()


def test_an_answer_that_is_out_is_never_told_as_a_no(scene: Scene) -> None:
    winner = scene.add_candidate()
    scene.free()
    scene.ehr.lose_next_answer()
    scene.reply(winner, "yes")
    scene.ehr.go_away()
    for _ in range(12):
        scene.settle(minutes=5)
    write = EhrWrite.objects.get(appointment=requested(scene, winner))
    assert write.lapses_at is not None
    scene.at = write.lapses_at + dt.timedelta(hours=1)
    scene.settle()
    assert requested(scene, winner).status == AppointmentStatus.REQUESTED
    scene.ehr.come_back()
    scene.settle(minutes=30)
    assert requested(scene, winner).status == AppointmentStatus.BOOKED
    assert Task.objects.get(kind=TaskKind.CONFIRM_REQUEST).status == TaskStatus.DONE


def test_the_ehr_is_not_asked_beside_the_person_who_has_taken_the_task(scene: Scene) -> None:
    _, winner, visit = ask(scene, away)
    Task.objects.filter(kind=TaskKind.CONFIRM_REQUEST).update(status=TaskStatus.CLAIMED)
    asked = scene.ehr.calls["book"]
    scene.ehr.come_back()
    scene.settle(minutes=10)
    assert scene.ehr.calls["book"] == asked
    confirm_by_hand(appointment_id=visit.pk, number="EPIC-77", by=CLERK, at=scene.at)
    scene.settle()
    assert scene.texts_to(winner)[-1].startswith("offer_confirmed")
    assert scene.ehr.calls["book"] == asked


def test_a_late_answer_beside_a_booking_by_hand_is_seen(scene: Scene) -> None:
    winner = scene.add_candidate()
    scene.free()
    scene.ehr.lose_next_answer()
    scene.reply(winner, "yes")
    scene.ehr.go_away()
    for _ in range(12):
        scene.settle(minutes=5)
    visit = requested(scene, winner)
    confirm_by_hand(appointment_id=visit.pk, number="EPIC-77", by=CLERK, at=scene.at)
    scene.ehr.come_back()
    scene.settle(minutes=10)
    assert requested(scene, winner).source_id == "EPIC-77"
    assert Task.objects.get(kind=TaskKind.OVERLAP).cause_key == f"booked-twice:{visit.pk}"
