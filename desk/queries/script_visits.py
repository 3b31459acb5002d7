"""The visits that a script names: the next one, the last one, and the one that is meant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from django.db.models import Case, Q, QuerySet, When
from django.http import QueryDict

from crm.engine.compiled import compiled
from crm.models import Interaction, InteractionStep, Patient
from crm.states import StepKind
from outreach.rules.times import say_time
from scheduling.models import Appointment
from scheduling.states import STANDS, AppointmentStatus

#: By the names that scripts use (`desk.rules.scripts.SOURCES`).
VISITS: Final = frozenset({"visit.next", "visit.last", "visit.meant"})
_AHEAD: Final = (AppointmentStatus.BOOKED, AppointmentStatus.REQUESTED)
#: No visit has this key: so that one statement serves with and without.
_NO_VISIT: Final = 0


def meant_in(contact: Interaction, steps: Sequence[InteractionStep]) -> int:
    """The key of the visit that the contact is about; 0 where nothing that was done says which.

    The one for which another time is looked for now; else the one that was moved or given up last.

    :param steps: of the contact, the oldest first.
    """
    moves = QueryDict(contact.looked_for).get("moves", "")
    if moves.isdecimal():
        return int(moves)
    about = (one for one in reversed(steps) if one.kind in {StepKind.MOVE, StepKind.CANCEL})
    last = next(about, None)
    if last is None:
        return _NO_VISIT
    # A step of a move is about the visit that takes the place of the one that was meant.
    said = last.detail.get("gives_up") if last.kind == StepKind.MOVE else last.subject_id
    return int(said or _NO_VISIT)


def find_visit(
    name: str, patient: Patient, *, meant: int, names_all: bool, at: dt.datetime
) -> Appointment | None:
    """The patient's visit that goes by this name, in one statement; None where there is none.

    :param name: one of `VISITS`; where nobody knows which is meant, it is the next one.
    :param meant: as `meant_in` has it. A visit of somebody else is nobody's.
    :param names_all: whether visits of a sensitive kind may be named.
    """
    if name == "visit.last":
        before = _last if names_all else _last_but_sensitive
        return next(iter(before(patient=patient.pk, at=at)), None)
    ahead = _ahead if names_all else _ahead_but_sensitive
    about = meant if name == "visit.meant" else _NO_VISIT
    found = next(iter(ahead(patient=patient.pk, meant=about, at=at)), None)
    if about and not names_all and found is not None and found.pk != about:
        return None  # which one is meant may not be said, and no other is
    return found


def say_visit(name: str, visit: Appointment | None, language: str) -> dict[str, str]:
    """What a script may say of it, by name; nothing of none."""
    if visit is None:
        return {}
    clinician = str(visit.provider) if visit.provider else visit.told_provider
    site = visit.location.name if visit.location else visit.told_location
    zone = visit.location.zone if visit.location else ""
    when = say_time(visit.starts_at, zone, language) if zone else ""
    return {
        name: ", ".join(filter(None, (when, clinician, site))),
        f"{name}.clinician": clinician,
        f"{name}.site": site,
    }


def _of(patient: int) -> QuerySet[Appointment]:
    return Appointment.objects.filter(patient=patient).select_related("provider", "location")


def _following(patient: int, meant: int, at: dt.datetime) -> QuerySet[Appointment]:
    """The one that is meant first, as it stands, given up or over; then what is ahead."""
    rows = _of(patient).filter(Q(pk=meant) | Q(status__in=_AHEAD, starts_at__gt=at))
    return rows.order_by(Case(When(pk=meant, then=0), default=1), "starts_at")


def _before(patient: int, at: dt.datetime) -> QuerySet[Appointment]:
    return _of(patient).filter(status__in=STANDS, starts_at__lt=at).order_by("-starts_at")


@compiled
def _ahead(*, patient: int, meant: int, at: dt.datetime) -> QuerySet[Appointment]:
    return _following(patient, meant, at)[:1]


@compiled
def _ahead_but_sensitive(*, patient: int, meant: int, at: dt.datetime) -> QuerySet[Appointment]:
    return _following(patient, meant, at).exclude(visit_type__is_sensitive=True)[:1]


@compiled
def _last(*, patient: int, at: dt.datetime) -> QuerySet[Appointment]:
    return _before(patient, at)[:1]


@compiled
def _last_but_sensitive(*, patient: int, at: dt.datetime) -> QuerySet[Appointment]:
    return _before(patient, at).exclude(visit_type__is_sensitive=True)[:1]
