"""Which visit a caller means, from their words and from what they had before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.engine.compiled import compiled
from crm.models import Patient
from crm.rules.said import say_full_date
from crm.saying import reads_in, translated
from desk.rules.wishes import Wish
from outreach.rules.times import say_time
from scheduling.models import Appointment, VisitType
from scheduling.rules.trees import match_words
from scheduling.states import LIVE, STANDS, AppointmentStatus

#: So many are offered.
MOST = 6
_TO_MOVE = (AppointmentStatus.BOOKED, AppointmentStatus.REQUESTED)
#: Visits that are this old say nothing of what somebody means today.
PAST = dt.timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True)
class MeantVisit:
    """A visit that may be meant. `why` is said to the agent; `provider_id` where they mean one.

    `is_sure`: plain enough to look for times at once; the agent can still choose another.
    """

    visit_type: VisitType
    why: str
    provider_id: int | None = None
    provider: str = ""
    is_sure: bool = False
    #: The visit that a time is looked for to move it to.
    moves_id: int | None = None

    @property
    def query(self) -> str:
        """The filters that look for its times."""
        said = {
            "visit_type": self.visit_type.pk,
            "provider": self.provider_id,
            "moves": self.moves_id,
        }
        return urlencode({name: key for name, key in said.items() if key is not None})


def visits_to_move(ahead: Iterable[Appointment], zone: ZoneInfo) -> tuple[MeantVisit, ...]:
    """Those of them that can be moved; sure where there is one alone.

    :param ahead: what is ahead of somebody, the soonest first.
    :param zone: the patient's, for a visit whose site is not known.
    """
    found = [
        (visit, visit.visit_type)
        for visit in ahead
        if visit.visit_type is not None and visit.status in _TO_MOVE
    ]
    is_sure = len(found) == 1
    return tuple(_to_move(visit, kind, zone, is_sure=is_sure) for visit, kind in found[:MOST])


def _to_move(visit: Appointment, kind: VisitType, zone: ZoneInfo, *, is_sure: bool) -> MeantVisit:
    when = say_time(
        visit.starts_at, visit.location.zone if visit.location else zone.key, reads_in()
    )
    who = f", {visit.provider}" if visit.provider else ""
    return MeantVisit(kind, f"{when}{who}", is_sure=is_sure, moves_id=visit.pk)


def visits_meant(
    patient: Patient | None,
    reason: str,
    wish: Wish,
    *,
    kinds: Iterable[VisitType],
    names_all: bool = True,
    at: dt.datetime,
) -> tuple[MeantVisit, ...]:
    """The likeliest first, each visit type once. One statement at most.

    :param kinds: every visit there is.
    :param names_all: whether visits of a sensitive kind that they had may be named.
    """
    found: dict[int, MeantVisit] = {}
    before = _before(patient, wish, at=at) if patient else []
    before = [one for one in before if names_all or not _is_sensitive(one)]
    for meant in (*_as_then(before, wish), *_named(reason, kinds), *_again(before)):
        found.setdefault(meant.visit_type.pk, meant)
    return tuple(found.values())[:MOST]


def _before(patient: Patient, wish: Wish, *, at: dt.datetime) -> list[Appointment]:
    """What they had, the newest first, and what they have; more of it where they name a month."""
    read = _had if wish.month else _had_lately
    return read(patient=patient.pk, since=at - PAST)


@compiled
def _had(*, patient: int, since: dt.datetime) -> QuerySet[Appointment]:
    return _visits(patient, since)[:40]


@compiled
def _had_lately(*, patient: int, since: dt.datetime) -> QuerySet[Appointment]:
    return _visits(patient, since)[:12]


def _visits(patient: int, since: dt.datetime) -> QuerySet[Appointment]:
    rows = Appointment.objects.select_related("visit_type", "provider", "location").filter(
        patient=patient,
        visit_type__isnull=False,
        status__in=STANDS | LIVE,
        starts_at__gt=since,
    )
    return rows.order_by("-starts_at")


def _is_sensitive(visit: Appointment) -> bool:
    return visit.visit_type is not None and visit.visit_type.is_sensitive


def _as_then(before: Iterable[Appointment], wish: Wish) -> Iterator[MeantVisit]:
    """ "The same doctor as in January": the newest visit of that month, with its clinician."""
    if not wish.same_clinician:
        return
    for visit in before:
        local = visit.starts_at.astimezone(visit.location.tz if visit.location else dt.UTC)
        if wish.month in {None, local.month} and visit.visit_type and visit.provider:
            yield MeantVisit(
                visit.visit_type,
                why=_("%(provider)s, as in %(month)s")
                % {"provider": visit.provider, "month": date_format(local, "F Y")},
                provider_id=visit.provider.pk,
                provider=str(visit.provider),
                is_sure=True,
            )
            return


def _named(reason: str, kinds: Iterable[VisitType]) -> Iterator[MeantVisit]:
    """Kinds of visit whose names or words stand in what was said."""
    scored = []
    for kind in kinds:
        entry = getattr(kind, "catalog_entry", None)
        if entry is not None and entry.is_retired:
            continue
        match = match_words(reason, [kind.name, kind.specialty])
        if match is not None:
            scored.append((-match.score, kind.name, kind))
    scored.sort(key=lambda each: each[:2])
    for *_rank, kind in scored:
        yield MeantVisit(kind, why=f"{kind.specialty}, {kind.minutes} min")


def _again(before: Iterable[Appointment]) -> Iterator[MeantVisit]:
    for visit in before:
        if visit.visit_type:
            local = visit.starts_at.astimezone(visit.location.tz if visit.location else dt.UTC)
            who = f", {visit.provider}" if visit.provider else ""
            day = translated(say_full_date(local.date()))
            yield MeantVisit(visit.visit_type, why=_("as %(day)s") % {"day": day} + who)
