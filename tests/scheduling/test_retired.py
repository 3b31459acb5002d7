"""A kind of visit that is no longer booked: offered nowhere, and its visits stay."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.models import Patient
from scheduling.actions import BookingRefused, request_booking, reschedule_appointment
from scheduling.actions.catalog import describe_visit_type
from scheduling.models import CatalogEntry, Slot
from scheduling.queries import why_not
from scheduling.queries.search import left_out, search_slots
from scheduling.rules import HiddenBy
from scheduling.rules.search import Criteria
from tests.factories import VisitTypeFactory, reachable_patient
from tests.scheduling.day import BY, free_slot
from tests.waitlist.scene import Scene
from waitlist.actions import join_waitlist
from waitlist.models import Opening, WaitlistEntry

pytestmark = pytest.mark.django_db


def retire(scene: Scene, *, is_retired: bool = True, after: dt.timedelta = dt.timedelta()) -> None:
    describe_visit_type(
        visit_type_id=scene.visit_type.pk,
        purpose="",
        owner_id=None,
        owner_name="Denise",
        owner_contact="",
        is_retired=is_retired,
        by=BY,
        at=scene.at + after,
    )


@pytest.fixture
def slot(scene: Scene) -> Slot:
    """A free time for the scene's kind of visit, which is retired."""
    made = free_slot(scene)
    retire(scene)
    return made


@pytest.fixture
def patient() -> Patient:
    return reachable_patient()


def test_the_day_is_kept_and_taken_back(scene: Scene, slot: Slot) -> None:
    retire(scene, after=dt.timedelta(days=3))
    entry = CatalogEntry.objects.get()
    assert entry.retired_on == dt.date(2026, 11, 18)
    retire(scene, is_retired=False)
    entry.refresh_from_db()
    assert entry.retired_on is None


def test_search_finds_nothing_and_says_why(scene: Scene, slot: Slot, patient: Patient) -> None:
    wanted = Criteria(visit_type_id=scene.visit_type.pk)
    assert search_slots(wanted, at=scene.at, patient=patient).slots == ()
    (found,) = left_out(wanted, at=scene.at, patient=patient)
    said = [one.sentence for one in found.hidden if one.rule is HiddenBy.RETIRED]
    assert said == [f"{scene.visit_type.name} was retired on Nov 18, 2026."]


def test_nobody_books_it_and_nobody_sets_that_aside(
    scene: Scene, slot: Slot, patient: Patient
) -> None:
    with pytest.raises(BookingRefused, match="was retired"):
        request_booking(slot_id=slot.pk, patient=patient, by=BY, at=scene.at)
    hidden = why_not(slot, at=scene.at)
    assert hidden is not None
    assert (hidden.rule, hidden.effect) == (HiddenBy.RETIRED, "block")


def test_its_visits_stay_and_can_be_moved(scene: Scene, slot: Slot) -> None:
    new = reschedule_appointment(appointment_id=scene.visit.pk, slot_id=slot.pk, by=BY, at=scene.at)
    assert new.gives_up == scene.visit
    scene.visit.refresh_from_db()
    assert scene.visit.status == "booked"


def test_what_the_slot_also_serves_is_booked_there(
    scene: Scene, slot: Slot, patient: Patient
) -> None:
    other = VisitTypeFactory.create(name="Follow-up")
    scene.role.clinic.visit_types.add(other)
    Slot.objects.filter(pk=slot.pk).update(also_serves=[other.pk])
    made = request_booking(slot_id=slot.pk, patient=patient, visit_type=other, by=BY, at=scene.at)
    assert made.visit_type == other


def test_nobody_joins_the_list_for_it_and_its_freed_time_is_not_offered(
    scene: Scene, slot: Slot, patient: Patient
) -> None:
    with pytest.raises(BookingRefused, match="no longer booked"):
        join_waitlist(patient=patient, visit_type=scene.visit_type, by=BY, at=scene.at)
    assert not WaitlistEntry.objects.exists()
    scene.add_candidate()
    scene.cancel_in_ehr(scene.visit)
    scene.settle()
    assert not Opening.objects.exists()
