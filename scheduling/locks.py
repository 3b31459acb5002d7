"""The only `select_for_update` of scheduling. Order: clinic, role, plan, slot, visits by key."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection
from django.db.transaction import TransactionManagementError

from crm.hydrating import Hydrator
from scheduling.models import (
    Appointment,
    Clinic,
    DecisionTree,
    EhrWrite,
    MassMove,
    Plan,
    ProviderRole,
    ScheduleAhead,
    ScheduleRun,
    SearchRecord,
    Slot,
    TreeRun,
    VideoVisit,
    VisitType,
)


def lock_clinic(pk: int) -> Clinic:
    """:raises Clinic.DoesNotExist:"""
    return Clinic.objects.select_for_update().get(pk=pk)


_SLOT = Hydrator((Slot, "s"))


def lock_slot(pk: int) -> Slot:
    """Everybody who is after one slot waits for whoever has it: hence by hand.

    :raises Slot.DoesNotExist:
    :raises TransactionManagementError: outside a transaction, where it would hold nothing.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("A slot is locked within a transaction.")
    found = _SLOT.read("SELECT {columns} FROM scheduling_slot s WHERE s.id = %s FOR UPDATE", [pk])
    if not found:
        raise Slot.DoesNotExist(f"There is no slot {pk}.")
    slot: Slot = found[0][0]
    return slot


def lock_slots(pks: Collection[int]) -> list[Slot]:
    """By key; those that are gone are left out."""
    return list(Slot.objects.select_for_update().filter(pk__in=pks).order_by("pk")) if pks else []


def lock_roles(pks: Collection[int]) -> None:
    """One writing of a clinician's schedule at a time; visits can still be booked meanwhile."""
    rows = ProviderRole.objects.select_for_update(no_key=True).filter(pk__in=pks)
    list(rows.order_by("pk").values_list("pk"))


def lock_appointment(pk: int) -> Appointment:
    """:raises Appointment.DoesNotExist:"""
    return Appointment.objects.select_for_update().get(pk=pk)


def lock_appointments_if_free(pks: list[int]) -> list[Appointment]:
    """Those of them that nobody else holds, by key. It waits for nobody: no deadlock."""
    rows = Appointment.objects.select_for_update(skip_locked=True, of=("self",))
    return list(rows.select_related("slot").filter(pk__in=pks).order_by("pk")) if pks else []


def lock_schedule_run(pk: int) -> ScheduleRun:
    """:raises ScheduleRun.DoesNotExist:"""
    return ScheduleRun.objects.select_for_update().get(pk=pk)


def lock_schedule_ahead(clinic_id: int) -> ScheduleAhead:
    """:raises ScheduleAhead.DoesNotExist:"""
    rows = ScheduleAhead.objects.select_for_update(of=("self",)).select_related("clinic")
    return rows.get(clinic=clinic_id)


def lock_ehr_write(pk: int) -> EhrWrite:
    """:raises EhrWrite.DoesNotExist:"""
    return EhrWrite.objects.select_for_update().get(pk=pk)


def lock_names(*names: str) -> None:
    """Hold, until the transaction ends, what has no row yet: a patient's or visit's outside key.

    Advisory locks, taken in sorted order, so that two messages about one new person or visit
    wait for each other instead of registering it twice.
    """
    held = "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(%s) AS name"
    with connection.cursor() as cursor:
        cursor.execute(held, [sorted(set(names))])


def lock_plan(pk: int) -> Plan:
    """Before its slots and visits. :raises Plan.DoesNotExist:"""
    rows = Plan.objects.select_for_update(of=("self",)).select_related("definition", "patient")
    return rows.get(pk=pk)


def lock_video(appointment_id: int) -> VideoVisit:
    """After its visit. :raises VideoVisit.DoesNotExist:"""
    return VideoVisit.objects.select_for_update().get(appointment=appointment_id)


def find_locked_video(appointment_id: int) -> VideoVisit | None:
    return VideoVisit.objects.select_for_update().filter(appointment=appointment_id).first()


def lock_tree(pk: int) -> DecisionTree:
    """Its versions and cases are changed under this. :raises DecisionTree.DoesNotExist:"""
    return DecisionTree.objects.select_for_update().get(pk=pk)


def lock_tree_run(pk: int) -> TreeRun:
    """:raises TreeRun.DoesNotExist:"""
    return TreeRun.objects.select_for_update().get(pk=pk)


def lock_visit_type(pk: int) -> VisitType:
    """Its catalog is changed under this. :raises VisitType.DoesNotExist:"""
    return VisitType.objects.select_for_update().get(pk=pk)


def lock_search(pk: int) -> SearchRecord:
    """:raises SearchRecord.DoesNotExist:"""
    return SearchRecord.objects.select_for_update().get(pk=pk)


def find_locked_search(pk: int) -> SearchRecord | None:
    return SearchRecord.objects.select_for_update().filter(pk=pk).first()


def lock_mass_move(pk: int) -> MassMove:
    """Before any slot or visit; its items change under this. :raises MassMove.DoesNotExist:"""
    return MassMove.objects.select_for_update().get(pk=pk)
