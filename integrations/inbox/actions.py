"""Everything received: stored first, then applied, answered, and kept with its outcome."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db import transaction
from django.db.models import F

from crm.engine import Actor, insert_or_none, move, publish, record, ring, wake
from integrations.inbox import locks
from integrations.inbox.outcomes import Settled
from integrations.models import InboxMessage
from integrations.problems import FieldError
from integrations.states import InboxKind, InboxStatus

STEP = "integrations.inbox"
_SOURCE, _KEY = 200, 200


def store(
    *,
    kind: InboxKind,
    source: str,
    key: str,
    body: bytes,
    peer: str,
    at: dt.datetime,
    due_at: dt.datetime | None,
    flushed: bool = True,
) -> tuple[InboxMessage, bool]:
    """Keep a message as it came; returns its row, and whether it is new.

    The same key with the same body is a repeat: it is counted, not stored again. The same key
    with another body is no repeat: it is stored, and both are flagged. Its step applies it at
    `due_at`; with None nobody does. With `flushed` false its commit survives the death of this
    process, and reaches the disk with the next one, which the caller makes before it answers.
    """
    source, key = source[:_SOURCE], key[:_KEY]
    digest = hashlib.sha256(body).hexdigest()
    same_key = InboxMessage.objects.filter(kind=kind, source=source, key=key)
    with transaction.atomic():
        locks.lock_key(kind, source, key, flushed=flushed)
        others = same_key.exclude(digest=digest)
        message = insert_or_none(
            InboxMessage(
                kind=kind,
                source=source,
                key=key,
                digest=digest,
                body=body,
                received_at=at,
                peer=peer[:80],
                key_reused=bool(others.update(key_reused=True)),
                due_at=due_at,
            )
        )
        if message is None:
            return _count_repeat(same_key.get(digest=digest)), False
        if due_at is not None and due_at <= at:
            ring(STEP, message.pk)
    return message, True


def store_unversioned(
    *, kind: InboxKind, source: str, name: str, body: bytes, peer: str, at: dt.datetime
) -> tuple[InboxMessage, bool]:
    """Keep a message that says what it is about, but not which state of it; as `store`.

    Such a body may come again in earnest (a slot is held, let go, and free again within seconds).
    It is a repeat only of the latest message of that name. Else it is new and due at once, and
    the earlier one's key is marked with the time when it came.
    """
    digest = hashlib.sha256(body).hexdigest()
    same_name = InboxMessage.objects.filter(kind=kind, source=source[:_SOURCE], key=name)
    with transaction.atomic():
        locks.lock_key(kind, source[:_SOURCE], name)
        latest = same_name.order_by("-received_at", "-pk").first()
        known = same_name.filter(digest=digest).first()
        if known is not None:
            if known == latest:
                return _count_repeat(known), False
            marked = f"{name} received {known.received_at.isoformat()}"
            InboxMessage.objects.filter(pk=known.pk).update(key=marked)
        message = InboxMessage.objects.create(
            kind=kind,
            source=source[:_SOURCE],
            key=name,
            digest=digest,
            body=body,
            received_at=at,
            peer=peer[:80],
            due_at=at,
        )
        ring(STEP, message.pk)
    return message, True


def _count_repeat(known: InboxMessage) -> InboxMessage:
    InboxMessage.objects.filter(pk=known.pk).update(repeats=F("repeats") + 1)
    return known


def settle(
    message: InboxMessage, settled: Settled, *, answer: bytes = b"", by: Actor, at: dt.datetime
) -> None:
    """Write down what became of a message. Publishes `integrations.message-<status>`."""
    move(
        message,
        to=settled.status,
        by=by,
        at=at,
        reason=settled.sentence,
        settled_at=at,
        outcome=settled.sentence[:300],
        refused_field=settled.field[:120],
        waits_for=settled.waits_for,
        answer=answer,
        due_at=None,
    )
    publish(f"integrations.message-{settled.status}", message, at=at)


def receive_unreadable(
    *,
    kind: InboxKind,
    source: str,
    key: str,
    body: bytes,
    peer: str,
    fault: FieldError,
    by: Actor,
    at: dt.datetime,
) -> InboxMessage:
    """Keep a body that cannot be read, refused, so that nothing that was sent is lost."""
    with transaction.atomic():
        message, is_new = store(
            kind=kind, source=source, key=key, body=body, peer=peer, at=at, due_at=None
        )
        if is_new:
            settle(message, Settled.refused(fault.field, fault.detail), by=by, at=at)
    return message


def replay(*, message_id: int, by: Actor, at: dt.datetime) -> InboxMessage:
    """Try a message again, as it was received: after a code table or a patient was mended.

    :raises InboxMessage.DoesNotExist:
    """
    with transaction.atomic():
        message = locks.lock_message(message_id)
        if message.status != InboxStatus.RECEIVED:
            move(message, to=InboxStatus.RECEIVED, by=by, at=at, reason="replayed")
        InboxMessage.objects.filter(pk=message.pk).update(attempts=0, last_error="")
        wake(message, STEP, at=at)
    return message


class CannotMend(Exception):
    """The message was applied or closed meanwhile, or nothing of it was changed."""


def mend(*, message_id: int, body: bytes, by: Actor, at: dt.datetime) -> InboxMessage:
    """Try a mended copy of a refused message in its stead; returns the copy.

    What came stays as it is, and is set aside with the number of the copy. Both are in the
    audit trail. Whoever sends the original again hears what became of the copy.

    :raises InboxMessage.DoesNotExist:
    :raises CannotMend: when it was not refused, or the copy is the same.
    """
    with transaction.atomic():
        original = locks.lock_message(message_id)
        if original.status != InboxStatus.REFUSED:
            raise CannotMend("It is no longer refused, so there is nothing to mend.")
        if body == bytes(original.body):
            raise CannotMend("Nothing was changed.")
        copy, is_new = store(
            kind=InboxKind(original.kind),
            source=original.source,
            key=f"{original.key[: _KEY - 30]} mended {original.pk}",
            body=body,
            peer=original.peer,
            at=at,
            due_at=at,
        )
        if not is_new:
            raise CannotMend("The same was tried before.")
        InboxMessage.objects.filter(pk=copy.pk).update(
            mended_from=original.mended_from_id or original.pk, received_at=original.received_at
        )
        record("integrations.inbox.mended", copy, by=by, at=at, original=original.pk)
        _set_aside(original, reason=f"Mended as message {copy.pk}", by=by, at=at)
    return copy


def replay_waiting(*, waits_for: str, by: Actor, at: dt.datetime) -> int:
    """Try the messages again that ended a visit before we had heard of it; returns how many."""
    waiting = InboxMessage.objects.filter(status=InboxStatus.REFUSED, waits_for=waits_for)
    keys = list(waiting.order_by("pk").values_list("pk", flat=True))
    for pk in keys:
        replay(message_id=pk, by=by, at=at)
    return len(keys)


def set_aside(*, message_id: int, reason: str, by: Actor, at: dt.datetime) -> InboxMessage:
    """A person decides that nothing is to be done with a message. It stays where it is.

    :raises InboxMessage.DoesNotExist:
    """
    with transaction.atomic():
        message = locks.lock_message(message_id)
        if message.status in {InboxStatus.RECEIVED, InboxStatus.REFUSED}:
            _set_aside(message, reason=reason, by=by, at=at)
        else:
            record("integrations.inbox.noted", message, by=by, at=at, reason=reason)
    return message


def _set_aside(message: InboxMessage, *, reason: str, by: Actor, at: dt.datetime) -> None:
    aside = InboxStatus.SET_ASIDE
    move(message, to=aside, by=by, at=at, reason=reason, settled_at=at, due_at=None)


def receive_hl7(raw: bytes, *, peer: str, at: dt.datetime) -> bytes:
    """Store, apply and answer one HL7 message. The answer is built after the commit.

    A message seen before with the same body is answered as the first time.
    """
    from integrations.hl7v2.receive import answer_message

    return answer_message(raw, peer=peer, at=at)


def note_too_long(head: bytes, max_bytes: int, *, peer: str, at: dt.datetime) -> InboxMessage:
    """Keep the beginning of a message that was too long to take, so that an operator sees it.

    Its sender still has it, and has heard why it was refused.
    """
    from integrations.hl7v2.parse import read_header

    header = read_header(head)
    said = f"The message is longer than {max_bytes:,} bytes; only its beginning was kept."
    return receive_unreadable(
        kind=InboxKind.HL7,
        source=header.source,
        key=header.control_id or f"too-long-{hashlib.sha256(head).hexdigest()[:32]}",
        body=head,
        peer=peer,
        fault=FieldError("MSH", said),
        by=Actor.system("mllp"),
        at=at,
    )
