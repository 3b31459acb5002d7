"""What a change of a registration would do to the messages that its sender sent. Writes nothing."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from crm.rules.said import say
from integrations.hl7v2.errors import Hl7Error
from integrations.hl7v2.mapping import map_siu
from integrations.hl7v2.parse import read_header, read_message
from integrations.hl7v2.senders import profile_of
from integrations.hl7v2.understanding import understand
from integrations.models import Hl7Sender, InboxMessage
from integrations.states import InboxKind
from scheduling.models import SourceCode
from scheduling.ports import AppointmentReport, CodeReport

#: So many of the newest messages are read.
MOST_READ = 200
#: So many that would be read otherwise are named.
MOST_NAMED = 30
#: So many senders of kept messages are looked at.
MOST_MESSAGES = 2000


@dataclass(frozen=True, slots=True)
class Change:
    """One kept message that would be read otherwise; the words name nobody."""

    message_id: int
    key: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Preview:
    """`refused_*` count those whose content could not be read at all."""

    read: int
    refused_before: int
    refused_after: int
    changes: tuple[Change, ...]
    more: int


@dataclass(frozen=True, slots=True)
class CodeUse:
    """A code that the sender uses; `stands_for` is the key of our row, None for none."""

    kind: str  # provider, location, visit-type
    code: str
    text: str
    count: int
    stands_for: int | None


def kept_of(name: str) -> list[InboxMessage]:
    """The newest HL7 messages of a sender, with their bodies."""
    rows = InboxMessage.objects.filter(kind=InboxKind.HL7, source=name)
    return list(rows.only("key", "body", "received_at").order_by("-received_at")[:MOST_READ])


def preview(
    before: Hl7Sender | None, after: Hl7Sender, messages: Iterable[InboxMessage]
) -> Preview:
    """How these messages are read now, and how they would be."""
    said = [(m, *_said(m, before), *_said(m, after)) for m in messages]
    changes = [Change(m.pk, m.key, was, will) for m, was, _, will, _ in said if was != will]
    return Preview(
        read=len(said),
        refused_before=sum(refused for _, _, refused, _, _ in said),
        refused_after=sum(refused for _, _, _, _, refused in said),
        changes=tuple(changes[:MOST_NAMED]),
        more=max(0, len(changes) - MOST_NAMED),
    )


def codes_of(sender: Hl7Sender, messages: Iterable[InboxMessage]) -> list[CodeUse]:
    """The codes in these messages, those that stand for nothing first, then the most used."""
    used: Counter[tuple[str, str]] = Counter()
    texts: dict[tuple[str, str], str] = {}
    for message in messages:
        for kind, coded in _codes(_report(message, sender)):
            used[kind, coded.code] += 1
            texts.setdefault((kind, coded.code), coded.text)
    source = sender.source or sender.name
    known = {(c.kind, c.code): _target(c) for c in SourceCode.objects.filter(source=source)}
    found = [
        CodeUse(kind, code, texts[kind, code], count, known.get((kind, code)))
        for (kind, code), count in used.items()
    ]
    return sorted(found, key=lambda u: (u.stands_for is not None, u.kind, -u.count, u.code))


def unregistered() -> list[str]:
    """Names of those who sent HL7 lately and whom nobody has registered."""
    newest = InboxMessage.objects.filter(kind=InboxKind.HL7).order_by("-received_at")
    names = set(newest.values_list("source", flat=True)[:MOST_MESSAGES])
    known = set(Hl7Sender.objects.values_list("name", flat=True))
    return sorted(names - known - {"", "|"})


def _said(message: InboxMessage, sender: Hl7Sender | None) -> tuple[str, bool]:
    """In a few words, and whether it is refused."""
    raw = bytes(message.body)
    try:
        profile = profile_of(sender)
        parsed = read_message(raw, default_charset=profile.charset)
        seen = understand(parsed, profile, received_at=message.received_at)
    except Hl7Error as error:
        return say("refused: %(field)s", field=error.field), True
    if seen.error is not None:
        return say("refused: %(field)s", field=seen.error.field), True
    told = {"read_as": say(seen.applied_as), "when": _when(seen.parts), "charset": parsed.codec}
    return say("%(read_as)s%(when)s, in %(charset)s", **told), False


def _when(parts: dict[str, object]) -> str:
    """With the offset that the sender wrote, or that its zone has then."""
    visit = parts.get("appointment")
    start = visit.get("start") if isinstance(visit, dict) else None
    return f", {dt.datetime.fromisoformat(str(start)):%Y-%m-%d %H:%M %z}" if start else ""


def _report(message: InboxMessage, sender: Hl7Sender) -> AppointmentReport | None:
    raw = bytes(message.body)
    try:
        if read_header(raw).message_code != "SIU":
            return None
        parsed = read_message(raw, default_charset=sender.charset)
        return map_siu(parsed, profile_of(sender), received_at=message.received_at)
    except Hl7Error:
        return None


def _codes(report: AppointmentReport | None) -> Iterable[tuple[str, CodeReport]]:
    if report is None:
        return
    for provider in report.providers[:1]:
        if provider.identifier:
            name = f"{provider.given_name} {provider.family_name}".strip()
            yield "provider", CodeReport(provider.identifier, name)
    if report.location is not None:
        yield "location", report.location
    if report.visit_type is not None:
        yield "visit-type", report.visit_type


def _target(code: SourceCode) -> int | None:
    return code.provider_id or code.location_id or code.visit_type_id or None
