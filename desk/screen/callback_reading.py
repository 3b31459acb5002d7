"""A callback as the agent sees it: whom, where, what was tried, and what a machine may hear."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from crm.actions.callbacks import limit_of
from crm.models import CallAttempt, Patient, Phone, Task, User
from crm.rules.callbacks import SILENT, voicemail_words
from desk.models import CallType
from desk.queries.call_types import find_call_type
from desk.queries.task_people import say_number
from desk.queries.zone import house_zone
from desk.rules.scripts import put_in


@dataclass(frozen=True, slots=True)
class ShownCallback:
    """`number` is empty where nobody told one; `voicemail` where no message may be left."""

    task: Task
    number: str
    tries: tuple[CallAttempt, ...]
    limit: int
    voicemail: str
    zone: str
    promised_at: dt.datetime | None
    is_open: bool

    @property
    def left(self) -> int:
        return max(self.limit - len(self.tries), 0)


def read_callback(task: Task, user: User) -> ShownCallback:
    """The task of kind `call-back` with what goes with it; constant in statements."""
    callback = getattr(task, "callback", None)
    patient = task.patient
    phone = callback.phone if callback and callback.phone else _first_phone(patient)
    tries = task.attempts.select_related("by").order_by("at", "pk")
    return ShownCallback(
        task=task,
        number=say_number(phone) if phone else "",
        tries=tuple(tries),
        limit=limit_of(task),
        voicemail=_voicemail(task, user),
        zone=(patient.zone if patient else "") or house_zone().key,
        promised_at=callback.promised_at if callback else None,
        is_open=task.closed_at is None,
    )


def _first_phone(patient: Patient | None) -> Phone | None:
    if patient is None:
        return None
    found = patient.patient_phones.filter(ended_on=None).select_related("phone").order_by("rank")
    link = found.first()
    return link.phone if link else None


def _voicemail(task: Task, user: User) -> str:
    """Word for word; of the kind of call where it has words of its own."""
    callback, patient = getattr(task, "callback", None), task.patient
    labels = set(patient.sensitivity) if patient else set()
    language = callback.language if callback else "en"
    kind = _kind_of(task)
    if kind is not None and not kind.may_leave_voicemail:
        return ""
    caller = user.first_name or user.get_username()
    env = settings.FIRSTCALL
    if kind is None or patient is None:
        return voicemail_words(
            caller=caller,
            organization=env.organization_name,
            phone=env.organization_phone,
            name=str(patient) if patient else "",
            labels=labels,
            language=language,
        )
    said = kind.voicemail_es if language.startswith("es") and kind.voicemail_es else kind.voicemail
    known = {
        "agent.name": caller,
        "patient.given_name": patient.given_name,
        "organization.name": env.organization_name,
        "organization.phone": env.organization_phone,
    }
    return "" if SILENT & labels else put_in(said, known)


def _kind_of(task: Task) -> CallType | None:
    callback = getattr(task, "callback", None)
    contact = callback.interaction if callback else None
    return find_call_type(contact.call_type) if contact and contact.call_type else None
