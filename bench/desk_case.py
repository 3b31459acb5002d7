"""A contact at the desk with everything that can stand on it, as heavy as is asked for.

A clinic with free times, an agent with people who wait and tasks, and a patient with past visits,
texts, contacts, a whole chart, visits ahead, and offers that were not answered. It is on the line,
verified, and its reason is about a time: so each column has all of its parts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import cycle
from typing import Final

from bench.desk_chart import add_chart
from bench.desk_house import HALF_HOUR, House, add_free_times, add_house, add_offers
from bench.population import SOURCE, analyze
from crm.actions.contacts import give_reason, identify_contact, open_contact
from crm.actions.verifying import verify_contact
from crm.engine import Actor
from crm.models import (
    Agent,
    Call,
    ConsentEntry,
    Interaction,
    InteractionStep,
    Patient,
    PatientPhone,
    Phone,
    PhoneLine,
    Queue,
    QueueEntry,
    Task,
    User,
    WrapUp,
)
from crm.states import (
    Acuity,
    AgentState,
    CallStatus,
    Channel,
    ConsentDecision,
    IdentifierKind,
    Purpose,
    Role,
    StepKind,
    TaskKind,
)
from desk.actions.shipping import add_shipped
from outreach.models import Message
from outreach.states import Direction, MessageStatus
from scheduling.models import (
    Appointment,
)
from scheduling.states import AppointmentStatus, Origin

BY: Final = Actor.system("bench")
BORN: Final = dt.date(1972, 3, 14)
#: Steps of a past contact: what an ordinary call leaves behind.
_STEPS: Final = (
    StepKind.RING,
    StepKind.VERIFY,
    StepKind.REASON,
    StepKind.SAFETY,
    StepKind.SEARCH,
    StepKind.HOLD_SLOT,
    StepKind.BOOK,
    StepKind.WRAP_UP,
)
_AHEAD = 6


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of each there is. `free` times a clinician, of whom there are five."""

    visits: int = 300
    texts: int = 500
    contacts: int = 40
    chart: int = 60
    waiting: int = 8
    free: int = 60


@dataclass(frozen=True, slots=True)
class Case:
    """What was made. `times` is the address's query that shows times in the conversation."""

    agent: User
    patient: Patient
    contact: Interaction
    times: str


def add_case(sizes: Sizes, *, at: dt.datetime) -> Case:
    """Write it into a database that holds nothing of the desk's but what is shipped."""
    add_shipped(at=at)
    agent = User.objects.create(
        username="bench-agent", first_name="Alma", last_name="Ortega", roles=[str(Role.AGENT)]
    )
    house = add_house()
    patient, phone = _add_patient(at)
    _add_visits(house, patient, sizes.visits, at)
    _add_texts(patient, phone, sizes.texts, at)
    _add_contacts(agent, patient, sizes.contacts, at)
    kinds = [kind.code for kind in house.kinds]
    clinicians = [f"provider-{role.provider_id}" for role in house.roles]
    add_chart(patient, sizes.chart, kinds=kinds, clinicians=clinicians, at=at)
    add_offers(house, patient, phone, at)
    _add_waiting(agent, sizes.waiting, at)
    add_free_times(house, sizes.free, at)
    contact = _on_the_line(agent, patient, phone, at)
    analyze()
    return Case(agent, patient, contact, f"visit_type={house.kinds[0].pk}")


def _add_patient(at: dt.datetime) -> tuple[Patient, Phone]:
    patient = Patient.objects.create(
        given_name="Maria", family_name="Alvarez-Ruiz", birth_on=BORN, postal_code="85016",
        city="Phoenix", state="AZ", zone="America/Phoenix", latitude=33.5, longitude=-112.0,
    )  # fmt: skip
    phone = Phone.objects.create(number="+16025550148")
    PatientPhone.objects.create(patient=patient, phone=phone)
    ConsentEntry.objects.create(
        phone=phone,
        patient=patient,
        channel=Channel.SMS,
        purpose=Purpose.ALL,
        decision=ConsentDecision.GRANTED,
        at=at - dt.timedelta(days=100),
        source="intake-form",
        recorded_by="bench",
    )
    return patient, phone


def _add_visits(house: House, patient: Patient, count: int, at: dt.datetime) -> None:
    """So many that are past, one a week from last week on; and some that are ahead."""
    roles, kinds = cycle(house.roles), cycle(house.kinds)
    weeks: Iterable[int] = [-n for n in range(1, count + 1)] + list(range(4, 4 + _AHEAD))
    hour = at.replace(minute=0, second=0, microsecond=0)
    Appointment.objects.bulk_create(
        Appointment(
            patient=patient,
            role=role,
            provider_id=role.provider_id,
            location_id=house.clinic.location_id,
            visit_type=next(kinds),
            starts_at=hour + dt.timedelta(weeks=week),
            ends_at=hour + dt.timedelta(weeks=week) + HALF_HOUR,
            status=AppointmentStatus.FULFILLED if week < 0 else AppointmentStatus.BOOKED,
            origin=Origin.EHR,
            booked_at=hour + dt.timedelta(weeks=min(week, 0), days=-20),
            source=SOURCE,
            source_id=f"visit-{week}",
        )
        for week, role in zip(weeks, roles, strict=False)
    )


def _add_texts(patient: Patient, phone: Phone, count: int, at: dt.datetime) -> None:
    Message.objects.bulk_create(
        Message(
            direction=Direction.OUT if n % 2 else Direction.IN,
            status=MessageStatus.DELIVERED if n % 2 else MessageStatus.RECEIVED,
            patient=patient,
            phone=phone,
            purpose=Purpose.REMINDER if n % 2 else "",
            body="Camelback: see you Tuesday at 9:40 AM." if n % 2 else "Can I come later?",
            key=f"bench:{n}",
            carrier_id=f"SM{n:032x}",
            created_at=at - dt.timedelta(hours=5 * (n + 1)),
        )
        for n in range(count)
    )


def _add_contacts(agent: User, patient: Patient, count: int, at: dt.datetime) -> None:
    """Past calls, each wrapped up, with its steps."""
    made = Interaction.objects.bulk_create(
        Interaction(
            channel=Channel.VOICE,
            patient=patient,
            agent=agent,
            call_type="book",
            reason="my knee again",
            acuity=Acuity.ROUTINE,
            started_at=at - dt.timedelta(days=9 * (n + 1)),
            ended_at=at - dt.timedelta(days=9 * (n + 1)) + dt.timedelta(minutes=5),
        )
        for n in range(count)
    )
    InteractionStep.objects.bulk_create(
        InteractionStep(interaction=one, kind=kind, at=one.started_at, user=agent)
        for one in made
        for kind in _STEPS
    )
    WrapUp.objects.bulk_create(
        WrapUp(interaction=one, disposition="booked", note="Booked.", at=one.started_at, by=agent)
        for one in made
    )


def _add_waiting(agent: User, count: int, at: dt.datetime) -> None:
    """So many in the agent's queue, each with a name, and as many tasks of their own."""
    Agent.objects.create(user=agent, status=AgentState.ON_CONTACT, since=at, extension="201")
    queue = Queue.objects.create(code="bench", name="Everything else")
    people = Patient.objects.bulk_create(
        Patient(given_name="Waits", family_name=f"Here{n}") for n in range(count)
    )
    contacts = Interaction.objects.bulk_create(
        Interaction(channel=Channel.SMS, patient=one, started_at=at, summary="Is it still free?")
        for one in people
    )
    QueueEntry.objects.bulk_create(
        QueueEntry(queue=queue, interaction=one, entered_at=at, answer_by=at + HALF_HOUR)
        for one in contacts
    )
    Task.objects.bulk_create(
        Task(
            kind=TaskKind.CALL_BACK, title="Call back", owner=agent, patient=one, due_at=at,
            created_at=at, cause_key=f"bench:{one.pk}",
        )
        for one in people
    )  # fmt: skip


def _on_the_line(agent: User, patient: Patient, phone: Phone, at: dt.datetime) -> Interaction:
    """Known, verified, and about a time."""
    by = Actor.user(agent)
    contact = open_contact(channel=Channel.VOICE, agent=agent, by=BY, at=at)
    line = PhoneLine.objects.create(
        number="+16025550100", name="Main line", queue=Queue.objects.get(code="bench")
    )
    Call.objects.create(
        interaction=contact, source="bench", source_id="1", line=line, phone=phone,
        status=CallStatus.TALKING, rang_at=at, answered_at=at,
    )  # fmt: skip
    identify_contact(contact_id=contact.pk, patient=patient, by=by, at=at)
    said = {
        IdentifierKind.BIRTH_DATE: BORN.isoformat(),
        IdentifierKind.POSTAL_CODE: patient.postal_code,
    }
    verify_contact(contact_id=contact.pk, said=said, by=by, at=at)
    return give_reason(
        contact_id=contact.pk,
        reason="my knee is stiff again",
        call_type="book",
        need="A visit",
        acuity=Acuity.ROUTINE,
        by=by,
        at=at,
    )
