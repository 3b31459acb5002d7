"""What was received, as the inbox page shows it. The list has no body, so it names no patient."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from crm.models import AuditEntry
from integrations.inbox.showing import Readable, show
from integrations.models import Hl7Sender, InboxMessage
from integrations.states import InboxKind, InboxStatus
from scheduling.models import Location

#: So many lines make a page of the list.
MOST_LINES = 50
#: Senders to choose from are those of so many newest messages.
RECENT = 1000
#: So many others under the same key are named.
MOST_TWINS = 10
#: One replay takes so many; the others are chosen after it.
MOST_REPLAYED = 50_000
#: Counted on the page: the others may be millions.
COUNTED = (InboxStatus.REFUSED, InboxStatus.RECEIVED)
_SUBJECT = "integrations.inboxmessage"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The message that a page of the list begins after."""

    received_at: dt.datetime
    pk: int

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """From an address; None for what is none of ours."""
        micros, _, pk = text.partition("-")
        if not (micros.isdecimal() and pk.isdecimal() and len(text) < 40):
            return None
        try:
            since = dt.timedelta(microseconds=int(micros))
            return cls(dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + since, int(pk))
        except OverflowError:
            return None

    def __str__(self) -> str:
        since = self.received_at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
        return f"{since // dt.timedelta(microseconds=1)}-{self.pk}"


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message in the list."""

    pk: int
    kind: InboxKind
    source: str
    key: str
    status: InboxStatus
    outcome: str
    refused_field: str
    received_at: dt.datetime
    repeats: int
    key_reused: bool


@dataclass(frozen=True, slots=True)
class MessageList:
    """`counts` by status, of those that may need a person; `older` begins the next page."""

    lines: tuple[MessageLine, ...]
    older: Cursor | None
    counts: dict[str, int]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Twin:
    """Another body under the same key of the same sender."""

    pk: int
    status: InboxStatus
    received_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Step:
    """What became of the message, and by whom; `note` is the outcome or the reason."""

    at: dt.datetime
    to: InboxStatus
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class MessageDetail:
    """One message with its body."""

    line: MessageLine
    peer: str
    waits_for: str
    settled_at: dt.datetime | None
    attempts: int
    last_error: str
    body: Readable
    answer: Readable | None
    twins: tuple[Twin, ...]
    mended_from: int | None
    mended_as: tuple[int, ...]
    steps: tuple[Step, ...]
    zone: str

    @property
    def took(self) -> dt.timedelta | None:
        """From its coming to what became of it; nothing for what a person set aside."""
        if self.settled_at is None or self.line.status is InboxStatus.SET_ASIDE:
            return None
        return self.settled_at - self.line.received_at

    @property
    def set_aside_why(self) -> str:
        is_aside = self.line.status is InboxStatus.SET_ASIDE and self.steps
        return self.steps[-1].note if is_aside else ""

    @property
    def can_be_mended(self) -> bool:
        return self.line.status is InboxStatus.REFUSED

    @property
    def can_be_set_aside(self) -> bool:
        return self.line.status in {InboxStatus.RECEIVED, InboxStatus.REFUSED}


def list_messages(
    *,
    status: InboxStatus | None = None,
    kind: InboxKind | None = None,
    source: str = "",
    after: Cursor | None = None,
) -> MessageList:
    """A page of the list, the newest first. Three queries."""
    rows = list(_chosen(status, kind, source, after)[: MOST_LINES + 1])
    shown = rows[:MOST_LINES]
    last = shown[-1] if len(rows) > MOST_LINES else None
    waiting = InboxMessage.objects.filter(status__in=COUNTED)
    counts = {each.value: Count("pk", filter=Q(status=each)) for each in COUNTED}
    return MessageList(
        lines=tuple(_line(row) for row in shown),
        older=Cursor(last.received_at, last.pk) if last else None,
        counts=waiting.aggregate(**counts),
        sources=_sources(source),
    )


def get_message(pk: int) -> MessageDetail:
    """One message, readable. Six queries at most. :raises InboxMessage.DoesNotExist:"""
    row = InboxMessage.objects.get(pk=pk)
    kind, sender = InboxKind(row.kind), _sender(row)
    charset = sender.charset if sender else "utf-8"
    answer = bytes(row.answer)
    return MessageDetail(
        line=_line(row),
        peer=row.peer,
        waits_for=row.waits_for,
        settled_at=row.settled_at,
        attempts=row.attempts,
        last_error=row.last_error,
        body=show(kind, bytes(row.body), refused_field=row.refused_field, charset=charset),
        answer=show(kind, answer) if answer else None,
        twins=_twins(row) if row.key_reused else (),
        mended_from=row.mended_from_id,
        mended_as=_mended_as(row),
        steps=_steps(row),
        zone=sender.zone if sender else _zone_of_a_site(),
    )


def chosen_ids(
    *, status: InboxStatus | None = None, kind: InboxKind | None = None, source: str = ""
) -> list[int]:
    """The messages of a filter, at most as many as one replay takes, the oldest first."""
    rows = _chosen(status, kind, source, None).order_by("received_at", "pk")
    return list(rows.values_list("pk", flat=True)[:MOST_REPLAYED])


def _chosen(
    status: InboxStatus | None, kind: InboxKind | None, source: str, after: Cursor | None
) -> QuerySet[InboxMessage]:
    wanted: dict[str, Any] = {"status": status, "kind": kind, "source": source}
    rows = InboxMessage.objects.filter(**{name: value for name, value in wanted.items() if value})
    if after is not None:
        older = Q(received_at=after.received_at, pk__lt=after.pk)
        older |= Q(received_at__lt=after.received_at)
        rows = rows.filter(older, received_at__lte=after.received_at)  # the index begins there
    return rows.defer("body", "answer").order_by("-received_at", "-pk")


def _sources(chosen: str) -> tuple[str, ...]:
    """Who sent lately, and whoever is chosen."""
    newest = InboxMessage.objects.order_by("-received_at").values("source")[:RECENT]
    names = {row["source"] for row in newest}
    return tuple(sorted(names | ({chosen} if chosen else set())))


def _line(row: InboxMessage) -> MessageLine:
    return MessageLine(
        pk=row.pk,
        kind=InboxKind(row.kind),
        source=row.source,
        key=row.key,
        status=InboxStatus(row.status),
        outcome=row.outcome,
        refused_field=row.refused_field,
        received_at=row.received_at,
        repeats=row.repeats,
        key_reused=row.key_reused,
    )


def _sender(row: InboxMessage) -> Hl7Sender | None:
    if row.kind != InboxKind.HL7:
        return None
    return Hl7Sender.objects.filter(name=row.source).first()


def _zone_of_a_site() -> str:
    zones = Location.objects.filter(is_active=True).order_by("pk").values_list("zone", flat=True)
    return zones.first() or "UTC"


def _twins(row: InboxMessage) -> tuple[Twin, ...]:
    same = InboxMessage.objects.filter(kind=row.kind, source=row.source, key=row.key)
    others = same.exclude(pk=row.pk).order_by("received_at", "pk")
    found = others.values_list("pk", "status", "received_at")[:MOST_TWINS]
    return tuple(Twin(pk, InboxStatus(status), at) for pk, status, at in found)


def _mended_as(row: InboxMessage) -> tuple[int, ...]:
    if row.status != InboxStatus.SET_ASIDE:
        return ()
    return tuple(row.mended.order_by("pk").values_list("pk", flat=True)[:MOST_TWINS])


def _steps(row: InboxMessage) -> tuple[Step, ...]:
    """From the audit trail, the oldest first."""
    rows = AuditEntry.objects.filter(subject_type=_SUBJECT, subject_id=row.pk).exclude(to_status="")
    return tuple(
        Step(each.at, InboxStatus(each.to_status), each.actor_label, each.reason)
        for each in rows.order_by("pk")
    )
