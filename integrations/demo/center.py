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
from integrations.demo.center_facts import AGENTS, GREETINGS, LINES, MENU, QUEUES, TEXTED
from integrations.demo.inventory import Inventory
from integrations.phone_wall.calling import SOURCE
from outreach.actions.people import DUE_IN, TITLES, cause_of
from outreach.models import Message
from outreach.rules.replies import ReplyKind
from outreach.states import Direction, MessageStatus

#: How long ago somebody was refused online, and could not be told.
REFUSED_AGO: Final = dt.timedelta(minutes=12)
#: How long ago somebody hung up, and after how long.
HUNG_UP_AGO: Final = dt.timedelta(minutes=18)
HUNG_UP_AFTER: Final = dt.timedelta(seconds=70)


def add_center(inventory: Inventory, staff: dict[Role, User], *, at: dt.datetime) -> int:
    """Rows only, without a sound, as all of the demo; returns how many lines."""
    queues = _queues()
    lines = _lines(inventory, queues)
    _agents(staff, at=at)
    callers = _callers(len(TEXTED) + 2)
    for use, (english, spanish, minutes, code, acuity) in zip(callers, TEXTED, strict=False):
        is_spanish = use.patient.language.startswith("es")
        words, since = spanish if is_spanish else english, at - dt.timedelta(minutes=minutes)
        queue = queues[code or ("spanish" if is_spanish else "general")]
        _texted(use, queue, words, since, acuity=acuity)
    _refused_online(callers[-2], queues["general"], at - REFUSED_AGO)
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


def _texted(
    use: PatientPhone, queue: Queue, words: str, since: dt.datetime, *, acuity: str
) -> None:
    """A text that was read as a question: as `outreach.actions.hand_to_person` leaves it."""
    why = "Texted a question."
    contact = _contact(use, Channel.SMS, why, since, acuity=acuity)
    message = Message.objects.create(
        direction=Direction.IN,
        status=MessageStatus.READ,
        reading=ReplyKind.QUESTION,
        patient=use.patient,
        phone=use.phone,
        our_number=LINES[0][0],
        language=use.patient.language,
        body=words,
        interaction=contact,
        key=f"in:before-you-came-{contact.pk}",
        created_at=since,
    )
    kind = TaskKind.ANSWER_TEXT
    _task(contact, TITLES[kind], why, DUE_IN[kind], cause_of(message, kind))
    _wait(contact, queue, since)


def _refused_online(use: PatientPhone, queue: Queue, since: dt.datetime) -> None:
    """As the pages for patients ask a person to tell them."""
    said = "The time they asked for online was refused, and no text could tell them"
    contact = _contact(use, Channel.WEB, said, since)
    title = "Call: the time they asked for online was refused"
    why, cause = "No text could tell them. Any visit they had stands.", "book:0:unheard"
    _task(contact, title, why, dt.timedelta(hours=2), cause)
    _wait(contact, queue, since)


def _contact(
    use: PatientPhone, channel: Channel, said: str, since: dt.datetime, *, acuity: str = ""
) -> Interaction:
    return Interaction.objects.create(
        channel=channel,
        acuity=acuity,
        patient=use.patient,
        started_at=since,
        summary=said,
        language=use.patient.language,
    )


def _task(contact: Interaction, title: str, why: str, within: dt.timedelta, cause: str) -> None:
    Task.objects.create(
        kind=TaskKind.ANSWER_TEXT,
        title=title,
        why=why,
        patient=contact.patient,
        contact=contact,
        due_at=contact.started_at + within,
        created_at=contact.started_at,
        cause_key=cause,
    )


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
