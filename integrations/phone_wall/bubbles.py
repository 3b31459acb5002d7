"""One text as a bubble: its words with links, its time, and what became of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from outreach.models import Message
from outreach.rules.times import say_time
from outreach.states import Direction, MessageStatus

_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
#: A queued text that is due no later than this is simply on its way.
SOON = dt.timedelta(minutes=2)

_FATES: Mapping[str, tuple[str, str]] = {
    MessageStatus.QUEUED: ("clock", "Waiting to be sent"),
    MessageStatus.SENDING: ("circle-dashed", "Sending"),
    MessageStatus.UNKNOWN: ("help-circle", "Asking the carrier whether it has this"),
    MessageStatus.SENT: ("check", "Sent"),
    MessageStatus.DELIVERED: ("checks", "Delivered"),
    MessageStatus.FAILED: ("message-x", "Failed"),
    MessageStatus.NOT_PERMITTED: ("message-off", "Not sent"),
    MessageStatus.TOO_LATE: ("calendar-off", "Not sent, too late"),
}
_READ_AS: Mapping[str, str] = {
    "yes": "Read as yes",
    "no": "Read as no",
    "stop": "Read as an opt-out",
    "start": "Read as texts again, please",
    "help": "Read as help",
    "cancel_visit": "Read as giving up a visit",
    "wrong_number": "Read as a wrong number",
    "who": "Asks who we are",
    "choice": "Read as a choice",
    "thanks": "Read as thanks",
    "question": "A question, for a person",
    "unclear": "Unclear, for a person",
    "opted-out-yes": "A yes after an opt-out, for a person",
    "emergency": "Held: a nurse calls now",
    "urgent": "Held: a nurse calls now",
    "unsure": "Held: a nurse reads it",
    "follows-alert": "Held: a nurse is at it",
}
#: The person holding the phone has these.
_ARRIVED = frozenset({MessageStatus.SENT, MessageStatus.DELIVERED})


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text; `is_link` when it is an address."""

    text: str
    is_link: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bubble:
    """One text. `day` is set on the first text of a day; `is_here` once the phone shows it."""

    pk: int
    is_ours: bool
    is_here: bool
    parts: tuple[Part, ...]
    at: dt.datetime
    clock: str
    day: str
    status: str
    icon: str
    fate: str
    why: str


def make_bubbles(
    messages: Iterable[Message], reasons: Mapping[int, str], *, zone: ZoneInfo, at: dt.datetime
) -> tuple[Bubble, ...]:
    """Bubbles in the order of `messages`.

    :param reasons: by message, why it did not arrive.
    :param zone: of the person holding the phone.
    """
    made, last_day = list[Bubble](), ""
    for message in messages:
        day, clock = say_time(message.created_at, zone.key, "en").split(", ")
        icon, fate = _fate(message)
        made.append(
            Bubble(
                pk=message.pk,
                is_ours=message.direction == Direction.OUT,
                is_here=message.direction == Direction.IN or message.status in _ARRIVED,
                parts=split_links(message.body),
                at=message.created_at,
                clock=clock,
                day="" if day == last_day else day,
                status=message.status,
                icon=icon,
                fate=fate,
                why=_why(message, reasons, zone, at),
            )
        )
        last_day = day
    return tuple(made)


def split_links(body: str) -> tuple[Part, ...]:
    """The text in pieces, addresses apart."""
    parts, end = list[Part](), 0
    for found in _LINK.finditer(body):
        parts += [Part(body[end : found.start()], False), Part(found[0], True)]
        end = found.end()
    parts.append(Part(body[end:], False))
    return tuple(part for part in parts if part.text)


def _fate(message: Message) -> tuple[str, str]:
    if message.direction == Direction.IN:
        return "", _READ_AS.get(message.reading, "Received")
    return _FATES[message.status]


def _why(message: Message, reasons: Mapping[int, str], zone: ZoneInfo, at: dt.datetime) -> str:
    """Why it has not arrived, as far as there is a reason."""
    if message.status == MessageStatus.QUEUED and message.due_at and message.due_at > at + SOON:
        return f"not before {say_time(message.due_at, zone.key, 'en')}"
    code = f" ({message.error_code})" if message.error_code else ""
    return f"{reasons.get(message.pk, '')}{code}".strip()
