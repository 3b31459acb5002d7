"""What the page that finds slots shows: put together once, for the page and for its parts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crm.models import Patient
from crm.saying import translated
from crm.states import Role
from desk import slot_words as words
from desk.slot_forms import FilterForm, kept_query
from scheduling.models import Appointment, Hold
from scheduling.queries import active_holds, left_out, search_slots
from scheduling.queries.holds import seats_kept
from scheduling.queries.lack import Shortage, find_shortage
from scheduling.queries.search_page import Cursor, Found, Page
from scheduling.rules import Hidden, may_set_aside
from scheduling.rules.search import CONTINUITY_DAYS, Criteria, Window
from scheduling.rules.words import say_clock, say_day
from scheduling.states import AppointmentStatus
from waitlist.queries.candidates import Person, name_people

#: So many of those left out are shown at once.
SHOWN_OUT = 30


@dataclass(frozen=True, slots=True)
class Objection:
    """One rule in plain words: what it says, what it does, and who may go past it."""

    rule: str
    sentence: str
    effect: str
    stops: bool
    may_pass: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One time as a row. `marks` are its chips; `mine` is the hold of whoever looks."""

    found: Found
    clock: str
    day: str
    provider: str
    site: str
    miles: str
    how: str
    seats: str  # "3 of 8 seats free", where there are several
    marks: tuple[str, ...]
    held_by: str
    mine: int | None
    objections: tuple[Objection, ...]
    may_override: bool
    asks: str  # who at the clinic to ask, and where
    phone: str

    @property
    def pk(self) -> int:
        return self.found.slot.pk

    @property
    def warnings(self) -> tuple[Objection, ...]:
        return tuple(one for one in self.objections if not one.stops)

    @property
    def was(self) -> str:
        """What the row said when the page was drawn: another one glows."""
        return f"{self.held_by or ''}{self.mine or ''}"


@dataclass(frozen=True, slots=True)
class Day:
    """A day at the sites with its times."""

    word: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Pill:
    """A filter that is one tap: a link to the same page with it changed."""

    word: str
    query: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the schedule, as the page shows it."""

    criteria: Criteria
    page: Page
    own: tuple[Line, ...]
    days: tuple[Day, ...]
    out: tuple[Line, ...]
    shortage: Shortage | None
    sorted_as: str

    @property
    def shown(self) -> int:
        return len(self.page.all)


def patient_of(form: FilterForm) -> Patient | None:
    pk = form.said("patient")
    return Patient.objects.filter(pk=pk).first() if pk else None


def look(
    request: HttpRequest,
    form: FilterForm,
    patient: Patient | None,
    *,
    at: dt.datetime,
    contact_id: int | None = None,
) -> Look | None:
    """Search by what the address says; None until a visit is chosen.

    :param contact_id: at the desk: only what is held in that contact counts as theirs.
    """
    criteria = form.criteria(patient)
    if criteria is None:
        return None
    holds = own_holds(request, at=at, contact_id=contact_id)
    mine = tuple(holds.values())
    whose: dict[str, Any] = {"at": at, "patient": patient, "own_hold_ids": mine}
    after = Cursor.parse(request.GET.get("after", ""))
    page = search_slots(criteria, after=after, **whose)
    shortage = None
    out: tuple[Found, ...] = ()
    if not page.all and after is None:
        shortage = find_shortage(criteria, at=at, patient=patient)
        out = shortage.nearest
    elif form.said("why"):
        since, until = _stretch(page)
        out = left_out(criteria, since=since, until=until, **whose)
    roles = roles_of(request)
    kept = seats_kept([found.slot for found in (*page.all, *out)], at=at)
    lines = Lines(holds, roles, own_provider=page.own_provider_id, kept=kept)
    return Look(
        criteria=criteria,
        page=page,
        own=tuple(lines.of(page.own)),
        days=tuple(_days(lines.of(page.slots, first=not page.own and after is None))),
        out=tuple(lines.of(out[:SHOWN_OUT])),
        shortage=shortage,
        sorted_as=_sorted_as(page),
    )


def counted(found: Look) -> dict[str, int]:
    """How many times each rule hid, for the ledger."""
    return dict(found.shortage.hidden) if found.shortage else {}


def _stretch(page: Page) -> tuple[dt.datetime | None, dt.datetime | None]:
    """From the first time on the page to its last; where it is the last page, to the end."""
    starts = [found.slot.starts_at for found in page.slots]
    return (min(starts), max(starts)) if page.after and starts else (None, None)


def own_holds(
    request: HttpRequest, *, at: dt.datetime, contact_id: int | None = None
) -> dict[int, int]:
    """By slot: what whoever looks holds just now, in that contact or in none."""
    rows = active_holds(at=at).filter(user=request.user.pk, contact=contact_id)
    return dict(rows.values_list("slot", "pk"))


def roles_of(request: HttpRequest) -> frozenset[Role]:
    has_role = getattr(request.user, "has_role", None)
    return frozenset(role for role in Role if has_role and has_role(role))


@dataclass(frozen=True, slots=True)
class Lines:
    """Makes rows of times, for somebody with these roles and holds."""

    holds: dict[int, int]
    roles: Collection[Role]
    own_provider: int | None = None
    kept: Mapping[int, int] = field(default_factory=dict)

    def of(self, found: Iterable[Found], *, first: bool = False) -> Iterator[Line]:
        for each in found:
            yield self.one(each, is_first=first and each.is_open)
            first = first and not each.is_open

    def one(self, found: Found, *, is_first: bool = False) -> Line:
        slot, zone = found.slot, ZoneInfo(found.zone)
        local = slot.starts_at.astimezone(zone)
        miles = "" if found.miles is None else _say_miles(found.miles)
        objections = tuple(self._objection(one) for one in found.hidden)
        stops = [one for one in objections if one.stops]
        return Line(
            found=found,
            clock=say_clock(local),
            day=translated(say_day(local.date())),
            provider=str(slot.role.provider),
            site=slot.role.clinic.location.name,
            miles=miles,
            how=_(words.MODALITY[slot.modality]),
            seats=words.say_seats(slot.capacity, slot.taken, self.kept.get(slot.pk, 0)),
            marks=tuple(self._marks(found, is_first=is_first)),
            held_by=stops[0].sentence if found.is_held else "",
            mine=self.holds.get(slot.pk),
            objections=objections,
            may_override=bool(stops) and all(one.may_pass for one in stops),
            asks=slot.restriction_owner or slot.role.clinic.name,
            phone=slot.role.clinic.location.phone,
        )

    def _objection(self, one: Hidden) -> Objection:
        roles = [_(words.ROLES[role]) for role in Role if role in one.roles and role in words.ROLES]
        effect = _(words.EFFECTS[one.effect])
        if roles:
            said = {"effect": effect, "roles": ", ".join(roles)}
            effect = _("%(effect)s, by %(roles)s") % said
        return Objection(
            rule=str(one.rule),
            sentence=translated(one.sentence),
            effect=effect,
            stops=one.stops,
            may_pass=may_set_aside(one, self.roles),
        )

    def _marks(self, found: Found, *, is_first: bool) -> Iterator[str]:
        if is_first:
            yield gettext_noop("Earliest")
        if self.own_provider and found.slot.role.provider_id == self.own_provider:
            yield gettext_noop("Same as last time")
        if found.slot.modality != "in-person":
            yield words.MODALITY[found.slot.modality]


def _say_miles(miles: float) -> str:
    return f"{miles:.1f} mi" if miles < 100 else f"{miles:,.0f} mi"


def _days(lines: Iterable[Line]) -> Iterator[Day]:
    for day, group in groupby(lines, key=lambda line: line.found.day):
        yield Day(translated(say_day(day)), tuple(group))


def _sorted_as(page: Page) -> str:
    if not page.own:
        return _("By day, then time")
    said = _("%(who)s first, where within %(days)s days; then everybody by day, then time")
    return said % {"who": page.own[0].slot.role.provider, "days": CONTINUITY_DAYS}


def pills(query: QueryDict, form: FilterForm, patient: Patient | None) -> dict[str, list[Pill]]:
    """Filters of one tap."""
    window, parts = form.said("window") or Window.FIRST, set(form.said("parts") or ())
    days = [
        Pill(_(words.WINDOWS[each]), kept_query(query, window=each.value), window == each)
        for each in Window
    ]
    hours = [
        Pill(_(word), kept_query(query, parts=sorted(parts ^ {each})), each in parts)
        for each, word in words.PARTS.items()
    ]
    own = bool(form.said("own"))
    mine = [Pill(_("Same as last time"), kept_query(query, own="" if own else "on"), own)]
    return {"days": days, "hours": hours, "own": mine if patient else []}


def person_of(patient: Patient | None) -> Person | None:
    return name_people([patient])[patient.pk] if patient else None


def visit_to_move(form: FilterForm, patient: Patient | None) -> Appointment | None:
    """The visit of this patient that a time is looked for, while it can be moved."""
    pk = form.said("moves")
    if not pk or patient is None:
        return None
    rows = Appointment.objects.select_related("provider", "location")
    return rows.filter(
        pk=pk,
        patient=patient,
        status__in=[AppointmentStatus.REQUESTED, AppointmentStatus.BOOKED],
    ).first()


def hold_address(query: str, hold: Hold | None) -> str:
    """The page with the panel of a hold open beside the results."""
    address = f"{reverse('desk:slots')}?{query}"
    return f"{address}&hold={hold.pk}" if hold else address
