"""What staff do with an opening, with script and without, and what a refusal changes: nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from crm.engine import Actor, MovedMeanwhile
from crm.models import AuditEntry, Patient
from scheduling.models import Appointment
from scheduling.states import AppointmentStatus, SlotStatus
from tests.cast import Cast
from tests.waitlist.opening_desk import Desk, first_offer, looks, words
from tests.waitlist.scene import Scene
from waitlist import actions
from waitlist.models import Candidate, Offer, Opening
from waitlist.states import OfferStatus, OpeningStatus

TEST = Actor.system("test")
REASON = {"reason": "The clinician is out", "note": "jury duty"}
either_way = pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])


def path(opening: Opening, name: str, *more: int) -> str:
    return reverse(f"waitlist:opening-{name}", args=[opening.pk, *more])


def status(opening: Opening) -> str:
    opening.refresh_from_db()
    return opening.status


def state_of_everything() -> list[Any]:
    """What a denied request must leave as it was."""
    return [
        list(Opening.objects.order_by("pk").values_list("pk", "status", "due_at")),
        list(Offer.objects.order_by("pk").values_list("pk", "status")),
        list(Appointment.objects.order_by("pk").values_list("pk", "status")),
        AuditEntry.objects.exclude(verb="crm.patient.viewed").count(),
    ]


def assert_done(response: HttpResponse, opening: Opening, sentence: str, *, htmx: bool) -> None:
    """With script the page stays and looks again; without, it is shown anew, with the sentence."""
    if htmx:
        assert response.status_code == 200
        assert "worklist:done" in response["HX-Trigger-After-Swap"]
        assert response["HX-Reswap"] == "none"
        assert sentence in words(response)
    else:
        assert response.status_code == 302
        assert response["Location"] == reverse("waitlist:opening", args=[opening.pk])


# --- who may ---------------------------------------------------------------------------


def every_post(opening: Opening, patient: Patient) -> list[tuple[str, dict[str, str]]]:
    return [
        (path(opening, "pause"), {}),
        (path(opening, "resume"), {}),
        (path(opening, "withdraw"), REASON),
        (path(opening, "book", patient.pk), {"shown": ":", "gives_up": "1"}),
    ]


@either_way
@pytest.mark.parametrize("name", ["agent", "nurse", "marketing", "integration", "outsider"])
def test_refuses_those_who_do_not_own_the_schedule(
    opening: Opening, cast: Cast, name: str, htmx: bool
) -> None:
    desk, before = Desk(getattr(cast, name)), state_of_everything()
    for address, data in every_post(opening, first_offer(opening).patient):
        assert desk.post(address, data, htmx=htmx).status_code == 403, address
    for name_ in ("withdraw", "book"):
        more = [first_offer(opening).patient_id] if name_ == "book" else []
        assert desk.get(path(opening, name_, *more), htmx=htmx).status_code == 403
    assert state_of_everything() == before
    assert looks() == []


def test_sends_a_visitor_to_sign_in_and_changes_nothing(opening: Opening) -> None:
    before = state_of_everything()
    for address, data in every_post(opening, first_offer(opening).patient):
        response = Desk(None).post(address, data, htmx=False)
        assert response["Location"].startswith(reverse("desk:sign-in"))
    assert state_of_everything() == before


def test_changes_nothing_by_a_link(opening: Opening, fiona: Desk) -> None:
    before = state_of_everything()
    assert fiona.get(path(opening, "pause")).status_code == 405
    assert fiona.get(path(opening, "resume")).status_code == 405
    assert fiona.get(path(opening, "withdraw")).status_code == 200
    assert fiona.get(path(opening, "book", first_offer(opening).patient_id)).status_code == 200
    assert state_of_everything() == before


def test_refuses_a_form_from_another_site(opening: Opening, cast: Cast) -> None:
    desk, before = Desk(cast.front_desk), state_of_everything()
    desk.client.handler.enforce_csrf_checks = True
    for address, data in every_post(opening, first_offer(opening).patient):
        assert desk.post(address, data, htmx=True).status_code == 403
    assert state_of_everything() == before


@either_way
def test_says_so_where_there_is_no_such_opening(fiona: Desk, opening: Opening, htmx: bool) -> None:
    patient = first_offer(opening).patient
    for address, data in every_post(Opening(pk=999), patient):
        assert fiona.post(address, data, htmx=htmx).status_code == 404, address
    assert fiona.get(path(opening, "book", 999_999)).status_code == 404


# --- pause and resume ------------------------------------------------------------------


@either_way
def test_pauses_and_resumes(opening: Opening, fiona: Desk, cast: Cast, htmx: bool) -> None:
    response = fiona.post(path(opening, "pause"), htmx=htmx)
    assert_done(response, opening, "Paused.", htmx=htmx)
    assert status(opening) == OpeningStatus.PAUSED
    moved = AuditEntry.objects.get(subject_type="waitlist.opening", to_status="paused")
    assert moved.actor_id == cast.front_desk.pk
    response = fiona.post(path(opening, "resume"), htmx=htmx)
    assert_done(response, opening, "Going on", htmx=htmx)
    assert status(opening) == OpeningStatus.OFFERING
    shown = words(fiona.get(reverse("waitlist:opening", args=[opening.pk])))
    assert "Resumed · Fiona Cast" in shown


@either_way
def test_says_what_is_true_now_where_it_cannot_be_paused(
    opening: Opening, scene: Scene, fiona: Desk, htmx: bool
) -> None:
    scene.ehr.go_away()
    scene.reply(first_offer(opening).patient, "yes")
    before = state_of_everything()
    response = fiona.post(path(opening, "pause"), htmx=htmx)
    assert response.status_code == 409
    assert "Somebody has said yes; the EHR is being asked." in words(response)
    assert state_of_everything() == before


@either_way
def test_does_not_show_staff_the_engines_own_words(
    opening: Opening, fiona: Desk, monkeypatch: pytest.MonkeyPatch, htmx: bool
) -> None:
    def moved(**_: object) -> None:
        raise MovedMeanwhile("waitlist.opening 1 is no longer offering.")

    monkeypatch.setattr("waitlist.views.acting.actions.pause_opening", moved)
    response = fiona.post(path(opening, "pause"), htmx=htmx)
    assert response.status_code == 409
    assert "It has just changed. This is what is true now." in words(response)


# --- withdraw --------------------------------------------------------------------------


@either_way
def test_says_what_withdrawing_does_before_it_does(
    opening: Opening, fiona: Desk, htmx: bool
) -> None:
    shown = words(fiona.get(path(opening, "withdraw"), htmx=htmx))
    assert "Withdraw Sat Nov 21, 9:00 AM" in shown
    assert "3 people with an open offer are told" in shown
    assert ("<html" in fiona.get(path(opening, "withdraw"), htmx=htmx).content.decode()) is not htmx


@either_way
def test_withdraws_with_a_reason_and_tells_whoever_was_asked(
    opening: Opening, scene: Scene, fiona: Desk, htmx: bool
) -> None:
    patient = first_offer(opening).patient
    response = fiona.post(path(opening, "withdraw"), REASON, htmx=htmx)
    assert_done(response, opening, "Withdrawn.", htmx=htmx)
    assert status(opening) == OpeningStatus.WITHDRAWN
    assert opening.closed_why == "The clinician is out: jury duty"
    scene.settle()
    assert scene.texts_to(patient)[-1] == "offer_withdrawn"
    scene.slot.refresh_from_db()
    assert scene.slot.status == SlotStatus.FREE


@either_way
@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({}, "Choose a reason."),
        ({"reason": "because"}, "Select a valid choice"),
        ({"reason": "Another reason"}, "Say which reason."),
        ({"reason": "The clinician is out", "note": "x" * 121}, "at most 120"),
    ],
)
def test_withdraws_nothing_without_a_reason(
    opening: Opening, fiona: Desk, htmx: bool, data: dict[str, str], says: str
) -> None:
    before = state_of_everything()
    response = fiona.post(path(opening, "withdraw"), data, htmx=htmx)
    assert response.status_code == 422
    assert says in words(response)
    assert state_of_everything() == before


@either_way
def test_says_that_it_has_ended_meanwhile(opening: Opening, fiona: Desk, htmx: bool) -> None:
    actions.withdraw_opening(opening_id=opening.pk, reason="test", by=TEST, at=opening.opened_at)
    before = state_of_everything()
    response = fiona.post(path(opening, "withdraw"), REASON, htmx=htmx)
    assert response.status_code == 409
    assert "This opening is withdrawn already." in words(response)
    assert state_of_everything() == before


# --- book ------------------------------------------------------------------------------


def unasked(opening: Opening) -> Patient:
    """The first in the ranking, as if no wave had reached them."""
    candidate = Candidate.objects.get(opening=opening, rank=1)
    Offer.objects.filter(candidate=candidate).delete()
    return candidate.patient


def agreed(fiona: Desk, opening: Opening, patient: Patient, **more: str) -> dict[str, str]:
    """What the dialog sends back for this patient."""
    html = fiona.get(path(opening, "book", patient.pk), htmx=True).content.decode()
    return {"shown": html.split('name="shown" value="')[1].split('"', maxsplit=1)[0], **more}


def test_says_what_booking_does_before_it_does(
    opening: Opening, scene: Scene, fiona: Desk, cast: Cast
) -> None:
    patient = unasked(opening)
    shown = words(fiona.get(path(opening, "book", patient.pk), htmx=True))
    assert f"Book {patient}" in shown
    assert "Takes Sat Nov 21, 9:00 AM MST" in shown
    assert "Gives back Sat Jan 2, 10:00 AM" in shown
    assert "Once the EHR has confirmed, Sat Jan 2, 10:00 AM is given back" in shown
    assert "2 people with an open offer hear now that it is gone" in shown
    assert "No text goes to them about it" in shown
    assert looks() == [(cast.front_desk.pk, patient.pk, f"booking into opening {opening.pk}")]


@either_way
def test_books_by_hand_and_gives_the_later_visit_back_once_the_ehr_has_confirmed(
    opening: Opening, scene: Scene, fiona: Desk, htmx: bool
) -> None:
    patient = unasked(opening)
    data = agreed(fiona, opening, patient, gives_up="1")
    response = fiona.post(path(opening, "book", patient.pk), data, htmx=htmx)
    assert_done(response, opening, f"Requested for {patient}.", htmx=htmx)
    assert status(opening) == OpeningStatus.TAKEN
    later = scene.later_visit(patient)
    assert later.status == AppointmentStatus.BOOKED
    scene.settle()
    booked = Appointment.objects.get(patient=patient, slot=scene.slot)
    assert booked.status == AppointmentStatus.BOOKED
    later.refresh_from_db()
    assert later.status == AppointmentStatus.CANCELLED
    assert Opening.objects.filter(slot=later.slot).exists()
    shown = words(fiona.get(reverse("waitlist:opening", args=[opening.pk])))
    assert "Closed: booked by hand by Fiona Cast" in shown
    assert f"Book {patient} Booked and read back" in shown


def test_keeps_the_later_visit_where_staff_say_so(
    opening: Opening, scene: Scene, fiona: Desk
) -> None:
    patient = unasked(opening)
    fiona.post(path(opening, "book", patient.pk), agreed(fiona, opening, patient), htmx=True)
    scene.settle()
    assert scene.later_visit(patient).status == AppointmentStatus.BOOKED


def test_books_somebody_who_was_asked_as_their_yes_to_the_desk(
    opening: Opening, scene: Scene, fiona: Desk
) -> None:
    offer = first_offer(opening)
    shown = words(fiona.get(path(opening, "book", offer.patient_id), htmx=True))
    assert "It counts as their yes to the text." in shown
    assert "They get a text when it is booked." in shown
    data = agreed(fiona, opening, offer.patient)
    response = fiona.post(path(opening, "book", offer.patient_id), data, htmx=True)
    assert "who is told when the EHR has booked it" in words(response)
    offer.refresh_from_db()
    assert (offer.status, offer.answered_by) == (OfferStatus.ACCEPTED, "desk")
    assert status(opening) == OpeningStatus.CLAIMED
    scene.settle()
    assert status(opening) == OpeningStatus.FILLED
    assert scene.texts_to(offer.patient)[-1] == "offer_confirmed_given_up"


def test_lines_up_who_says_yes_at_the_desk_a_moment_too_late(
    opening: Opening, scene: Scene, fiona: Desk
) -> None:
    scene.ehr.go_away()
    first, second = Offer.objects.filter(opening=opening).order_by("candidate__rank")[:2]
    data = agreed(fiona, opening, second.patient)
    scene.reply(first.patient, "yes")
    response = fiona.post(path(opening, "book", second.patient_id), data, htmx=True)
    assert "is next in line, and is told so" in words(response)
    second.refresh_from_db()
    assert second.status == OfferStatus.NEXT_IN_LINE


def test_books_somebody_who_was_no_candidate(opening: Opening, scene: Scene, fiona: Desk) -> None:
    caller = scene.add_candidate(given_name="Eva")
    Appointment.objects.filter(patient=caller).delete()
    data = agreed(fiona, opening, caller)
    assert fiona.post(path(opening, "book", caller.pk), data, htmx=True).status_code == 200
    assert Appointment.objects.filter(patient=caller, slot=scene.slot).exists()


def test_warns_of_a_waitlist_rule_and_leaves_it_to_staff(opening: Opening, fiona: Desk) -> None:
    dora = Candidate.objects.get(opening=opening, rank__isnull=True).patient
    shown = words(fiona.get(path(opening, "book", dora.pk), htmx=True))
    assert "The waitlist would not offer it: Does not want offers of earlier times. You" in shown


@either_way
def test_books_nothing_when_what_was_agreed_to_is_no_longer_so(
    opening: Opening, scene: Scene, fiona: Desk, htmx: bool
) -> None:
    patient = unasked(opening)
    data = agreed(fiona, opening, patient, gives_up="1")
    scene.cancel_in_ehr(scene.later_visit(patient))
    before = state_of_everything()
    response = fiona.post(path(opening, "book", patient.pk), data, htmx=htmx)
    assert response.status_code == 409
    assert "It has just changed. This is what is true now." in words(response)
    assert "Gives back" not in words(response)
    assert state_of_everything() == before


@either_way
def test_books_nothing_once_the_slot_is_gone(
    opening: Opening, scene: Scene, fiona: Desk, htmx: bool
) -> None:
    patient = unasked(opening)
    data = agreed(fiona, opening, patient)
    scene.ehr_says(scene.slot, SlotStatus.BUSY)
    before = state_of_everything()
    response = fiona.post(path(opening, "book", patient.pk), data, htmx=htmx)
    assert response.status_code == 409
    assert "It is booked." in words(response)
    assert state_of_everything() == before


@either_way
def test_books_nothing_that_a_scheduling_rule_forbids(
    opening: Opening, scene: Scene, fiona: Desk, htmx: bool
) -> None:
    patient = unasked(opening)
    data = agreed(fiona, opening, patient)
    scene.visit_type.max_age = 17
    scene.visit_type.save()
    shown = words(fiona.get(path(opening, "book", patient.pk), htmx=htmx))
    assert "This will be refused: It is not for patients aged 46." in shown
    before = state_of_everything()
    response = fiona.post(path(opening, "book", patient.pk), data, htmx=htmx)
    assert response.status_code == 422
    assert "It is not for patients aged 46." in words(response)
    assert state_of_everything() == before


def test_books_nothing_after_the_opening_has_ended(opening: Opening, fiona: Desk) -> None:
    offer = first_offer(opening)
    data = agreed(fiona, opening, offer.patient)
    actions.withdraw_opening(opening_id=opening.pk, reason="test", by=TEST, at=opening.opened_at)
    response = fiona.post(path(opening, "book", offer.patient_id), data, htmx=True)
    assert response.status_code == 409
    assert not Appointment.objects.filter(slot=opening.slot, origin="firstcall").exists()
