"""A desk with work on it: a text that asks, an opt-out by CANCEL, a write that no EHR took."""

from __future__ import annotations

import datetime as dt
from itertools import count

from crm.models import Patient, Phone, Task
from outreach.actions import receive_text
from outreach.models import Message
from outreach.states import MessageStatus
from scheduling.actions.writes import ask_a_person
from scheduling.states import EhrWriteStatus
from tests.factories import (
    NOW,
    TEST,
    AppointmentFactory,
    EhrWriteFactory,
    MessageFactory,
    phone_of,
    reachable_patient,
)

OUR_NUMBER = "+16025550100"
QUESTION = "Is the 9:40 with Dr. Park still free? My son could drive me."
OFFER = "Camelback: you can see us sooner, Fri Nov 20. YES takes it. http://x.example/o/s3cret/"
_sids = count(1)


def offered(patient: Patient, *, at: dt.datetime) -> Message:
    """An offer that we texted them."""
    return MessageFactory.create(
        patient=patient,
        phone=phone_of(patient),
        status=MessageStatus.DELIVERED,
        body=OFFER,
        created_at=at,
        sent_at=at,
        delivered_at=at,
        due_at=None,
        zone="America/Phoenix",
    )


def text_from(phone: Phone, body: str, *, at: dt.datetime = NOW) -> Message:
    """They text us, and it is acted on."""
    return receive_text(
        from_number=str(phone.number),
        to_number=OUR_NUMBER,
        body=body,
        carrier_id=f"SM{next(_sids):032x}",
        at=at,
    )


def task_of(message: Message) -> Task:
    """The task that a text has opened."""
    return Task.objects.get(cause_key__startswith=f"outreach.message:{message.pk}:")


def question(patient: Patient | None = None, *, at: dt.datetime = NOW) -> Task:
    """Somebody answers an offer with a question; due two hours later."""
    asker = patient or reachable_patient(given_name="Rosa", family_name="Delgado")
    offered(asker, at=at - dt.timedelta(minutes=9))
    return task_of(text_from(phone_of(asker), QUESTION, at=at))


def refused_write(patient: Patient, *, at: dt.datetime = NOW) -> Task:
    """A booking that the EHR would not take; due half an hour later."""
    write = EhrWriteFactory.create(
        appointment=AppointmentFactory.create(patient=patient),
        status=EhrWriteStatus.REFUSED,
        tries=3,
        answer="409 the slot is taken",
        due_at=None,
    )
    ask_a_person(write, why="The EHR refused the booking.", by=TEST, at=at)
    return Task.objects.get(cause_key=f"ehr-write:{write.pk}")
