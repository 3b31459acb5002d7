"""Orders of events that a first version got wrong."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.engine import Actor
from crm.models import Journey, Patient, Task
from crm.states import TaskKind
from outreach.models import Message
from outreach.states import MessageStatus
from scheduling.actions import BookingRefused, apply_appointment_report
from scheduling.models import Appointment, EhrWrite, Slot
from scheduling.ports import AppointmentReport, ReportKind
from scheduling.states import AppointmentStatus, SlotStatus
from tests.factories import (
    SOURCE,
    CandidateFactory,
    MessageFactory,
    OfferFactory,
    OpeningFactory,
    PatientPhoneFactory,
    VisitTypeFactory,
    phone_of,
)
from tests.fakes.sms import FakeSms
from tests.waitlist.scene import EHR, Scene
from waitlist.actions import (
    accept_offer,
    book_by_hand,
    close_because_taken,
    offer_another,
    pause_opening,
)
from waitlist.models import Offer, Opening
from waitlist.states import OfferStatus, OpeningStatus

STAFF = Actor.system("test")


def yes(scene: Scene, patient: Patient) -> Offer:
    by = Actor.patient(patient, channel="web")
    return accept_offer(offer_id=scene.offer_to(patient).pk, channel="web", by=by, at=scene.at)


def second_offer(scene: Scene, patient: Patient) -> Offer:
    """Another opening, offered to the same patient for the same later visit."""
    slot = scene._slot(scene.slot.starts_at + dt.timedelta(days=3))
    type(slot).objects.filter(pk=slot.pk).update(status=SlotStatus.FREE, taken=0)
    slot.refresh_from_db()
    scene.ehr.slots[slot.source_id] = type(scene.ehr.slots[slot.source_id])(
        SOURCE, slot.source_id, SlotStatus.FREE, scene.at, slot.starts_at, slot.ends_at, version="1"
    )
    opening = OpeningFactory.create(
        slot=slot,
        status=OpeningStatus.OFFERING,
        matched_at=scene.at,
        opened_at=scene.at,
        deadline_at=slot.starts_at - dt.timedelta(hours=2),
    )
    candidate = CandidateFactory.create(opening=opening, patient=patient, rank=1)
    return OfferFactory.create(
        opening=opening,
        slot=slot,
        wave=None,
        candidate=candidate,
        patient=patient,
        phone=phone_of(patient),
        gives_up=scene.later_visit(patient),
        interaction=scene.offer_to(patient).interaction,
        offered_at=scene.at,
        expires_at=opening.deadline_at,
    )


def told(scene: Scene, visit: Appointment, status: AppointmentStatus) -> None:
    report = AppointmentReport(
        source=SOURCE,
        kind=ReportKind.STATE,
        appointment_id=f"told-{visit.pk}",
        status=status,
        sent_at=scene.at,
        tells_slots=True,
        our_identifier=str(visit.identifier),
    )
    apply_appointment_report(report, by=EHR, at=scene.at)


def test_a_visit_that_the_ehr_ends_before_confirming_it_frees_the_line(scene: Scene) -> None:
    first, second = scene.add_candidate(), scene.add_candidate()
    opening = scene.free()
    scene.settle(hours=3)
    scene.ehr.go_away()
    yes(scene, first)
    yes(scene, second)
    scene.settle()
    visit = Appointment.objects.get(patient=first, origin="firstcall")
    told(scene, visit, AppointmentStatus.CANCELLED)
    scene.ehr.come_back()
    scene.settle(minutes=5)
    assert scene.offer_to(first).status == OfferStatus.CLOSED
    assert "offer_refused" in scene.texts_to(first)
    assert scene.later_visit(first).status == AppointmentStatus.BOOKED
    assert scene.offer_to(second).status == OfferStatus.WON
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.FILLED


def test_booked_and_cancelled_before_anybody_listened_is_not_told_as_booked(scene: Scene) -> None:
    winner = scene.add_candidate()
    scene.free()
    scene.ehr.go_away()
    yes(scene, winner)
    visit = Appointment.objects.get(patient=winner, origin="firstcall")
    told(scene, visit, AppointmentStatus.BOOKED)
    told(scene, visit, AppointmentStatus.CANCELLED)
    scene.settle()
    assert not {t for t in scene.texts_to(winner) if t.startswith("offer_confirmed")}
    assert scene.later_visit(winner).status == AppointmentStatus.BOOKED


def test_a_winner_is_told_although_an_earlier_win_ended_the_journey(scene: Scene) -> None:
    winner = scene.add_candidate()
    scene.free()
    journey = Journey.objects.get(patient=winner)
    Journey.objects.filter(pk=journey.pk).update(status="resolved")
    scene.reply(winner, "yes")
    assert scene.offer_to(winner).status == OfferStatus.WON
    assert scene.texts_to(winner)[-1].startswith("offer_confirmed")


def test_a_win_closes_the_winners_other_offers_for_the_same_visit(scene: Scene) -> None:
    winner = scene.add_candidate()
    scene.free()
    rival = second_offer(scene, winner)
    yes(scene, winner)
    scene.settle()
    rival.refresh_from_db()
    assert rival.status == OfferStatus.CLOSED
    assert Appointment.objects.filter(patient=winner, origin="firstcall").count() == 1


def test_a_yes_without_a_later_visit_left_does_not_add_a_second_one(scene: Scene) -> None:
    patient = scene.add_candidate()
    scene.free()
    later = scene.later_visit(patient)
    Appointment.objects.filter(pk=later.pk).update(status=AppointmentStatus.FULFILLED)
    with pytest.raises(BookingRefused, match="moved or given up"):
        yes(scene, patient)
    assert not Appointment.objects.filter(patient=patient, origin="firstcall").exists()


def test_a_later_wave_leaves_out_whom_a_rule_now_leaves_out(scene: Scene) -> None:
    people = [scene.add_candidate(days=20 + n) for n in range(20)]
    opening = scene.free()
    waiting = [p for p in people if not Offer.objects.filter(patient=p).exists()]
    gone = waiting[0]
    Appointment.objects.filter(patient=gone).update(status=AppointmentStatus.FULFILLED)
    for _ in range(12):
        scene.settle(hours=1)
    assert opening.waves.count() > 1
    assert not Offer.objects.filter(patient=gone).exists()
    assert opening.candidates.get(patient=gone).left_out_by == "no-longer-waits"


def test_those_who_may_be_texted_tomorrow_are_asked_tomorrow(scene: Scene) -> None:
    today, tomorrow = scene.add_candidate(), scene.add_candidate()
    MessageFactory.create(
        patient=tomorrow,
        phone=phone_of(tomorrow),
        purpose="offer",
        status=MessageStatus.DELIVERED,
        sent_at=scene.at,
        due_at=None,
    )
    scene.free()
    assert [o.patient for o in Offer.objects.all()] == [today]
    scene.settle(hours=23)
    assert scene.offer_to(tomorrow).status == OfferStatus.SENT


def test_texts_that_have_not_left_stay_when_the_opening_closes(
    scene: Scene, carrier: type[FakeSms]
) -> None:
    carrier.segments_per_second = 0.001  # one text, and then nothing for a quarter of an hour
    for n in range(12):
        scene.add_candidate(days=20 + n)
    scene.free()
    assert len(carrier.texts) == 1
    scene.ehr_says(scene.slot, SlotStatus.BUSY)
    scene.settle(days=1)
    bodies = [text.body for _, text in carrier.texts]
    assert len(bodies) == 2  # the offer that had left, and the news that it is gone
    assert not Message.objects.filter(purpose="offer", status=MessageStatus.QUEUED).exists()


def test_old_news_that_the_slot_was_taken_closes_nothing(scene: Scene) -> None:
    scene.add_candidate()
    opening = scene.free()
    close_because_taken(slot_id=scene.slot.pk, appointment_id=None, by=STAFF, at=scene.at)
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.OFFERING


def test_a_refused_hand_booking_is_a_task_and_the_time_opens_again(scene: Scene) -> None:
    chosen = scene.add_candidate()
    opening = scene.free()
    scene.ehr.refuse_next(422)
    book_by_hand(opening_id=opening.pk, patient=chosen, gives_up=None, by=STAFF, at=scene.at)
    scene.settle()
    assert Task.objects.filter(kind=TaskKind.EHR_WRITE, patient=chosen).exists()
    assert Opening.objects.filter(slot=scene.slot).exclude(pk=opening.pk).exists()


def test_ok_to_a_confirmation_does_not_take_another_time(scene: Scene) -> None:
    winner = scene.add_candidate()
    scene.free()
    scene.reply(winner, "yes")
    other = second_offer(scene, winner)
    scene.reply(winner, "ok")
    other.refresh_from_db()
    assert other.status != OfferStatus.ACCEPTED
    assert Appointment.objects.filter(patient=winner, origin="firstcall").count() == 1


@pytest.mark.parametrize("is_sensitive", [True, False])
def test_a_late_yes_hears_of_a_sensitive_time_only_on_a_phone_that_may(
    scene: Scene, *, is_sensitive: bool
) -> None:
    patient = scene.add_candidate()
    scene.free()
    missed = scene.offer_to(patient)
    other = second_offer(scene, patient)
    PatientPhoneFactory.create(phone=phone_of(patient))  # somebody else has it, too
    kind = VisitTypeFactory.create(is_sensitive=is_sensitive)
    Slot.objects.filter(pk=other.slot_id).update(visit_type=kind)
    found = offer_another(missed=missed, by=STAFF, at=scene.at)
    assert found == (None if is_sensitive else other)


def test_no_while_the_ehr_is_asked_goes_to_a_person(scene: Scene) -> None:
    patient = scene.add_candidate()
    scene.free()
    scene.ehr.go_away()
    scene.reply(patient, "yes")
    scene.reply(patient, "no")
    assert Task.objects.filter(kind=TaskKind.CANCEL_VISIT, patient=patient).exists()


def test_a_write_that_cannot_be_looked_up_asks_a_person_in_the_end(scene: Scene) -> None:
    winner = scene.add_candidate()
    scene.free()
    scene.ehr.lose_next_answer()
    scene.reply(winner, "yes")
    scene.ehr.go_away()
    for _ in range(12):
        scene.settle(minutes=5)
    assert Task.objects.filter(kind=TaskKind.CONFIRM_REQUEST, patient=winner).count() == 1
    assert scene.texts_to(winner)[-1] == "offer_requested"


def test_a_visit_of_another_ehr_is_never_cancelled_in_this_one(scene: Scene) -> None:
    winner = scene.add_candidate()
    later = scene.later_visit(winner)
    Appointment.objects.filter(pk=later.pk).update(source="LAB|MAIN")
    scene.free()
    scene.reply(winner, "yes")
    assert scene.ehr.visits[later.source_id].status == AppointmentStatus.BOOKED
    assert EhrWrite.objects.get(appointment=later).status == "pending"
    assert Task.objects.filter(kind=TaskKind.EHR_WRITE, patient=winner).exists()


def test_a_pause_is_kept_through_a_claim_that_falls_through(scene: Scene) -> None:
    patient = scene.add_candidate()
    opening = scene.free()
    pause_opening(opening_id=opening.pk, by=STAFF, at=scene.at)
    scene.ehr.refuse_next(422)
    scene.reply(patient, "yes")
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.PAUSED
