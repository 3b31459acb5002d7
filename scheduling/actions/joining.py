"""Two records of one person become one: who came online, and whom the EHR told of."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import transaction
from django.db.models import Model

from crm.actions import close_task
from crm.engine import Actor, record
from crm.models import Coverage, Patient, PatientIdentifier, PatientPhone, Task
from scheduling.linking import find_pair
from scheduling.locks import lock_names
from scheduling.models import Appointment, ServiceRequest

#: What an EHR tells of somebody: it goes along. Whatever else hangs on a record has a history.
_TOLD: Final[tuple[type[Model], ...]] = (
    PatientIdentifier,
    PatientPhone,
    Coverage,
    Appointment,
    ServiceRequest,
)
#: Written by the EHR's word, which holds (`scheduling.people.update_patient`).
_THEIRS: Final = (
    *("family_name", "given_name", "birth_on", "sex", "address_line", "city", "state"),
    *("postal_code", "source_sent_at", "deceased_at", "needs_interpreter"),
)


class CannotJoin(Exception):
    """They cannot be made one here any more; the text says why, for staff."""


def same_person(*, task: Task, by: Actor, at: dt.datetime) -> Patient:
    """The two of `task` are one: what the EHR told goes to whoever came online, and the second
    record, which then holds nothing, goes. Returns whose record stays.

    :raises CannotJoin: when they are one already, or the second has a history of its own.
    :raises TaskClosed, MovedMeanwhile: when somebody else has said meanwhile.
    """
    with transaction.atomic():
        lock_names(f"same person {task.pk}")
        pair = find_pair(task)
        if pair is None:
            raise CannotJoin("Somebody has made them one already.")
        stays, goes = pair
        lock_names(*(f"person {pk}" for pk in sorted((stays.pk, goes.pk))))
        _check_has_no_history(goes)
        if PatientIdentifier.objects.filter(patient=stays).exists():
            raise CannotJoin("The EHR knows both of them by now: join them there.")
        _hand_over(stays, goes)
        record("crm.patient.joined", stays, by=by, at=at, was=goes.pk)
        close_task(task=task, by=by, at=at, reason="the same person")
        goes.delete()
    return stays


def not_the_same(*, task: Task, by: Actor, at: dt.datetime) -> None:
    """Both stand, each by itself.

    :raises TaskClosed, MovedMeanwhile: when somebody else has said meanwhile.
    """
    with transaction.atomic():
        pair = find_pair(task)
        if pair is not None:
            record("crm.patient.told-apart", pair[0], by=by, at=at, other=pair[1].pk)
        close_task(task=task, by=by, at=at, reason="not the same person")


def _check_has_no_history(patient: Patient) -> None:
    """:raises CannotJoin:"""
    for relation in Patient._meta.related_objects:
        model = relation.related_model
        if model in _TOLD or model._meta.model_name == "candidate":
            continue  # a candidate whom nobody has asked is worked out anew
        if model._default_manager.filter(**{relation.field.name: patient}).exists():
            raise CannotJoin(
                "The second record has a history of its own by now, such as texts or tasks. "
                "Join them in the EHR, and it tells us."
            )


def _hand_over(stays: Patient, goes: Patient) -> None:
    held = PatientPhone.objects.filter(patient=stays).values("phone")
    PatientPhone.objects.filter(patient=goes, phone__in=held).delete()
    for model in _TOLD:
        model._default_manager.filter(patient=goes).update(patient=stays)
    for name in _THEIRS:
        if getattr(goes, name):
            setattr(stays, name, getattr(goes, name))
    stays.save(update_fields=list(_THEIRS))
