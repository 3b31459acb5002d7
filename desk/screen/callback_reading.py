"""A callback as the agent sees it: whom, where, what was tried, and what a machine may hear."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings

from crm import clock
from crm.actions.callbacks import limit_of
from crm.models import CallAttempt, Patient, Phone, Task, User
from crm.queries.contact import choose_phones, contact_permission
from crm.rules import ContactRule
from crm.rules.callbacks import SILENT, voicemail_words
from crm.rules.law import PhoneFor, phone_for
from crm.states import Channel, Purpose, Speaker
from desk.models import CallType
from desk.queries.call_types import find_call_type
from desk.queries.task_people import say_number
from desk.queries.zone import house_zone
from desk.rules.scripts import put_in

_PARTNERS: Final = frozenset(
    {Speaker.PHARMACY, Speaker.CLINICIAN, Speaker.FACILITY, Speaker.TRANSPORT, Speaker.OFFICIAL}
)
#: Nobody is called there about the patient, whoever asked for it.
_NO_CALL: Final = frozenset(
    {
        ContactRule.DECEASED,
        ContactRule.COURT_RESTRICTION,
        ContactRule.NUMBER_ENDED,
        ContactRule.CONFIDENTIAL_PHONE_ONLY,
    }
)
#: Of no record: good enough, unless the patient may be reached at one number alone.
_STRANGE: Final = frozenset({ContactRule.PHONE_NOT_THEIRS})


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
    contact = callback.interaction if callback else None
    phone = phone_to_call(
        patient,
        callback.phone if callback else None,
        speaker=Speaker(contact.speaker) if contact else Speaker.PATIENT,
        at=clock.now(),
    )
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


def phone_to_call(
    patient: Patient | None, asked: Phone | None, *, speaker: Speaker, at: dt.datetime
) -> Phone | None:
    """The number they asked to be called at, unless it must not be called about the patient; else
    the one that may be, the first of them: the confidential one, where a label asks for it.

    :param speaker: whoever asked. A pharmacy is called back where it is, and nowhere else.
    """
    if patient is None or speaker in _PARTNERS:
        return asked
    rules: Any = {"channel": Channel.VOICE, "purpose": Purpose.ANSWER, "at": at}
    if asked is not None:
        rule = contact_permission(patient=patient, phone=asked, **rules).rule
        if rule not in _NO_CALL and not (rule in _STRANGE and _is_strict(patient)):
            return asked
    return choose_phones(patient_ids=[patient.pk], **rules)[patient.pk].phone


def _is_strict(patient: Patient) -> bool:
    """Whether nothing but their confidential phone will do."""
    labels = frozenset(patient.sensitivity)
    return phone_for(labels, is_sensitive=False, is_minor=False) is PhoneFor.CONFIDENTIAL


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
