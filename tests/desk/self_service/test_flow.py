"""From the first page to a visit, for people we know and people we don't."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from crm.models import ConsentEntry, Patient
from scheduling.models import Appointment, CatalogEntry, EhrWrite, Hold, SearchRecord
from scheduling.states import (
    AppointmentStatus,
    CancelReason,
    HoldStatus,
    SelfServiceStatus,
    SlotStatus,
)
from tests.desk.self_service.handset import BORN, Handset, free_slot, known, link
from tests.factories import AppointmentFactory, WaitlistEntryFactory
from tests.waitlist.scene import Scene
from tests.waitlist.visitor import words
from waitlist.models import WaitlistEntry


def test_books_a_new_visit_and_says_booked_only_when_the_ehr_has(
    handset: Handset, scene: Scene
) -> None:
    rosa, slot = known(), free_slot(scene)
    assert handset.prove().url == "/book/go/who/"
    assert handset.say_who().url == "/book/go/times/"
    assert "Heart checkup" in handset.read("times")
    assert handset.choose(slot).url == "/book/go/check/"
    hold = Hold.objects.get()
    assert (hold.owner, hold.patient) == ("a patient online", rosa)
    assert "We keep this time for you until" in handset.read("check")
    assert handset.confirm().url == "/book/go/done/"
    visit = Appointment.objects.get(patient=rosa)
    assert (visit.status, visit.booked_by) == (AppointmentStatus.REQUESTED, "patient by web")
    page = handset.read("done")
    assert "It is not booked yet" in page
    assert "You are booked" not in page
    scene.settle()
    assert "You are booked" in handset.read("done")
    assert scene.texts_to(rosa) == ["visit_booked"]
    assert Hold.objects.get().status == HoldStatus.USED
    assert SearchRecord.objects.get().appointment == visit
    file = handset.get("calendar").content.decode()
    assert "DTSTART:20261123T170000Z" in file
    assert "Cardiology" not in file


def test_a_second_press_books_nothing_twice(handset: Handset, scene: Scene) -> None:
    known()
    slot = free_slot(scene)
    handset.prove()
    handset.say_who()
    handset.choose(slot)
    assert handset.confirm().url == "/book/go/done/"
    assert handset.confirm().url == "/book/go/done/"
    assert handset.choose(slot).url == "/book/go/done/"
    assert Appointment.objects.filter(origin="firstcall").count() == 1
    assert EhrWrite.objects.count() == 1


def test_a_new_person_is_registered_and_booked_by_a_person_at_the_clinic(
    handset: Handset, scene: Scene
) -> None:
    slot = free_slot(scene)
    handset.prove()
    assert handset.say_who("Nina", "Okoro").url == "/book/go/times/"
    nina = Patient.objects.get(given_name="Nina")
    assert [str(phone) for phone in nina.phones.all()] == [handset.number]
    handset.choose(slot)
    handset.confirm()
    scene.settle()
    assert "It is not booked until a person at the clinic confirms it" in handset.read("done")


def test_moves_a_visit_and_gives_up_the_old_one_only_then(handset: Handset, scene: Scene) -> None:
    rosa = scene.add_candidate(given_name="Rosa", family_name="Delgado", birth_on=BORN)
    handset.number = str(rosa.phones.get().number)
    old, slot = scene.later_visit(rosa), free_slot(scene)
    handset.prove("move")
    assert handset.say_who().url == "/book/go/visits/"
    assert "Which visit do you want to move?" in handset.read("visits")
    assert handset.post("visit", old.pk).url == "/book/go/times/"
    handset.choose(slot)
    assert "stays yours until the new one is confirmed" in handset.read("check")
    handset.confirm()
    old.refresh_from_db()
    assert old.status == AppointmentStatus.BOOKED
    scene.settle()
    old.refresh_from_db()
    assert old.status == AppointmentStatus.CANCELLED
    assert old.cancel_code == CancelReason.OTHER_TIME
    assert "Your visit is moved" in handset.read("done")
    assert "visit_moved" in scene.texts_to(rosa)


def test_calls_a_visit_off_after_asking_once_more(handset: Handset, scene: Scene) -> None:
    rosa = scene.add_candidate(given_name="Rosa", family_name="Delgado", birth_on=BORN)
    handset.number = str(rosa.phones.get().number)
    old = scene.later_visit(rosa)
    handset.prove("give-up")
    handset.say_who()
    assert "Call off this visit?" in words(handset.get("visit", old.pk))
    old.refresh_from_db()
    assert old.status == AppointmentStatus.BOOKED
    assert handset.post("visit", old.pk, off="1").url == "/book/go/done/"
    old.refresh_from_db()
    assert (old.status, old.cancelled_by) == (AppointmentStatus.CANCELLED, "patient")
    assert (old.cancel_code, old.cancelled_late) == (CancelReason.PATIENT_UNSAID, False)
    assert "Your visit is called off" in handset.read("done")


@pytest.mark.parametrize(
    ("why", "code"),
    [
        ("no-ride", CancelReason.NO_RIDE),
        ("closed", CancelReason.PATIENT_UNSAID),  # the clinic's doing is not theirs to say
        ("nonsense", CancelReason.PATIENT_UNSAID),
    ],
)
def test_a_reason_is_one_tap_and_the_notice_is_judged_as_for_staff(
    handset: Handset, scene: Scene, why: str, code: CancelReason
) -> None:
    near = AppointmentFactory.create(
        patient=known(),
        role=scene.role,
        visit_type=scene.visit_type,
        starts_at=scene.at + dt.timedelta(hours=20),
    )
    handset.prove("give-up")
    handset.say_who()
    assert "Why? You do not have to say." in words(handset.get("visit", near.pk))
    handset.post("visit", near.pk, off="1", why=why)
    near.refresh_from_db()
    assert (near.cancel_code, near.cancelled_by, near.cancelled_late) == (code, "patient", True)
    assert near.cancel_reason.endswith("called off online")


def test_gets_on_the_list_with_the_consent_that_it_needs(handset: Handset) -> None:
    rosa = known()
    ConsentEntry.objects.filter(patient=rosa)
    handset.prove("wait")
    assert handset.say_who().url == "/book/go/list/"
    assert "you agree to these texts" in handset.read("list")
    handset.post("list")
    handset.post("list")
    entry = WaitlistEntry.objects.get()
    assert (entry.patient, entry.location) == (rosa, handset.scene.role.clinic.location)
    granted = ConsentEntry.objects.get(source="self-service")
    assert (granted.patient, granted.purpose) == (rosa, "offer")
    assert "You are on the list" in handset.read("done")


@pytest.mark.parametrize(
    ("kept", "ends"),
    [({}, ("fulfilled", "waitlist")), ({"keep": "1"}, ("waiting", "earlier"))],
)
def test_booking_ends_the_place_on_the_list_unless_they_keep_it(
    handset: Handset, scene: Scene, kept: dict[str, str], ends: tuple[str, str]
) -> None:
    entry = WaitlistEntryFactory.create(patient=known(), visit_type=scene.visit_type)
    slot = free_slot(scene)
    handset.prove()
    handset.say_who()
    handset.choose(slot)
    assert "Keep me on the list" in handset.read("check")
    handset.post("check", **kept)
    scene.settle()
    entry.refresh_from_db()
    assert (entry.status, entry.kind) == ends


def test_a_kind_that_is_retired_is_neither_booked_nor_waited_for(
    handset: Handset, scene: Scene
) -> None:
    rosa = scene.add_candidate(given_name="Rosa", family_name="Delgado", birth_on=BORN)
    handset.number = str(rosa.phones.get().number)
    visit, slot = scene.later_visit(rosa), free_slot(scene)
    handset.prove()
    handset.say_who()
    CatalogEntry.objects.create(visit_type=scene.visit_type, is_retired=True)
    assert "Heart checkup" not in handset.read("wish")
    assert handset.choose(slot).status_code == 409
    assert handset.post("list").status_code != 200
    assert not WaitlistEntry.objects.exists()
    handset.prove("move")
    handset.say_who()
    assert "To move this visit, call" in handset.read("visits")
    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.BOOKED


def test_somebody_elses_visit_cannot_be_named(handset: Handset, scene: Scene) -> None:
    known()
    other = scene.later_visit(scene.add_candidate())
    for wish in ("move", "give-up"):
        handset.prove(wish)
        handset.say_who()
        assert handset.get("visit", other.pk).url == "/book/go/visits/"
        assert handset.post("visit", other.pk, off="1").url == "/book/go/visits/"
    other.refresh_from_db()
    assert other.status == AppointmentStatus.BOOKED


def test_a_slot_that_these_pages_do_not_show_cannot_be_taken(
    handset: Handset, scene: Scene
) -> None:
    known()
    elsewhere = Scene()
    slot = free_slot(elsewhere)
    handset.prove()
    handset.say_who()
    answer = handset.choose(slot)
    assert answer.status_code == 409
    assert "cannot be booked online" in words(answer)
    assert not Hold.objects.exists()


def test_a_time_taken_meanwhile_is_said_and_others_are_shown(
    handset: Handset, scene: Scene
) -> None:
    known()
    slot, other = free_slot(scene), free_slot(scene, days=6)
    handset.prove()
    handset.say_who()
    type(slot).objects.filter(pk=slot.pk).update(status=SlotStatus.BUSY, taken=1)
    answer = handset.choose(slot)
    assert answer.status_code == 409
    assert "Someone just took that time" in words(answer)
    assert f'value="{other.pk}"' in answer.content.decode()


def test_restrictions_hide_times_as_they_do_from_staff(handset: Handset, scene: Scene) -> None:
    known()
    slot = free_slot(scene, restriction="held-for-review")
    handset.prove()
    handset.say_who()
    assert "No open time found" in handset.read("times")
    assert handset.choose(slot).status_code == 409
    search = SearchRecord.objects.get()
    assert (search.lack, search.hidden) == ("hidden", {"held-for-review": 1})


def test_a_session_is_gone_on_with_from_the_same_link_for_half_an_hour(
    handset: Handset, scene: Scene
) -> None:
    known()
    handset.link = link().token
    slot = free_slot(scene)
    handset.prove()
    handset.say_who()
    handset.choose(slot)
    page = handset.client.get(f"/book/{handset.link}/").content.decode()
    assert 'href="/book/go/check/"' in page
    with time_machine.travel(scene.at + dt.timedelta(minutes=31), tick=False):
        assert handset.get("check").url == "/book/go/over/"
        assert "go/check" not in handset.client.get(f"/book/{handset.link}/").content.decode()
        scene.settle(minutes=31)
    session = handset.session
    assert session.status == SelfServiceStatus.LEFT
    assert (session.given_name, session.family_name, session.birth_on) == ("", "", None)
    assert Hold.objects.get().status == HoldStatus.LAPSED


def test_a_link_says_what_was_chosen_and_counts_its_uses(handset: Handset, scene: Scene) -> None:
    made = link(role=scene.role, visit_type=scene.visit_type, language="es")
    handset.link = made.token
    assert "¿Es una emergencia?" in words(handset.client.get(f"/book/{made.token}/"))
    handset.begin()
    assert str(scene.role.provider) in handset.read("wish")
    made.refresh_from_db()
    assert made.uses == 1


def test_a_link_that_is_off_or_never_was_leads_to_the_page_without_one(handset: Handset) -> None:
    off = link(is_active=False).token
    for token in (off, "nothing-there"):
        answer = handset.client.get(f"/book/{token}/")
        assert answer.status_code == 404
        assert "This link is no longer used" in words(answer)


def test_steps_cannot_be_skipped(handset: Handset) -> None:
    for name in ("wish", "phone", "code", "person", "visits", "times", "check", "list"):
        assert handset.get(name).url == "/book/go/over/"
    handset.begin()
    for name in ("phone", "code", "person", "visits", "times", "check", "list"):
        assert handset.get(name).url == "/book/go/what/"


def test_leaving_gives_back_what_was_kept_and_forgets_it_here(
    handset: Handset, scene: Scene
) -> None:
    known()
    slot = free_slot(scene)
    handset.prove()
    handset.say_who()
    handset.choose(slot)
    assert handset.post("leave").url == "/book/"
    assert Hold.objects.get().status == HoldStatus.RELEASED
    assert handset.get("check").url == "/book/go/over/"


def test_is_kept_indexed_and_passed_on_by_nobody(handset: Handset) -> None:
    handset.begin()
    for page in (handset.get("start"), handset.get("wish")):
        assert "no-store" in page["Cache-Control"]
        assert "noindex" in page["X-Robots-Tag"]
