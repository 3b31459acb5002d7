"""One HL7 message from the wire to its acknowledgment."""

from __future__ import annotations

import datetime as dt
import hashlib

import structlog
from django.db import InterfaceError, OperationalError, transaction

from crm.engine import Actor, written_together
from crm.engine.retrying import took_too_long
from integrations.hl7v2.ack import accept, build_ack, build_batch_ack, refuse
from integrations.hl7v2.errors import AckCode, ErrorCode, Hl7Error, Hl7Refused
from integrations.hl7v2.mapping import map_siu
from integrations.hl7v2.merges import is_merge, map_merges
from integrations.hl7v2.message import Header, Hl7Message
from integrations.hl7v2.parse import read_header, read_message, split_batch
from integrations.hl7v2.persons import MergeNeedsPerson, map_adt
from integrations.hl7v2.profile import SenderProfile
from integrations.hl7v2.senders import find_sender, passes_over, profile_of
from integrations.inbox import locks
from integrations.inbox.actions import settle, store
from integrations.inbox.outcomes import Settled
from integrations.models import InboxMessage
from integrations.states import InboxKind, InboxStatus
from scheduling.actions import (
    ReportOutcome,
    ReportRefused,
    UnknownVisit,
    apply_appointment_report,
    apply_merge_report,
    apply_patient_report,
)

log = structlog.get_logger(__name__)

#: Where an SIU message writes what scheduling refuses.
PLACES = {
    "source": "MSH-3",
    "appointment_id": "SCH-2",
    "sent_at": "MSH-7",
    "patient": "PID-3",
    "starts_at": "TQ1-7",
    "providers": "AIP-3",
    "order": "SCH-26",
}
#: A message that nobody has settled after this long (its receiver died) goes to its step.
LEASE = dt.timedelta(seconds=60)
#: Kinds of message that a sender may be told to go on sending, and that we pass over.
NOT_FOR_US = frozenset({ErrorCode.UNSUPPORTED_MESSAGE, ErrorCode.UNSUPPORTED_EVENT})


def answer_message(raw: bytes, *, peer: str, at: dt.datetime) -> bytes:
    """Store, apply and answer what came in one frame: a message, or a batch of them.

    :raises django.db.OperationalError: when it may not have been stored, or could not be applied
        just now: the sender, unanswered, still has it and sends it again.
    """
    try:
        batch = split_batch(raw)
    except Hl7Error:
        return _answer_one(raw, peer=peer, at=at)
    if len(batch.messages) == 1 and not batch.is_batch:
        return _answer_one(batch.messages[0], peer=peer, at=at)
    answers = [_answer_one(message, peer=peer, at=at) for message in batch.messages]
    return build_batch_ack(answers, at=at)


def _answer_one(raw: bytes, *, peer: str, at: dt.datetime) -> bytes:
    header = read_header(raw)
    key = header.control_id or f"no-control-id-{hashlib.sha256(raw).hexdigest()[:32]}"
    message, _ = store(
        kind=InboxKind.HL7,
        source=header.source,
        key=key,
        body=raw,
        peer=peer,
        at=at,
        due_at=at + LEASE,
        flushed=False,  # every answer below comes after another commit
    )
    try:
        return _apply_and_answer(message.pk, header, at)
    except InterfaceError:
        raise  # the database is away
    except Exception as error:
        if isinstance(error, OperationalError) and not took_too_long(error):
            raise  # the database is away, or two of us stood in each other's way
        log.error("hl7.apply-failed", message=message.pk, error=type(error).__name__)
        InboxMessage.objects.filter(pk=message.pk).update(last_error=type(error).__name__)
        sentence = "The message is kept, but something went wrong here. It will be tried again."
        return build_ack(header, code=AckCode.ERROR, at=at, sentence=sentence)


def _apply_and_answer(message_id: int, header: Header, at: dt.datetime) -> bytes:
    """One at a time for each message: whoever sends it twice at once hears the same twice."""
    with transaction.atomic(), written_together():
        message = locks.lock_message(message_id)
        if message.answer:
            return bytes(message.answer)
        if message.status != InboxStatus.RECEIVED:
            return _answer_by_outcome(message, header, at)
        settled, fault = _apply(message, at)
        answer = refuse(header, fault, at=at) if fault else accept(header, at=at)
        settle(message, settled, answer=answer, by=Actor.ehr(message.source), at=at)
    return answer


def _answer_by_outcome(message: InboxMessage, header: Header, at: dt.datetime) -> bytes:
    """For a message that its step has settled, or a person."""
    done = {InboxStatus.APPLIED, InboxStatus.IGNORED}
    if message.status in done or message.mended.filter(status__in=done).exists():
        return accept(header, at=at)
    return build_ack(
        header,
        code=AckCode.ERROR,
        at=at,
        field=message.refused_field,
        sentence=message.outcome or "A person has set this message aside.",
    )


def apply_hl7(message: InboxMessage, at: dt.datetime) -> Settled:
    """Apply one stored message in the caller's transaction; a refusal leaves nothing behind."""
    settled, _ = _apply(message, at)
    return settled


def _apply(message: InboxMessage, at: dt.datetime) -> tuple[Settled, Hl7Error | None]:
    """What became of it, and what to answer: None is AA."""
    raw = bytes(message.body)
    sender = find_sender(read_header(raw).source)
    try:
        parsed = read_message(raw, default_charset=sender.charset if sender else "utf-8")
        profile = profile_of(sender)
        # Atomic by itself, inside the caller's transaction: a refusal undoes what was begun.
        return Settled.by(_apply_parsed(parsed, profile, message.received_at, at)), None
    except Hl7Error as error:
        return _refused(error, is_lenient=passes_over(sender))
    except ReportRefused as refused:
        settled = Settled.refused_report(refused, PLACES)
        is_unknown = isinstance(refused, UnknownVisit)
        code = ErrorCode.UNKNOWN_KEY if is_unknown else ErrorCode.UNKNOWN_VALUE
        return settled, Hl7Refused(field=settled.field, sentence=settled.sentence, error_code=code)


def _refused(error: Hl7Error, *, is_lenient: bool) -> tuple[Settled, Hl7Error | None]:
    """A sender whose registration says so hears AA for what is not for us; a merge stays for a
    person all the same."""
    if is_lenient and isinstance(error, MergeNeedsPerson):
        return Settled.refused(error.field, error.sentence), None
    if is_lenient and error.error_code in NOT_FOR_US:
        return Settled(InboxStatus.IGNORED, f"{error.sentence} Its sender is passed over."), None
    return Settled.refused(error.field, error.sentence), error


def _apply_parsed(
    parsed: Hl7Message, profile: SenderProfile, received_at: dt.datetime, at: dt.datetime
) -> list[ReportOutcome]:
    """:raises Hl7Error, scheduling.actions.ReportRefused: when it cannot be applied."""
    if is_merge(parsed):
        return _apply_merges(parsed, profile, received_at, at)
    if parsed.header.message_code == "ADT":
        person = map_adt(parsed, profile, received_at=received_at)
        outcome = apply_patient_report(
            person.patient,
            source=person.source,
            sent_at=person.sent_at,
            by=Actor.ehr(person.source),
            at=at,
        )
        return [outcome]
    report = map_siu(parsed, profile, received_at=received_at)
    return [apply_appointment_report(report, by=Actor.ehr(report.source), at=at)]


def _apply_merges(
    parsed: Hl7Message, profile: SenderProfile, received_at: dt.datetime, at: dt.datetime
) -> list[ReportOutcome]:
    """All of a message, or nothing."""
    with transaction.atomic(), written_together():
        return [
            apply_merge_report(
                told.person.patient,
                gone=told.gone,
                source=told.person.source,
                sent_at=told.person.sent_at,
                by=Actor.ehr(told.person.source),
                at=at,
            )
            for told in map_merges(parsed, profile, received_at=received_at)
        ]
