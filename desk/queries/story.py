"""What a patient's story is told from: contacts, texts, visits and tasks, each read by its key.

A page goes on from a place: a time, and among what happened in the same instant a rank and a key.
So no line is told twice or left out, whatever is added meanwhile, and the last page costs what the
first one does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet, Value
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.engine.compiled import any_of, compiled
from crm.models import Interaction, Patient, Task
from crm.states import Channel
from desk.queries.task_thread import without_links
from outreach.models import Message
from outreach.states import Direction
from scheduling.models import Appointment
from scheduling.states import AppointmentStatus, Origin

CALLS: Final = frozenset({Channel.VOICE, Channel.DESK})
WRITTEN: Final = frozenset({Channel.SMS})
WEB: Final = frozenset({Channel.WEB, Channel.EMAIL})
#: Ranks within an instant, the highest told first.
_CONTACT, _TEXT, _CAME, _CANCELLED, _BOOKED, _TASK = 8, 7, 6, 5, 4, 3
_CAME_TO: Final = (
    AppointmentStatus.ARRIVED,
    AppointmentStatus.FULFILLED,
    AppointmentStatus.NO_SHOW,
)
_NEVER: Final = (AppointmentStatus.REFUSED, AppointmentStatus.ENTERED_IN_ERROR)
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_TICK: Final = dt.timedelta(microseconds=1)
#: So many of each are read at most.
MOST: Final = 21
#: What a nurse is asked after questions about safety, by its cause.
_NOT_TOLD: Final = r"^social:\d+:nurse$"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a line stands in the story. Written into addresses; nothing of a patient is in it."""

    at: dt.datetime
    rank: int
    pk: int

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // _TICK}-{self.rank}-{self.pk}"

    @classmethod
    def read(cls, said: str) -> Place | None:
        """None where it is none."""
        try:
            ticks, rank, pk = map(int, said.split("-"))
            return cls(_EPOCH + ticks * _TICK, rank, pk)
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True, slots=True)
class Told:
    """One line, not yet in order. `is_now`: of the contact in hand."""

    place: Place
    said: str
    is_now: bool = False


def contacts(
    *,
    patient: Patient,
    before: Place | None,
    most: int,
    but: int,
    among: Collection[Channel],
    says_what: bool,
) -> Iterator[Told]:
    """Those on these channels, `but` the one in hand; without `says_what` no word of them."""
    channels = [str(each) for each in among]
    rows = (
        _newest_contacts(patient=patient.pk, but=but, channels=channels)
        if before is None
        else _contacts(patient.pk, but, channels).filter(_before("started_at", _CONTACT, before))
    )
    for row in rows[:most]:
        who = f", {row.agent.get_short_name()}" if row.agent else ""
        said = f"{_channel(row.channel)}{who}"
        said = f"{said}: {_about(row)}" if says_what else said
        yield Told(Place(row.started_at, _CONTACT, row.pk), said)


def texts(*, patient: Patient, before: Place | None, most: int) -> Iterator[Told]:
    """Each text, in and out. One that the safety check held is for nurses to read, in its task."""
    rows = (
        _newest_texts(patient=patient.pk)
        if before is None
        else _texts(patient.pk).filter(_before("created_at", _TEXT, before))
    )
    for row in rows[:most]:
        is_ours = row.direction == Direction.OUT
        way = pgettext("timeline", "text") if is_ours else pgettext("timeline", "they wrote")
        held = pgettext("timeline", "(held for a nurse)") if row.is_for_nurses else ""
        said = f"{way}: {held or without_links(row.body)[:90]}"
        yield Told(Place(row.created_at, _TEXT, row.pk), said)


def visits(
    *,
    patient: Patient,
    before: Place | None,
    most: int,
    zone: ZoneInfo,
    names_all: bool,
    at: dt.datetime,
) -> Iterator[Told]:
    """When each was booked, given up, and took place: one statement of three parts."""
    if before is None:
        read = _newest_visits if names_all else _newest_but_sensitive
        rows: Iterable[dict[str, Any]] = read(patient=patient.pk, at=at)
    else:
        rows = _visits(patient.pk, before, most, names_all=names_all, at=at)
    for row in rows:
        yield Told(Place(row["moment"], row["rank"], row["pk"]), _say_visit(row, zone))


def tasks(*, patient: Patient, before: Place | None, most: int) -> Iterator[Told]:
    """What a nurse is asked after questions about safety would tell what was answered."""
    rows = (
        _newest_tasks(patient=patient.pk)
        if before is None
        else _tasks(patient.pk).filter(_before("created_at", _TASK, before))
    )
    for row in rows[:most]:
        said = f"{pgettext('timeline', 'task')}: {row.title}"
        yield Told(Place(row.created_at, _TASK, row.pk), said)


def _contacts(patient: int, but: int, channels: list[str]) -> QuerySet[Interaction]:
    rows = Interaction.objects.filter(any_of("channel", channels), patient=patient)
    rows = rows.exclude(pk=but).select_related("agent", "wrap_up")
    return rows.order_by("-started_at", "-pk")


def _texts(patient: int) -> QuerySet[Message]:
    return Message.objects.filter(patient=patient).order_by("-created_at", "-pk")


def _tasks(patient: int) -> QuerySet[Task]:
    rows = Task.objects.filter(patient=patient).exclude(cause_key__regex=_NOT_TOLD)
    return rows.order_by("-created_at", "-pk")


def _visits(
    patient: int, before: Place | None, most: int, *, names_all: bool, at: dt.datetime
) -> QuerySet[Any, dict[str, Any]]:
    rows = Appointment.objects.filter(patient=patient).exclude(status__in=_NEVER)
    if not names_all:
        rows = rows.exclude(visit_type__is_sensitive=True)
    came = rows.filter(status__in=_CAME_TO, starts_at__lte=at)
    parts = [
        _told(came, "starts_at", _CAME, before, most),
        _told(rows.exclude(cancelled_at=None), "cancelled_at", _CANCELLED, before, most),
        _told(rows, "booked_at", _BOOKED, before, most),
    ]
    return parts[0].union(*parts[1:], all=True)


@compiled
def _newest_visits(*, patient: int, at: dt.datetime) -> QuerySet[Any, dict[str, Any]]:
    return _visits(patient, None, MOST, names_all=True, at=at)


@compiled
def _newest_but_sensitive(*, patient: int, at: dt.datetime) -> QuerySet[Any, dict[str, Any]]:
    return _visits(patient, None, MOST, names_all=False, at=at)


@compiled
def _newest_contacts(*, patient: int, but: int, channels: list[str]) -> QuerySet[Interaction]:
    return _contacts(patient, but, channels)[:MOST]


@compiled
def _newest_texts(*, patient: int) -> QuerySet[Message]:
    return _texts(patient)[:MOST]


@compiled
def _newest_tasks(*, patient: int) -> QuerySet[Task]:
    return _tasks(patient)[:MOST]


def _before(column: str, rank: int, place: Place | None) -> Q:
    """What comes after `place` in the story: earlier, or then and of lower rank or key."""
    if place is None:
        return Q()
    if rank > place.rank:
        return Q(**{f"{column}__lt": place.at})
    upto = Q(**{f"{column}__lte": place.at})
    if rank < place.rank:
        return upto
    return upto & (Q(**{f"{column}__lt": place.at}) | Q(pk__lt=place.pk))


def _told(
    rows: QuerySet[Appointment], column: str, rank: int, before: Place | None, most: int
) -> QuerySet[Appointment, Any]:
    found = rows.filter(_before(column, rank, before)).order_by(f"-{column}", "-pk")
    return found.values(
        "pk",
        "starts_at",
        "status",
        "origin",
        "told_visit_type",
        "visit_type__name",
        "location__zone",
        moment=F(column),
        rank=Value(rank),
    )[:most]


def _say_visit(row: dict[str, Any], theirs: ZoneInfo) -> str:
    zone = ZoneInfo(row["location__zone"]) if row["location__zone"] else theirs
    what = row["visit_type__name"] or row["told_visit_type"] or pgettext("timeline", "a visit")
    named = {
        "what": what,
        "day": dateformat.format(row["starts_at"].astimezone(zone), _("M j")),
        "origin": "EHR" if row["origin"] == Origin.EHR else "Firstcall",
    }
    if row["rank"] == _BOOKED:
        return pgettext("timeline", "%(origin)s: booked %(what)s, %(day)s") % named
    if row["rank"] == _CANCELLED:
        return pgettext("timeline", "%(what)s, %(day)s, was cancelled") % named
    if row["status"] == AppointmentStatus.NO_SHOW:
        return pgettext("timeline", "did not come: %(what)s") % named
    return pgettext("timeline", "visit: %(what)s") % named


def _channel(channel: str) -> str:
    return {
        Channel.VOICE: pgettext("timeline", "call"),
        Channel.SMS: pgettext("timeline", "texts"),
        Channel.WEB: pgettext("timeline", "web"),
        Channel.EMAIL: pgettext("timeline", "e-mail"),
        Channel.DESK: pgettext("timeline", "desk"),
    }[Channel(channel)]


def _about(row: Interaction) -> str:
    wrapped = getattr(row, "wrap_up", None)
    note = wrapped.note.splitlines()[0] if wrapped and wrapped.note else ""
    return (
        row.summary or note or row.call_type.replace("-", " ") or pgettext("timeline", "no words")
    )
