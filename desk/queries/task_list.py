"""The list of tasks. It names nobody in full: whoever opens one, leaves a trace."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Case, Count, Q, QuerySet, Value, When

from crm.models import Task
from crm.states import TaskKind, TaskStatus

#: A closed task stays in its list for so long.
LOOK_BACK = dt.timedelta(days=7)
#: So many lines make a list; the export has them all.
MOST_LINES = 100
OPEN = (TaskStatus.OPEN, TaskStatus.CLAIMED)
CLOSED = (TaskStatus.DONE, TaskStatus.CANCELLED)


class Shown(StrEnum):
    """Which tasks a list shows."""

    OPEN = "open"
    MINE = "mine"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task in the list. `owner` is empty while nobody has it."""

    pk: int
    kind: TaskKind
    status: TaskStatus
    title: str
    why: str
    initials: str
    owner: str
    is_mine: bool
    is_late: bool
    due_at: dt.datetime
    created_at: dt.datetime
    closed_at: dt.datetime | None

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


@dataclass(frozen=True, slots=True)
class TaskList:
    """`counts` by `Shown` and `late`, of the chosen kind; `total` counts the lines there are."""

    shown: Shown
    kind: TaskKind | None
    lines: tuple[TaskLine, ...]
    total: int
    late: int
    counts: dict[str, int]

    @property
    def left_off(self) -> int:
        return self.total - len(self.lines)


def list_tasks(*, shown: Shown, kind: TaskKind | None, user_id: int, at: dt.datetime) -> TaskList:
    """Tasks to show, the first due first; closed ones the latest first. Two queries."""
    rows = tasks_shown(shown=shown, kind=kind, user_id=user_id, at=at)[:MOST_LINES]
    counts = _counts(kind, user_id, at)
    return TaskList(
        shown=shown,
        kind=kind,
        lines=tuple(_line(row, user_id, at) for row in rows),
        total=counts[shown],
        late=counts.pop("late"),
        counts=counts,
    )


def all_lines(
    *, shown: Shown, kind: TaskKind | None, user_id: int, at: dt.datetime
) -> list[tuple[TaskLine, Task]]:
    """Every line of a list with its row (which has `patient`), for the export. One query."""
    rows = tasks_shown(shown=shown, kind=kind, user_id=user_id, at=at)
    return [(_line(row, user_id, at), row) for row in rows]


def tasks_shown(
    *, shown: Shown, kind: TaskKind | None, user_id: int, at: dt.datetime
) -> QuerySet[Task]:
    """The tasks of one list in its order."""
    rows = _of_kind(kind).filter(_which(user_id, at)[shown]).select_related("patient", "owner")
    return rows.order_by("-closed_at", "-pk") if shown is Shown.CLOSED else rows.order_by(*IN_TURN)


#: Safety outranks everything (principle 12); then the first due.
SAFETY_FIRST = Case(When(kind=TaskKind.SAFETY_ALERT, then=Value(0)), default=Value(1))
IN_TURN = (SAFETY_FIRST, "due_at", "pk")


def _which(user_id: int, at: dt.datetime) -> dict[Shown, Q]:
    return {
        Shown.OPEN: Q(status__in=OPEN),
        Shown.MINE: Q(status=TaskStatus.CLAIMED, owner=user_id),
        Shown.CLOSED: Q(status__in=CLOSED, closed_at__gt=at - LOOK_BACK),
    }


def _of_kind(kind: TaskKind | None) -> QuerySet[Task]:
    return Task.objects.all() if kind is None else Task.objects.filter(kind=kind)


def _counts(kind: TaskKind | None, user_id: int, at: dt.datetime) -> dict[str, int]:
    """Of open tasks and of those closed lately; older ones are not looked at."""
    which = _which(user_id, at)
    counted = {shown.value: Count("pk", filter=those) for shown, those in which.items()}
    late = Count("pk", filter=which[Shown.OPEN] & Q(due_at__lte=at))
    recent = _of_kind(kind).filter(which[Shown.OPEN] | which[Shown.CLOSED])
    found: dict[str, int] = recent.aggregate(**counted, late=late)
    return found


def _line(row: Task, user_id: int, at: dt.datetime) -> TaskLine:
    owner = row.owner
    return TaskLine(
        pk=row.pk,
        kind=TaskKind(row.kind),
        status=TaskStatus(row.status),
        title=row.title,
        why=row.why,
        initials=row.patient.initials if row.patient else "",
        owner=(owner.get_full_name() or owner.get_username()) if owner else "",
        is_mine=row.owner_id == user_id,
        is_late=row.status in OPEN and row.due_at <= at,
        due_at=row.due_at,
        created_at=row.created_at,
        closed_at=row.closed_at,
    )
