"""What a safety alert shows: what was found, what they were told, and what is held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm.engine.audit import subject_type
from crm.models import Task
from crm.states import TaskKind, TaskStatus
from outreach.models import Message
from outreach.rules.also_said import CARRIED_OUT, read_also
from outreach.states import Direction, MessageStatus
from triage.models import Alert
from triage.queries import find_sign_off
from triage.states import Doubt, HelpLine, Level, Outcome


@dataclass(frozen=True, slots=True)
class Found:
    """One red flag. `phrase` is the list's wording, not theirs."""

    name: str
    phrase: str
    source: str
    doubt: Doubt


@dataclass(frozen=True, slots=True)
class Answer:
    """The last text that told them where to get help, and how far it came."""

    status: MessageStatus
    why: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class HeldText:
    """What a text of theirs also asked for. `may_carry_out`: a nurse is at it."""

    pk: int
    reading: str
    at: dt.datetime
    may_carry_out: bool


@dataclass(frozen=True, slots=True)
class AlertPanel:
    """An alert; `found` is empty for whoever is no nurse.

    `signed_as` is empty while no clinician has signed the list that found it.
    """

    level: Level
    line: HelpLine | None
    failed: bool
    found: tuple[Found, ...]
    list_version: str
    signed_as: str
    answer: Answer | None
    held: tuple[HeldText, ...]
    escalated_at: dt.datetime | None
    outcome: Outcome | None


def find_alert_panel(task: Task, *, for_nurse: bool) -> AlertPanel | None:
    """The alert behind a task; None for tasks of other kinds. Three queries, else none."""
    if task.kind != TaskKind.SAFETY_ALERT:
        return None
    alert = Alert.objects.filter(task=task).first()
    if alert is None:
        return None
    signed = find_sign_off(alert.list_digest)
    texts = Message.objects.filter(subject_type=subject_type(alert), subject_id=alert.pk)
    rows = list(texts.order_by("created_at", "pk"))
    return AlertPanel(
        level=Level(alert.level),
        line=HelpLine(alert.line) if alert.line else None,
        failed=alert.failed,
        found=tuple(map(_found, alert.matches)) if for_nurse else (),
        list_version=alert.list_version,
        signed_as=signed.signed_as if signed else "",
        answer=_answer(rows),
        held=tuple(_held(rows, is_taken=task.status != TaskStatus.OPEN)),
        escalated_at=alert.escalated_at,
        outcome=Outcome(alert.outcome) if alert.outcome else None,
    )


def _found(match: Mapping[str, Any]) -> Found:
    return Found(match["name"], match["phrase"], match["source"], Doubt(match["doubt"]))


def _answer(rows: list[Message]) -> Answer | None:
    ours = [row for row in rows if row.direction == Direction.OUT]
    if not ours:
        return None
    last = ours[-1]
    return Answer(MessageStatus(last.status), last.error_code, last.sent_at or last.created_at)


def _held(rows: list[Message], *, is_taken: bool) -> list[HeldText]:
    """Texts that ask for something a person can have carried out, and still wait."""
    held = [row for row in rows if row.status == MessageStatus.HELD]
    read = [(row, read_also(row.body, language=row.language).kind) for row in held]
    return [
        HeldText(row.pk, str(kind), row.created_at, is_taken)
        for row, kind in read
        if kind in CARRIED_OUT
    ]
