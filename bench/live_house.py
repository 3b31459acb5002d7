"""A contact center for the desks of a bench: queues, agents with their skills, people who call."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from bench.live_agents import sign_in
from crm.models import Agent, Interaction, Patient, PatientPhone, Phone, PhoneLine, Queue, User
from crm.states import AgentState, Channel
from desk.actions.shipping import add_shipped

#: Of a hundred agents so many have the skill; and of a hundred calls so many come on its line.
QUEUES: Final = {"": (100, 50), "es": (40, 20), "orthopedics": (30, 20), "billing": (15, 10)}
#: Of a hundred agents so many wait for a call; the others have somebody on the line.
FREE: Final = 15
BORN: Final = dt.date(1972, 3, 14)
POSTAL_CODE: Final = "85016"
PEOPLE: Final = 400


@dataclass(frozen=True, slots=True)
class Staff:
    """One agent: their session, and whether they wait for a call."""

    user: User
    session: str
    skills: tuple[str, ...]
    is_free: bool

    @property
    def extension(self) -> str:
        return str(self.user.pk)


@dataclass(frozen=True, slots=True)
class Center:
    staff: list[Staff]
    patients: list[Patient]
    #: The number of each line, by the skill that its queue asks for.
    lines: dict[str, str]


def add_center(size: int, *, at: dt.datetime) -> Center:
    """So many agents, each free or on the line with somebody."""
    add_shipped(at=at)
    lines = {skill: _add_line(n, skill) for n, skill in enumerate(QUEUES)}
    patients = _add_people(PEOPLE)
    sessions = sign_in(size)
    users = User.objects.filter(username__startswith="agent-").order_by("pk")
    staff = [
        Staff(user, session, _skills(n), is_free=n % 100 < FREE)
        for n, (user, session) in enumerate(zip(users, sessions, strict=True))
    ]
    Agent.objects.bulk_create(
        Agent(
            user=one.user,
            status=AgentState.AVAILABLE if one.is_free else AgentState.ON_CONTACT,
            since=at,
            skills=list(one.skills),
            extension=one.extension,
        )
        for one in staff
    )
    Interaction.objects.bulk_create(
        Interaction(channel=Channel.VOICE, patient=patient, agent=one.user, started_at=at)
        for one, patient in zip(
            (one for one in staff if not one.is_free), patients * size, strict=False
        )
    )
    return Center(staff, patients, lines)


def _skills(number: int) -> tuple[str, ...]:
    """Spread, so that those who wait have all kinds."""
    return tuple(
        skill
        for place, (skill, (share, _)) in enumerate(QUEUES.items())
        if skill and (number * (7 + place)) % 100 < share
    )


def _add_line(number: int, skill: str) -> str:
    queue = Queue.objects.create(
        code=skill or "main", name=(skill or "main").title(), skills=[skill] if skill else []
    )
    line = PhoneLine.objects.create(number=f"+1602555010{number}", name=queue.name, queue=queue)
    return str(line.number)


def _add_people(count: int) -> list[Patient]:
    people = Patient.objects.bulk_create(
        Patient(
            given_name="Ana", family_name=f"Reyes{n}", birth_on=BORN, postal_code=POSTAL_CODE,
            zone="America/Phoenix",
        )
        for n in range(count)
    )  # fmt: skip
    phones = Phone.objects.bulk_create(Phone(number=f"+1480555{n:04}") for n in range(count))
    PatientPhone.objects.bulk_create(
        PatientPhone(patient=patient, phone=phone)
        for patient, phone in zip(people, phones, strict=True)
    )
    return people
