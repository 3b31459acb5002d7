"""Who looked for a visit and was shown nothing is a candidate by themselves."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm.engine import run_step
from crm.models import Patient
from scheduling.actions import close_search, keep_search
from scheduling.models import CatalogEntry, SearchRecord, VisitType
from scheduling.rules.search import Criteria
from scheduling.states import Declined, Lack, SearchStatus
from tests.drive import settle
from tests.factories import (
    NOW,
    TEST,
    AppointmentFactory,
    LocationFactory,
    ProviderFactory,
    VisitTypeFactory,
    WaitlistEntryFactory,
    reachable_patient,
)
from tests.waitlist.scene import Scene
from waitlist.actions import want_what_was_lost
from waitlist.models import WaitlistEntry
from waitlist.states import CandidateKind, EntryKind, EntryStatus

pytestmark = pytest.mark.django_db
QUIET = dt.timedelta(minutes=31)


@pytest.fixture
def visit_type() -> VisitType:
    return VisitTypeFactory.create()


@pytest.fixture
def patient() -> Patient:
    return reachable_patient()


def look(visit_type: VisitType, patient: Patient | None, **more: Any) -> SearchRecord:
    """A search that found nothing, unless `more` says otherwise."""
    wanted = more.pop("wanted", {})
    said = {"shown": 0, "hidden": {}, "lack": Lack.NO_TIMES, "by": TEST, "at": NOW}
    criteria = Criteria(visit_type_id=visit_type.pk, **wanted)
    return keep_search(criteria=criteria, patient=patient, **{**said, **more})


def end(search: SearchRecord) -> None:
    """Nobody goes on with it, and what follows happens."""
    run_step("scheduling.search", search.pk, at=NOW + QUIET)
    settle(NOW + QUIET)


def test_is_a_candidate_with_what_was_wanted(visit_type: VisitType, patient: Patient) -> None:
    site, clinician = LocationFactory.create(), ProviderFactory.create()
    first_on, last_on = dt.date(2026, 12, 1), dt.date(2026, 12, 24)
    wanted = {
        "location_id": site.pk, "provider_id": clinician.pk, "first_on": first_on,
        "last_on": last_on,
    }  # fmt: skip
    end(look(visit_type, patient, wanted=wanted))
    entry = WaitlistEntry.objects.get(patient=patient)
    assert (entry.kind, entry.status) == (EntryKind.UNMET_REQUEST, EntryStatus.WAITING)
    assert (entry.location, entry.provider) == (site, clinician)
    assert (entry.not_before_on, entry.not_after_on) == (first_on, last_on)
    assert entry.created_at == NOW, "they wait since they first looked"


def test_wanting_no_day_is_thought_of_for_ninety_days_and_once(
    visit_type: VisitType, patient: Patient
) -> None:
    search = look(visit_type, patient)
    end(search)
    assert want_what_was_lost(search_id=search.pk, by=TEST, at=NOW) is None
    end(look(visit_type, patient))
    entry = WaitlistEntry.objects.get(patient=patient)
    assert entry.not_after_on == NOW.date() + dt.timedelta(days=90)


def test_is_not_where_times_were_shown_or_nobody_is_known(
    visit_type: VisitType, patient: Patient
) -> None:
    end(look(visit_type, patient, shown=4, lack=None))
    end(look(visit_type, None))
    assert not WaitlistEntry.objects.exists()


def test_is_not_where_the_agent_has_asked(visit_type: VisitType, patient: Patient) -> None:
    search = look(visit_type, patient)
    close_search(search_id=search.pk, declined=Declined.COST, note="", by=TEST, at=NOW)
    settle(NOW + QUIET)
    assert SearchRecord.objects.get().status == SearchStatus.LOST
    assert not WaitlistEntry.objects.exists()


@pytest.mark.parametrize("why", ["waits", "booked", "retired"])
def test_is_not_where_it_would_say_nothing_new(
    visit_type: VisitType, patient: Patient, why: str
) -> None:
    match why:
        case "waits":
            WaitlistEntryFactory.create(patient=patient, visit_type=visit_type)
        case "booked":
            later = NOW + dt.timedelta(days=30)
            AppointmentFactory.create(patient=patient, visit_type=visit_type, starts_at=later)
        case "retired":
            CatalogEntry.objects.create(
                visit_type=visit_type, is_retired=True, retired_on=NOW.date()
            )
    end(look(visit_type, patient))
    assert not WaitlistEntry.objects.filter(kind=EntryKind.UNMET_REQUEST).exists()


def test_is_offered_the_time_that_frees(scene: Scene) -> None:
    patient = reachable_patient(given_name="Una", family_name="Met")
    assert scene.slot.visit_type is not None
    entry = want_what_was_lost(
        search_id=lost(look(scene.slot.visit_type, patient)).pk, by=TEST, at=scene.at
    )
    assert entry is not None
    candidate = scene.free().candidates.get(patient=patient)
    assert (candidate.kind, candidate.entry) == (CandidateKind.UNMET_REQUEST, entry)
    assert candidate.rank is not None, candidate.left_out_why
    assert scene.texts_to(patient)


def lost(search: SearchRecord) -> SearchRecord:
    run_step("scheduling.search", search.pk, at=NOW + QUIET)
    return search
