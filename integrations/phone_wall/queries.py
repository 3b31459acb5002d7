"""The phones of the wall with what was texted, as a person would see them."""

from __future__ import annotations

import datetime as dt
import re
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from django.db.models import F, Max, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from crm.models import AuditEntry, ConsentEntry, Phone
from crm.states import CallStatus, Channel, ConsentDecision, Purpose
from integrations.phone_wall.bubbles import Bubble, make_bubbles
from integrations.phone_wall.calling import calls_of
from outreach.models import Message
from outreach.states import MessageStatus

#: Phones on the wall when it is opened, and the most it grows to while it stays open.
PHONES, MOST_PHONES = 12, 40
#: The last texts of each.
TEXTS = 20
#: Nothing is known of where the phone is.
NOWHERE = "UTC"
_VERSION = re.compile(r"(?P<phone>[0-9]{1,18}):(?P<text>[0-9]{1,18}):[0-9a-f]{8}")
_CALLS: dict[str, str] = {
    CallStatus.RINGING: "Calling",
    CallStatus.TALKING: "On the line",
    CallStatus.ON_HOLD: "On hold",
}
_NOT_GONE = (MessageStatus.FAILED, MessageStatus.NOT_PERMITTED, MessageStatus.TOO_LATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class WallPhone:
    """One phone. `names` are the first names of those who use it; `version` changes with it."""

    pk: int
    number: str
    names: tuple[str, ...]
    language: str  # "en" or "es"
    zone: str
    opted_out: bool
    cannot_text: str
    bubbles: tuple[Bubble, ...]
    call_status: str = ""  # of its call to the desk, while that goes on

    @property
    def version(self) -> str:
        """Where its texts stand: the newest one, and a checksum of all that shows."""
        shown = repr((self.opted_out, self.cannot_text, self.bubbles, self.call_status))
        last = max((bubble.pk for bubble in self.bubbles), default=0)
        return f"{self.pk}:{last}:{zlib.crc32(shown.encode()):08x}"

    @property
    def said_number(self) -> str:
        """(602) 555-0142, or as it is where it is no American number."""
        found = re.fullmatch(r"\+1(\d{3})(\d{3})(\d{4})", self.number)
        return f"({found[1]}) {found[2]}-{found[3]}" if found else self.number

    @property
    def place(self) -> str:
        """The city its clock is named after."""
        return self.zone.rsplit("/", 1)[-1].replace("_", " ")

    @property
    def call_said(self) -> str:
        """Where its call stands; empty without one."""
        return _CALLS.get(self.call_status, "")

    @property
    def replies(self) -> tuple[str, ...]:
        return (
            ("SI", "NO", "STOP", "HELP") if self.language == "es" else ("YES", "NO", "STOP", "HELP")
        )


def recent_phones(search: str) -> list[int]:
    """Keys of the phones that texted or were texted last, newest first.

    With a search, of those whose number or whose holders' names match, texts or not.
    """
    words = search.split()
    if not words:
        newest = Message.objects.values("phone_id").annotate(last=Max("pk")).order_by("-last")
        return list(newest.values_list("phone_id", flat=True)[:PHONES])
    phones = Phone.objects.filter(*(_matches(word) for word in words))
    newest_first = F("last").desc(nulls_last=True)
    ordered = phones.annotate(last=Max("messages__pk")).order_by(newest_first, "pk")
    return list(ordered.values_list("pk", flat=True)[:PHONES])


def _matches(word: str) -> Q:
    digits = re.sub(r"\D", "", word)
    if digits:
        return Q(number__contains=digits)
    own = {"patient_phones__ended_on__isnull": True}
    return (
        Q(patient_phones__patient__given_name__istartswith=word, **own)
        | Q(patient_phones__patient__family_name__istartswith=word, **own)
        | Q(proxy__name__icontains=word)
    )


def get_phones(keys: Sequence[int], *, at: dt.datetime) -> list[WallPhone]:
    """Those phones with their last texts, in that order; eight statements, however many."""
    phones = (
        Phone.objects.filter(pk__in=keys)
        .prefetch_related("patient_phones__patient", "proxy_set")
        .in_bulk()
    )
    texts = _last_texts(keys)
    reasons = _reasons(message for each in texts.values() for message in each)
    opted_out, calls = _opted_out(keys), calls_of(keys)
    statuses = {pk: call.status for pk, call in calls.items()}
    return [
        replace(
            _wall_phone(phones[pk], texts[pk], reasons, opted_out=pk in opted_out, at=at),
            call_status=statuses.get(pk, ""),
        )
        for pk in keys
        if pk in phones
    ]


def _last_texts(keys: Collection[int]) -> Mapping[int, list[Message]]:
    """Oldest first, by phone."""
    nth = Window(
        RowNumber(), partition_by="phone_id", order_by=[F("created_at").desc(), F("pk").desc()]
    )
    rows: QuerySet[Message] = (
        Message.objects.filter(phone__in=keys)
        .annotate(nth=nth)
        .filter(nth__lte=TEXTS)
        .select_related("patient")
        .order_by("created_at", "pk")
    )
    texts = defaultdict[int, list[Message]](list)
    for message in rows:
        texts[message.phone_id].append(message)
    return texts


def _reasons(messages: Iterable[Message]) -> Mapping[int, str]:
    """Why texts did not arrive, in the sentence that stands in the audit."""
    keys = [message.pk for message in messages if message.status in _NOT_GONE]
    entries = AuditEntry.objects.filter(
        subject_type="outreach.message", subject_id__in=keys, to_status__in=_NOT_GONE
    )
    return dict(entries.order_by("pk").values_list("subject_id", "reason"))


def _opted_out(keys: Collection[int]) -> set[int]:
    """Phones whose newest STOP or START, for everybody on them, is a STOP."""
    newest = (
        ConsentEntry.objects.filter(
            phone__in=keys, channel=Channel.SMS, purpose=Purpose.ALL, patient=None
        )
        .order_by("phone_id", "-at", "-decision", "-pk")
        .distinct("phone_id")
    )
    return {entry.phone_id for entry in newest if entry.decision == ConsentDecision.REVOKED}


def _wall_phone(
    phone: Phone,
    texts: list[Message],
    reasons: Mapping[int, str],
    *,
    opted_out: bool,
    at: dt.datetime,
) -> WallPhone:
    people = [use.patient for use in phone.patient_phones.all() if use.ended_on is None]
    names = [person.given_name or person.family_name for person in people]
    names += [proxy.name.split()[0] for proxy in phone.proxy_set.all() if proxy.name.strip()]
    zone = next((person.zone for person in people if person.zone), "") or _zone_of(texts)
    return WallPhone(
        pk=phone.pk,
        number=str(phone.number),
        names=tuple(dict.fromkeys(names)),
        language=people[0].language if people else (texts[-1].language if texts else "en"),
        zone=zone,
        opted_out=opted_out,
        cannot_text="" if phone.can_text else phone.cannot_text_reason or "no texts",
        bubbles=make_bubbles(texts, reasons, zone=ZoneInfo(zone), at=at),
    )


def _zone_of(texts: list[Message]) -> str:
    """The zone of the site that wrote last."""
    zones = (message.zone for message in reversed(texts))
    return next((zone for zone in zones if zone), NOWHERE)


# --- a wall that is open -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Changes:
    """What an open wall must change: phones to put first, texts to renew, phones to drop.

    Each phone to renew comes with the key of the newest text that the page has of it.
    """

    was_empty: bool
    added: list[WallPhone]
    changed: list[tuple[WallPhone, int]]
    dropped: list[int]

    @property
    def are_none(self) -> bool:
        return not (self.added or self.changed or self.dropped)


def find_changes(seen: Sequence[str], *, search: str, at: dt.datetime) -> Changes:
    """Compare what a page has (`WallPhone.version`, in its order) with what is true.

    Phones stay where they are, so that nobody's hand meets another phone: new ones come first,
    and only past `MOST_PHONES` the last ones go.

    :raises ValueError: when `seen` holds something that is no version.
    """
    versions = {int(_parse(version)["phone"]): version for version in seen}
    new = [pk for pk in recent_phones(search) if pk not in versions]
    order = [*new, *versions]
    phones = get_phones(order[:MOST_PHONES], at=at)
    known = [phone for phone in phones if phone.pk in versions]
    return Changes(
        was_empty=not seen,
        added=[phone for phone in phones if phone.pk not in versions],
        changed=[
            (phone, int(_parse(versions[phone.pk])["text"]))
            for phone in known
            if phone.version != versions[phone.pk]
        ],
        dropped=order[MOST_PHONES:],
    )


def _parse(version: str) -> re.Match[str]:
    found = _VERSION.fullmatch(version)
    if found is None:
        raise ValueError("That is no version of a phone.")
    return found
