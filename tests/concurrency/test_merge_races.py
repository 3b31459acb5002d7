"""Records that are merged at once; with the locks, and without."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest

from crm import locks
from crm.actions.duplicates import flag_duplicate
from crm.actions.merging import merge_patients, undo_merge
from crm.actions.people import register_caller
from crm.models import Journey, Patient, PatientMerge
from crm.rules.names import Named
from crm.states import Sex
from crm.states.merging import MergeStatus
from tests.concurrency.meeting import (
    Race,
    Scene,
    broken,
    kept,
    with_guards,
    without_guards,
)
from tests.factories import NOW, TEST, JourneyFactory, PatientFactory

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


def unlocked() -> Any:
    """Nobody's record is held."""
    return patch.object(locks, "lock_people", lambda _ids: None)


def patient_enough() -> Any:
    """A merge waits as long as it takes: here the race is looked at, not its time-out."""
    return patch.object(locks, "little_patience", nullcontext)


def unnamed() -> Any:
    """No lock by name."""
    return patch.object(locks, "lock_name", lambda _name: None)


def flag(stays: Patient, gone: Patient) -> PatientMerge:
    return flag_duplicate(one=stays, other=gone, by=TEST, at=NOW)


def merging(stays: Patient, gone: Patient) -> Callable[[], Any]:
    merge = flag(stays, gone)
    return partial(merge_patients, merge_id=merge.pk, keep=stays.pk, by=TEST, at=NOW)


def three_in_a_row() -> Scene:
    """Ana into Bea, and Bea into Cleo: all that was Ana's is Cleo's in the end."""
    ana, bea, cleo = PatientFactory.create_batch(3)
    journey = JourneyFactory.create(patient=ana)
    into_bea, into_cleo = merging(bea, ana), merging(cleo, bea)

    def look() -> tuple[bool, bool]:
        ana.refresh_from_db()
        return (
            ana.merged_into_id == cleo.pk,
            Journey.objects.get(pk=journey.pk).patient_id == cleo.pk,
        )

    return Scene(into_bea, into_cleo, look)


def undone_and_merged_on() -> Scene:
    """One undoes the merge of Ana into Bea while another merges Bea into Cleo."""
    ana, bea, cleo = PatientFactory.create_batch(3)
    JourneyFactory.create(patient=ana)
    merge = merging(bea, ana)()
    on = merging(cleo, bea)
    undo = partial(undo_merge, merge_id=merge.pk, by=TEST, at=NOW)

    def look() -> bool:
        """Whether Ana stands with what is hers."""
        ana.refresh_from_db()
        return ana.merged_into_id is None and ana.journeys.count() == 1

    return Scene(undo, on, look)


def registered_by_two() -> Scene:
    """The same person calls twice, and two agents register her at once."""
    named = Named("Ana", "Quiroz" + "x" * Patient.objects.count(), NOW.date())
    register = partial(
        register_caller, named=named, phone=None, language="es", sex=Sex.FEMALE, by=TEST, at=NOW
    )

    def look() -> int:
        return Patient.objects.filter(family_name=named.family).count()

    return Scene(register, register, look)


RACES = [
    Race(
        three_in_a_row,
        stops="crm.actions.merging.move",
        guards=[unlocked],
        kept=("done", "done", (True, True)),
        broken=("done", "done", (False, False)),
    ),
    Race(
        undone_and_merged_on,
        stops="<crm.merge_hooks.find_objection",
        guards=[unlocked],
        kept=("done", "done", True),
        broken=("done", "done", False),
    ),
    Race(
        registered_by_two,
        stops="<crm.actions.people.record",
        guards=[unnamed],
        kept=("done", "MayBeKnown", 1),
        broken=("done", "done", 2),
    ),
]


def test_one_after_the_other() -> None:
    with patient_enough():
        assert with_guards(RACES) == kept(RACES)
    assert PatientMerge.objects.filter(status=MergeStatus.MERGED).exists()


def test_without_the_locks_records_are_lost_between_two() -> None:
    with patient_enough():
        assert without_guards(RACES) == broken(RACES)
