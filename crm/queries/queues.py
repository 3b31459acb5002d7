"""Who waits for a member of staff, in which queues, and who is next."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from crm.models import Agent, Interaction, Queue, QueueEntry, User
from crm.rules.queues import Load, Wait, in_order, load_of, missing_skills
from crm.states import Acuity, EntryStatus

#: Contacts in hand that are shown; more than a few are forgotten ones.
MOST_IN_HAND: Final = 20


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """A queue in figures, as they stand now."""

    queue: Queue
    load: Load


@dataclass(frozen=True, slots=True)
class Waits:
    """What one member of staff may take: queues in the order of the screen, waits in their turn."""

    queues: tuple[QueueLoad, ...]
    entries: tuple[QueueEntry, ...]


def my_contacts(user: User) -> list[Interaction]:
    """Taken and not written up, the newest first, with patient and call. One statement."""
    rows = Interaction.objects.select_related("patient", "call__line", "call__phone")
    mine = rows.filter(agent=user, wrap_up=None)
    return list(mine.order_by("-started_at", "-pk")[:MOST_IN_HAND])


def waits_for(user: User, *, at: dt.datetime) -> Waits:
    """The queues whose skills `user` has, with all that waits there. Three statements."""
    queues = _queues_of(user)
    entries = _waiting([queue.pk for queue in queues])
    waits = {entry.pk: _wait(entry) for entry in entries.values()}
    of_queue = defaultdict[int, list[Wait]](list)
    for entry in entries.values():
        of_queue[entry.queue_id].append(waits[entry.pk])
    return Waits(
        queues=tuple(QueueLoad(one, load_of(of_queue[one.pk], at=at)) for one in queues),
        entries=tuple(entries[wait.pk] for wait in in_order(waits.values())),
    )


def next_entry(user: User, *, at: dt.datetime) -> QueueEntry | None:
    """Whose turn it is, of those that `user` may take; None when nobody waits."""
    entries = waits_for(user, at=at).entries
    return entries[0] if entries else None


def _queues_of(user: User) -> list[Queue]:
    skills = Agent.objects.filter(user=user).values_list("skills", flat=True).first() or []
    queues = Queue.objects.filter(is_active=True).order_by("rank", "name")
    return [queue for queue in queues if not missing_skills(queue.skills, skills)]


def _waiting(queue_ids: Collection[int]) -> dict[int, QueueEntry]:
    rows = QueueEntry.objects.filter(queue__in=queue_ids, status=EntryStatus.WAITING)
    return rows.select_related(
        "queue", "interaction__patient", "interaction__call__phone", "interaction__call__line"
    ).in_bulk()


def _wait(entry: QueueEntry) -> Wait:
    return Wait(entry.pk, Acuity(entry.acuity), entry.entered_at, entry.answer_by)
