"""What a visit needs, asked again before a wave, at a yes, and when staff book by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.models import AuditEntry, Patient, Task
from scheduling.models import Appointment, RuleOverride, ServiceRequest
from scheduling.states import AppointmentStatus
from tests.cast import Cast
from tests.factories import ServiceRequestFactory, VisitTypeFactory
from tests.waitlist.opening_desk import Desk, first_offer, words
from tests.waitlist.scene import Scene
from tests.waitlist.test_views_acting import agreed, path, unasked
from waitlist.models import Candidate, Offer, Opening
from waitlist.queries import explain
from waitlist.states import OfferStatus, OpeningStatus

REASON = "The payer extended it by phone, reference on file"


def end_authorization(scene: Scene, patient: Patient) -> ServiceRequest:
    """The referral for the patient's later visit ends the day before the freed slot."""
    return ServiceRequestFactory.create(
        patient=patient,
        visit_type=scene.visit_type,
        appointment=scene.later_visit(patient),
        valid_until_on=(scene.slot.starts_at - dt.timedelta(days=1)).date(),
    )


def test_leaves_out_by_name_at_matching_and_where_the_opening_is_explained(scene: Scene) -> None:
    ana = scene.add_candidate(given_name="Ana", family_name="Quintero")
    scene.add_candidate(given_name="Beatriz")
    end_authorization(scene, ana)
    opening = scene.free()
    assert opening.left_out == {"authorization": 1}
    assert not Offer.objects.filter(patient=ana).exists()
    (found,) = explain(opening.pk, asked="Ana Quintero", at=scene.at).found
    assert found.sentence == "The authorization ended on Nov 20, 2026."


def test_leaves_out_whose_kind_of_visit_is_switched_off_and_explains_it(scene: Scene) -> None:
    other = VisitTypeFactory.create(name="Echocardiogram")
    scene.visit_type.stands_in_for.add(other)
    ana = scene.add_candidate(given_name="Ana", family_name="Quintero")
    Appointment.objects.filter(patient=ana).update(visit_type=other)
    opening = scene.free()
    assert opening.left_out == {"not-switched-on": 1}
    (found,) = explain(opening.pk, asked="Ana Quintero", at=scene.at).found
    assert found.sentence == "Cardiology, Camelback has not switched on Echocardiogram."


def test_a_later_wave_asks_again(scene: Scene) -> None:
    people = [scene.add_candidate(days=30 + n) for n in range(9)]
    opening = scene.free()
    waiting = Candidate.objects.filter(opening=opening, rank__isnull=False, offer=None)
    next_one = waiting.order_by("rank")[0].patient
    assert next_one in people
    end_authorization(scene, next_one)
    for _ in range(6):
        scene.settle(hours=4)
    left = Candidate.objects.get(opening=opening, patient=next_one)
    assert (left.rank, left.left_out_by) == (None, "authorization")
    assert not Offer.objects.filter(patient=next_one).exists()


def test_a_yes_to_what_an_authorization_no_longer_covers_goes_to_a_person(
    opening: Opening, scene: Scene
) -> None:
    offer = first_offer(opening)
    end_authorization(scene, offer.patient)
    scene.reply(offer.patient, "yes")
    offer.refresh_from_db()
    assert offer.status == OfferStatus.SENT
    assert Opening.objects.get(pk=opening.pk).status == OpeningStatus.OFFERING
    assert scene.later_visit(offer.patient).status == AppointmentStatus.BOOKED
    assert not Appointment.objects.filter(slot=scene.slot, status__in=["requested", "booked"])
    task = Task.objects.get(patient=offer.patient)
    assert "The authorization ended on Nov 20, 2026." in task.why


def test_orders_go_along_with_the_visit_that_is_moved(opening: Opening, scene: Scene) -> None:
    offer = first_offer(opening)
    later = scene.later_visit(offer.patient)
    own = ServiceRequestFactory.create(
        patient=offer.patient, visit_type=scene.visit_type, appointment=later
    )
    after = ServiceRequestFactory.create(patient=offer.patient, follows=later)
    scene.reply(offer.patient, "yes")
    new = Appointment.objects.get(patient=offer.patient, slot=scene.slot)
    own.refresh_from_db()
    after.refresh_from_db()
    assert (own.appointment_id, after.follows_id, after.appointment_id) == (new.pk, new.pk, None)
    carried = AuditEntry.objects.filter(verb="scheduling.servicerequest.carried")
    assert set(carried.values_list("subject_id", flat=True)) == {own.pk, after.pk}


# --- by hand -------------------------------------------------------------------------------


@pytest.fixture
def manager(cast: Cast) -> Desk:
    """May set a rule aside, with a reason."""
    return Desk(cast.manager)


def test_the_desk_reads_what_would_break_and_cannot_set_it_aside(
    opening: Opening, scene: Scene, fiona: Desk
) -> None:
    patient = unasked(opening)
    end_authorization(scene, patient)
    shown = words(fiona.get(path(opening, "book", patient.pk), htmx=True))
    assert "An earlier date would break something: The authorization ended on Nov 20" in shown
    assert "A manager can book it all the same, with a reason." in shown
    assert "Why it can be booked all the same" not in shown
    data = agreed(fiona, opening, patient, gives_up="1", set_aside=REASON)
    response = fiona.post(path(opening, "book", patient.pk), data, htmx=True)
    assert response.status_code == 422
    assert "The authorization ended on Nov 20, 2026." in words(response)
    assert not Appointment.objects.filter(patient=patient, slot=scene.slot).exists()
    assert not AuditEntry.objects.filter(verb="scheduling.rules.set-aside").exists()


@pytest.mark.parametrize("is_asked", [True, False], ids=["asked", "not asked"])
def test_a_manager_sets_a_rule_aside_with_a_reason_which_is_kept(
    opening: Opening, scene: Scene, manager: Desk, cast: Cast, is_asked: bool
) -> None:
    patient = first_offer(opening).patient if is_asked else unasked(opening)
    end_authorization(scene, patient)
    shown = words(manager.get(path(opening, "book", patient.pk), htmx=True))
    assert "Why it can be booked all the same" in shown
    data = agreed(manager, opening, patient, gives_up="1")
    without = manager.post(path(opening, "book", patient.pk), data, htmx=True)
    assert without.status_code == 422
    assert not Appointment.objects.filter(patient=patient, slot=scene.slot).exists()
    data["set_aside"] = REASON
    assert manager.post(path(opening, "book", patient.pk), data, htmx=True).status_code == 200
    assert Appointment.objects.filter(patient=patient, slot=scene.slot).exists()
    entry = AuditEntry.objects.get(verb="scheduling.rules.set-aside")
    assert (entry.patient_id, entry.actor_label) == (patient.pk, "Manager Cast")
    assert entry.reason == REASON
    assert entry.detail == {"rules": ["authorization"], "clinic": scene.slot.role.clinic_id}
    kept = RuleOverride.objects.get(appointment__patient=patient)
    assert (kept.rule, kept.reason, kept.by_label) == ("authorization", REASON, "Manager Cast")


def test_a_need_that_came_up_in_between_is_shown_first(
    opening: Opening, scene: Scene, manager: Desk
) -> None:
    patient = unasked(opening)
    data = agreed(manager, opening, patient, gives_up="1", set_aside=REASON)
    end_authorization(scene, patient)
    response = manager.post(path(opening, "book", patient.pk), data, htmx=True)
    assert response.status_code == 409
    assert "It has just changed." in words(response)
    assert not Appointment.objects.filter(patient=patient, slot=scene.slot).exists()
