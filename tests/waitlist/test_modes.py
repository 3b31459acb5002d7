"""Shadow sends nothing, a clerk's wave waits for the clerk, and a switch honors what is out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from crm.engine import Actor, IllegalMove, move
from crm.models import AuditEntry, Interaction, Task
from crm.states import TaskKind, TaskStatus
from outreach.actions import withdraw
from outreach.models import Message
from outreach.states import MessageStatus
from scheduling.actions import set_fill_mode
from scheduling.models import Appointment, Clinic
from scheduling.states import AppointmentStatus, FillMode, SlotStatus
from tests.factories import AppointmentFactory
from tests.fakes.sms import FakeSms
from tests.waitlist.scene import Scene
from waitlist.actions import (
    PlanClosed,
    accept_offer,
    follow_mode,
    pause_opening,
    put_plan_off,
    resume_opening,
    send_plan,
    send_wave,
    skip_person,
)
from waitlist.actions.offering import NothingIsSent, make_wave
from waitlist.models import Offer, Opening, PlannedOffer, PlannedWave, Wave
from waitlist.states import OfferStatus, OpeningStatus, PlanStatus
from waitlist.texts import shown_of

CLERK = Actor.system("Fiona")


def free_in(scene: Scene, mode: FillMode, *, people: int = 3) -> Opening:
    """The slot is freed in a clinic with this mode."""
    Clinic.objects.update(mode=mode)
    for _ in range(people):
        scene.add_candidate()
    return scene.free()


def switch(scene: Scene, mode: FillMode) -> None:
    set_fill_mode(clinic_id=scene.role.clinic_id, to=mode, by=CLERK, at=scene.at)
    scene.settle()


def plan_of(opening: Opening) -> PlannedWave:
    return PlannedWave.objects.get(opening=opening, status=PlanStatus.WAITING)


def press_send(plan: PlannedWave, *, at: dt.datetime) -> Wave | None:
    shown = shown_of(plan.people.filter(skipped_at__isnull=True).values_list("pk", flat=True))
    return send_plan(plan_id=plan.pk, shown=shown, by=CLERK, at=at).wave


def nothing_left_the_house() -> bool:
    return not (
        Offer.objects.exists()
        or Message.objects.exists()
        or FakeSms.texts
        or Interaction.objects.exists()
        or Appointment.objects.filter(origin="firstcall").exists()
    )


# --- shadow ----------------------------------------------------------------------------


def test_shadow_writes_down_whom_it_would_ask_and_tells_nobody(scene: Scene) -> None:
    opening = free_in(scene, FillMode.SHADOW)
    assert opening.status == OpeningStatus.WATCHING
    first = PlannedWave.objects.get(opening=opening)
    assert first.status == PlanStatus.WATCHED
    assert "now" in first.why
    ranks = list(first.people.values_list("place", "candidate__rank", "days_gained"))
    assert ranks[0] == (1, 1, 42)
    scene.settle(hours=23)
    assert PlannedOffer.objects.filter(plan__opening=opening).count() == 3
    assert nothing_left_the_house()
    scene.slot.refresh_from_db()
    assert scene.slot.status == SlotStatus.FREE
    assert not Task.objects.exists()


def test_shadow_ends_when_the_slot_is_taken_otherwise_and_at_its_deadline(scene: Scene) -> None:
    opening = free_in(scene, FillMode.SHADOW)
    scene.ehr_says(scene.slot, SlotStatus.BUSY)
    scene.settle()
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.TAKEN
    scene.ehr_says(scene.slot, SlotStatus.FREE)
    scene.settle()
    again = Opening.objects.get(slot=scene.slot, status=OpeningStatus.WATCHING)
    scene.at = again.deadline_at
    scene.settle()
    again.refresh_from_db()
    assert again.status == OpeningStatus.EXPIRED
    assert nothing_left_the_house()


def test_shadow_spares_whom_the_contact_budget_would_have_spared(scene: Scene) -> None:
    free_in(scene, FillMode.SHADOW, people=1)
    second = scene._slot(scene.slot.starts_at + dt.timedelta(hours=1))
    scene.ehr_says(second, SlotStatus.FREE)
    type(second).objects.filter(pk=second.pk).update(taken=0)
    scene.settle()
    assert PlannedOffer.objects.count() == 1


def test_a_shadow_row_cannot_be_sent(scene: Scene) -> None:
    """By its transition table, by the database, and by the action that sends."""
    opening = free_in(scene, FillMode.SHADOW)
    plan = PlannedWave.objects.get(opening=opening)
    for to in PlanStatus:
        with pytest.raises(IllegalMove):
            move(plan, to=to, by=CLERK, at=scene.at)
    wave = Wave(opening=opening, number=1, size=1, sent_at=scene.at, why="")
    with transaction.atomic():
        wave.save()
        with pytest.raises(IntegrityError, match="only_sent_plans"), transaction.atomic():
            PlannedWave.objects.filter(pk=plan.pk).update(wave=wave)
        transaction.set_rollback(True)
    for status in (OpeningStatus.OFFERING, OpeningStatus.CLAIMED, OpeningStatus.FILLED):
        with pytest.raises(IntegrityError, match="shadow_sends"), transaction.atomic():
            Opening.objects.filter(pk=opening.pk).update(status=status)
    with pytest.raises(PlanClosed):
        send_plan(plan_id=plan.pk, shown="", by=CLERK, at=scene.at)
    assert send_wave(opening_id=opening.pk, by=CLERK, at=scene.at) is None
    people = [planned.candidate for planned in plan.people.select_related("candidate")]
    with pytest.raises(NothingIsSent):
        make_wave(
            opening,
            opening.slot,
            people,
            {},
            why="",
            next_at=None,
            expires_at=scene.at,
            by=CLERK,
            at=scene.at,
        )
    assert nothing_left_the_house()


# --- clerk-confirmed -------------------------------------------------------------------


def test_a_clerks_wave_waits_for_the_clerk(scene: Scene) -> None:
    opening = free_in(scene, FillMode.CLERK_CONFIRMED)
    assert opening.status == OpeningStatus.OFFERING
    task = Task.objects.get(kind=TaskKind.SEND_WAVE)
    assert scene.at < task.due_at < plan_of(opening).lapses_at
    assert nothing_left_the_house()
    wave = press_send(plan_of(opening), at=scene.at)
    scene.settle()
    assert wave is not None
    assert len(FakeSms.texts) == wave.size == Offer.objects.filter(wave=wave).count()
    plan = PlannedWave.objects.get(wave=wave)
    assert (plan.status, plan.settled_by) == (PlanStatus.SENT, CLERK.label)
    moved = AuditEntry.objects.get(verb="waitlist.plannedwave.moved", subject_id=plan.pk)
    assert moved.actor_label == CLERK.label
    task.refresh_from_db()
    assert task.status == TaskStatus.DONE
    scene.reply(Offer.objects.filter(wave=wave)[0].patient, "yes")
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.FILLED


def test_a_plan_that_nobody_sends_lapses_into_the_next_one(scene: Scene) -> None:
    opening = free_in(scene, FillMode.CLERK_CONFIRMED)
    first, asked = plan_of(opening), Task.objects.get(kind=TaskKind.SEND_WAVE)
    scene.at = first.lapses_at
    scene.settle()
    first.refresh_from_db()
    asked.refresh_from_db()
    assert (first.status, asked.status) == (PlanStatus.LAPSED, TaskStatus.CANCELLED)
    assert plan_of(opening).number == 2
    scene.at = opening.deadline_at
    scene.settle()
    assert not PlannedWave.objects.filter(status=PlanStatus.WAITING).exists()
    assert not Task.objects.filter(status=TaskStatus.OPEN).exists()
    assert nothing_left_the_house()


def test_every_rule_is_asked_again_when_send_is_pressed(scene: Scene) -> None:
    opening = free_in(scene, FillMode.CLERK_CONFIRMED, people=1)
    plan = plan_of(opening)
    gone = plan.people.get().candidate.patient
    Appointment.objects.filter(patient=gone).update(status=AppointmentStatus.FULFILLED)
    assert press_send(plan, at=scene.at) is None
    plan.refresh_from_db()
    assert plan.status == PlanStatus.LAPSED
    assert plan.people.get().left_out_why == "No longer waits for such a visit."
    scene.settle()
    assert nothing_left_the_house()


def test_a_visit_cancelled_before_send_is_pressed_gives_way_to_the_next(scene: Scene) -> None:
    opening = free_in(scene, FillMode.CLERK_CONFIRMED, people=1)
    first = plan_of(opening).people.get().candidate.appointment
    assert first is not None
    later = AppointmentFactory.create(
        patient=first.patient,
        role=first.role,
        visit_type=first.visit_type,
        starts_at=first.starts_at + dt.timedelta(days=7),
    )
    Appointment.objects.filter(pk=first.pk).update(status=AppointmentStatus.CANCELLED)
    press_send(plan_of(opening), at=scene.at)
    assert Offer.objects.get(opening=opening).gives_up == later


def test_somebody_skipped_is_not_proposed_again_and_the_next_moves_up(scene: Scene) -> None:
    opening = free_in(scene, FillMode.CLERK_CONFIRMED)
    plan = plan_of(opening)
    before = shown_of(plan.people.values_list("pk", flat=True))
    skipped = plan.people.first()
    assert skipped is not None
    size = plan.people.count()
    skip_person(planned_id=skipped.pk, by=CLERK, at=scene.at)
    left = plan.people.filter(skipped_at__isnull=True)
    assert left.count() == min(size, 3 - 1)
    with pytest.raises(PlanClosed, match="changed this wave"):
        send_plan(plan_id=plan.pk, shown=before, by=CLERK, at=scene.at)
    for person in left:
        skip_person(planned_id=person.pk, by=CLERK, at=scene.at)
    for person in plan.people.filter(skipped_at__isnull=True):
        skip_person(planned_id=person.pk, by=CLERK, at=scene.at)
    plan.refresh_from_db()
    assert plan.status == PlanStatus.DROPPED
    scene.settle(hours=5)
    assert not PlannedWave.objects.filter(status=PlanStatus.WAITING).exists()
    assert nothing_left_the_house()


def test_not_now_holds_until_the_plan_would_have_lapsed(scene: Scene) -> None:
    opening = free_in(scene, FillMode.CLERK_CONFIRMED)
    plan = plan_of(opening)
    put_plan_off(plan_id=plan.pk, by=CLERK, at=scene.at)
    resume_opening(opening_id=opening.pk, by=CLERK, at=scene.at)
    scene.settle(minutes=1)
    assert not PlannedWave.objects.filter(status=PlanStatus.WAITING).exists()
    scene.at = plan.lapses_at
    scene.settle()
    assert plan_of(opening).number == 2


def test_a_yes_a_pause_and_an_end_drop_the_plan_that_waits(scene: Scene) -> None:
    opening = free_in(scene, FillMode.CLERK_CONFIRMED, people=12)
    press_send(plan_of(opening), at=scene.at)
    scene.at = PlannedWave.objects.get(opening=opening).lapses_at
    scene.settle()
    second = plan_of(opening)
    pause_opening(opening_id=opening.pk, by=CLERK, at=scene.at)
    second.refresh_from_db()
    assert second.status == PlanStatus.DROPPED
    resume_opening(opening_id=opening.pk, by=CLERK, at=scene.at)
    scene.settle()
    third = plan_of(opening)
    scene.ehr.go_away()
    scene.reply(Offer.objects.filter(status=OfferStatus.SENT)[0].patient, "yes")
    third.refresh_from_db()
    assert third.status == PlanStatus.DROPPED
    with pytest.raises(PlanClosed):
        press_send(third, at=scene.at)


# --- switching -------------------------------------------------------------------------


def test_who_switched_a_mode_and_when_is_in_the_trail(scene: Scene) -> None:
    switch(scene, FillMode.SHADOW)
    switch(scene, FillMode.SHADOW)
    changed = AuditEntry.objects.get(verb="scheduling.clinic.mode-changed")
    assert (changed.actor_label, changed.at) == (CLERK.label, scene.at)
    assert changed.detail == {"was": "automatic", "now": "shadow"}


@pytest.mark.parametrize("mode", [FillMode.OFF, FillMode.SHADOW])
def test_offers_that_are_out_are_honored(scene: Scene, mode: FillMode) -> None:
    opening = free_in(scene, FillMode.AUTOMATIC, people=20)
    asked = Offer.objects.filter(opening=opening).count()
    switch(scene, mode)
    scene.settle(hours=6)
    assert Offer.objects.filter(opening=opening).count() == asked
    offer = Offer.objects.filter(opening=opening)[0]
    accept_offer(
        offer_id=offer.pk,
        channel="web",
        by=Actor.patient(offer.patient, channel="web"),
        at=scene.at,
    )
    scene.settle()
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.FILLED


@pytest.mark.parametrize(
    ("mode", "becomes"),
    [(FillMode.OFF, OpeningStatus.WITHDRAWN), (FillMode.SHADOW, OpeningStatus.WATCHING)],
)
def test_texts_that_have_not_left_stay(
    scene: Scene, carrier: type[FakeSms], mode: FillMode, becomes: OpeningStatus
) -> None:
    carrier.segments_per_second = 0.0001
    scene.add_candidate(days=100)
    for _ in range(2):
        scene.add_candidate()
    opening = scene.free()
    Message.objects.filter(status=MessageStatus.SENT).delete()  # the one that had its turn
    switch(scene, mode)
    opening.refresh_from_db()
    assert opening.status == becomes
    assert not Message.objects.filter(status=MessageStatus.QUEUED).exists()
    assert not Offer.objects.filter(status=OfferStatus.SENT).exists()


def test_a_text_that_leaves_in_the_moment_of_the_switch_is_honored(
    scene: Scene, carrier: type[FakeSms], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker has its phone locked: what is taken back waits for it, and finds it on its way."""
    carrier.segments_per_second = 0.0001
    for _ in range(2):
        scene.add_candidate()
    opening = scene.free()
    Message.objects.filter(status=MessageStatus.SENT).delete()  # the one that had its turn
    going = Message.objects.get(status=MessageStatus.QUEUED)

    def withdraw_behind_it(**asked: Any) -> int:
        move(going, to=MessageStatus.SENDING, by=CLERK, at=scene.at, asked_at=scene.at)
        return withdraw(**asked)

    monkeypatch.setattr("waitlist.actions.modes.withdraw", withdraw_behind_it)
    set_fill_mode(clinic_id=scene.role.clinic_id, to=FillMode.SHADOW, by=CLERK, at=scene.at)
    follow_mode(clinic_id=scene.role.clinic_id, by=CLERK, at=scene.at)
    opening.refresh_from_db()
    assert (opening.status, opening.mode) == (OpeningStatus.OFFERING, FillMode.OFF)
    assert Offer.objects.filter(pk=going.subject_id or 0, status=OfferStatus.SENT).exists()


@pytest.mark.parametrize("mode", [FillMode.AUTOMATIC, FillMode.CLERK_CONFIRMED])
def test_out_of_the_shadow_an_opening_goes_on_for_real(scene: Scene, mode: FillMode) -> None:
    opening = free_in(scene, FillMode.SHADOW)
    switch(scene, mode)
    opening.refresh_from_db()
    assert (opening.status, opening.mode) == (OpeningStatus.OFFERING, mode)
    assert bool(FakeSms.texts) is (mode is FillMode.AUTOMATIC)
    assert PlannedWave.objects.filter(status=PlanStatus.WAITING).exists() is (
        mode is FillMode.CLERK_CONFIRMED
    )


def test_an_opening_made_in_the_moment_of_the_switch_follows_it(scene: Scene) -> None:
    opening = free_in(scene, FillMode.SHADOW)
    Clinic.objects.update(mode=FillMode.OFF)  # told to nobody
    scene.settle(hours=23)
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.WITHDRAWN
    assert opening.closed_why == "the clinic has switched offers off"
