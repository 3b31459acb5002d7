"""The demo's contact center: its lines and queues, who works there, and who waits just now."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from crm.models import (
    Agent,
    Call,
    Callback,
    Interaction,
    InteractionStep,
    PatientPhone,
    PhoneLine,
    Queue,
    QueueEntry,
    Task,
    User,
)
from crm.rules.calls import CallNews, Heard, lasted
from crm.states import (
    Acuity,
    AgentState,
    CallStatus,
    Channel,
    EntryStatus,
    Role,
    StepKind,
    TaskKind,
    WaitsFor,
)
from integrations.demo.dataset.system import BONES, FAMILY
from integrations.demo.inventory import Inventory
from integrations.phone_wall.calling import SOURCE

#: Code, name, skills, seconds to answer.
QUEUES: Final[tuple[tuple[str, str, list[str], int], ...]] = (
    ("nurse", "Nurse triage", ["nurse"], 60),
    ("orthopedics", "Orthopedics", ["orthopedics"], 120),
    ("primary-care", "Primary care", ["primary-care"], 120),
    ("spanish", "Spanish", ["es"], 120),
    ("general", "Everything else", [], 180),
)
#: What the keys mean on every line; call types by their codes.
MENU: Final[dict[str, dict[str, str]]] = {
    "1": {"says": "running late", "call_type": "late"},
    "2": {"says": "appointments", "call_type": "book"},
    "3": {"says": "test results", "call_type": "results"},
    "4": {"says": "refills", "call_type": "refill"},
    "8": {"says": "español", "queue": "spanish"},
    "9": {
        "says": "urgent symptoms",
        "call_type": "nurse",
        "queue": "nurse",
        "acuity": str(Acuity.NURSE_NOW),
    },
}
#: Number, name, queue, service line, site, language, and what is said first.
LINES: Final = (
    ("+16025550100", "Main line", "general", "", "", "en"),
    ("+16025550103", "Orthopedics line", "orthopedics", BONES, "PHX", "en"),
    ("+16025550104", "Primary care line", "primary-care", FAMILY, "PHX", "en"),
    ("+16025550105", "Línea en español", "spanish", "", "", "es"),
    ("+15205550103", "Tucson line", "general", "", "TUS", "en"),
)
GREETINGS: Final = {
    "en": "Thank you for calling Sonora Health. This is {agent}. How can I help?",
    "es": "Gracias por llamar a Sonora Health. Le habla {agent}. ¿En qué puedo ayudarle?",
}
#: Who works there: skills, team, extension.
AGENTS: Final = (
    (Role.AGENT, ["es", "orthopedics", "primary-care"], "Access", "201"),
    (Role.FRONT_DESK, ["primary-care"], "Front desk", "202"),
    (Role.NURSE, ["nurse", "es", "orthopedics", "primary-care"], "Nurses", "301"),
    (Role.MANAGER, ["es", "orthopedics", "primary-care"], "Access", "210"),
)
#: Who waits: channel, queue, acuity, how long already, what about.
WAITING: Final = (
    (Channel.SMS, "general", Acuity.ROUTINE, 3, "Is the 9:40 still free? My son can come then."),
    (Channel.WEB, "orthopedics", Acuity.ROUTINE, 12, "Web booking, left at the times"),
    (Channel.SMS, "nurse", Acuity.HOURS_2, 1, "My knee is swollen since last night."),
)
#: How long ago somebody hung up, and after how long.
HUNG_UP_AGO: Final = dt.timedelta(minutes=18)
HUNG_UP_AFTER: Final = dt.timedelta(seconds=70)


def add_center(inventory: Inventory, staff: dict[Role, User], *, at: dt.datetime) -> int:
    """Rows only, without a sound, as all of the demo; returns how many lines."""
    queues = _queues()
    lines = _lines(inventory, queues)
    _agents(staff, at=at)
    callers = _callers(len(WAITING) + 1)
    for use, (channel, code, acuity, minutes, words) in zip(callers, WAITING, strict=False):
        since = at - dt.timedelta(minutes=minutes)
        contact = Interaction.objects.create(
            channel=channel,
            patient=use.patient,
            started_at=since,
            summary=words,
            acuity=acuity,
            language=use.patient.language,
            specialty=BONES if code == "orthopedics" else "",
        )
        _wait(contact, queues[code], since)
    _hung_up(callers[-1], lines[0], at - HUNG_UP_AGO, at=at)
    return len(lines)


def _queues() -> dict[str, Queue]:
    rows = [
        Queue(code=code, name=name, skills=skills, answer_seconds=seconds, rank=rank)
        for rank, (code, name, skills, seconds) in enumerate(QUEUES)
    ]
    return {queue.code: queue for queue in Queue.objects.bulk_create(rows)}


def _lines(inventory: Inventory, queues: dict[str, Queue]) -> list[PhoneLine]:
    return PhoneLine.objects.bulk_create(
        PhoneLine(
            number=number,
            name=name,
            queue=queues[code],
            specialty=specialty,
            location_id=inventory.locations[site].pk if site else None,
            language=language,
            greeting=GREETINGS[language],
            menu=MENU,
        )
        for number, name, code, specialty, site, language in LINES
    )


def _agents(staff: dict[Role, User], *, at: dt.datetime) -> None:
    Agent.objects.bulk_create(
        Agent(
            user=staff[role],
            status=AgentState.OFFLINE,
            since=at,
            skills=skills,
            team=team,
            extension=extension,
        )
        for role, skills, team, extension in AGENTS
    )


def _callers(count: int) -> list[PatientPhone]:
    """Adults with a phone of their own, from the end of the list: the stories use the others."""
    rows = PatientPhone.objects.select_related("patient", "phone").filter(
        ended_on=None, is_confidential=False, patient__sensitivity=[], patient__proxies=None
    )
    return list(rows.order_by("-patient_id", "rank").distinct("patient_id")[:count])


def _wait(contact: Interaction, queue: Queue, since: dt.datetime, **ended: Any) -> None:
    QueueEntry.objects.create(
        queue=queue,
        interaction=contact,
        acuity=contact.acuity or Acuity.ROUTINE,
        entered_at=since,
        answer_by=since + dt.timedelta(seconds=queue.answer_seconds),
        **ended,
    )


def _hung_up(use: PatientPhone, line: PhoneLine, rang_at: dt.datetime, *, at: dt.datetime) -> None:
    """One call that nobody answered in time, as the telephone system would have told of it."""
    over_at = rang_at + HUNG_UP_AFTER
    said = f"Hung up after {lasted(HUNG_UP_AFTER)}"
    contact = Interaction.objects.create(
        channel=Channel.VOICE,
        started_at=rang_at,
        ended_at=over_at,
        summary=said,
        language=line.language,
        call_type="book",
    )
    _call(contact, use, line, rang_at, over_at)
    task = Task.objects.create(
        kind=TaskKind.CALL_BACK,
        title=f"{said}, call back",
        why=f"{line.name}, chose “appointments”",
        due_at=at + dt.timedelta(minutes=12),
        created_at=over_at,
        cause_key=f"hung-up:{contact.call.pk}",
    )
    Callback.objects.create(task=task, phone=use.phone, interaction=contact, language=line.language)


def _call(
    contact: Interaction,
    use: PatientPhone,
    line: PhoneLine,
    rang_at: dt.datetime,
    over_at: dt.datetime,
) -> None:
    ends: dict[str, Any] = {"ended_at": over_at}
    pressed_at = rang_at + dt.timedelta(seconds=9)
    heard = (
        Heard(CallNews.RANG, rang_at, names_line=True),
        Heard(CallNews.PRESSED, pressed_at, key="2"),
        Heard(CallNews.ABANDONED, over_at),
    )
    Call.objects.create(
        interaction=contact,
        source=SOURCE,
        source_id="before-you-came",
        line=line,
        phone=use.phone,
        status=CallStatus.ABANDONED,
        pressed=["2"],
        rang_at=rang_at,
        heard=[one.as_json() for one in heard],
        **ends,
    )
    InteractionStep.objects.create(
        interaction=contact,
        kind=StepKind.RING,
        code="call",
        waits_for=WaitsFor.QUEUE,
        at=rang_at,
        **ends,
    )
    _wait(contact, line.queue, rang_at, status=EntryStatus.LEFT, **ends)
