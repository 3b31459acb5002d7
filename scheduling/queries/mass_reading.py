"""What a mass rescheduling is about: the visits that cannot stay, and the times that are free."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet

from scheduling.models import (
    Appointment,
    MassMove,
    MassMoveItem,
    ProviderRole,
    Room,
    ServiceRequest,
    Slot,
    TreeRun,
    VisitType,
)
from scheduling.rules.mass import Urgent, VisitToPlace, urgency_of
from scheduling.rules.trees import Visit, read_tree
from scheduling.states import (
    LIVE,
    AppointmentStatus,
    MassItemStatus,
    MassMoveStatus,
    SlotStatus,
    TreeRunStatus,
    VisitUrgency,
)

#: Of more visits one job takes the first.
MOST_VISITS: Final = 4_000
#: Of more free times the first are looked at.
MOST_SLOTS: Final = 40_000
_BESIDE: Final = ("patient", "visit_type", "provider", "location", "role__clinic__location")
#: Visits that somebody can still be moved from.
MOVABLE: Final = LIVE - {AppointmentStatus.ARRIVED}
#: Visits whose slot a schedule no longer has. One whose slot is back, or that has another, is none.
_ORPHANED: Final = Q(to_move__isnull=False, slot__status=SlotStatus.WITHDRAWN)


def orphans(*, at: dt.datetime) -> QuerySet[Appointment]:
    """The visits to come that somebody must move, since their slot is off the schedule; the next
    first, with what stands beside each."""
    rows = Appointment.objects.filter(
        _ORPHANED, status__in=MOVABLE, starts_at__gt=at, visit_type__isnull=False
    )
    return rows.select_related(*_BESIDE, "to_move").order_by("starts_at", "pk")


def visits_in(job: MassMove, *, at: dt.datetime) -> QuerySet[Appointment]:
    """The visits that cannot stay, by time. Not those that another job or person is moving."""
    being_moved = MassMoveItem.objects.filter(
        Q(status__in=[MassItemStatus.OFFERED, MassItemStatus.ASKED])
        | Q(
            status=MassItemStatus.PROPOSED,
            job__status__in=[MassMoveStatus.RUNNING, MassMoveStatus.PAUSED],
        )
    ).exclude(job=job)
    return (
        Appointment.objects.filter(
            scope(job), status__in=MOVABLE, starts_at__gt=at, visit_type__isnull=False
        )
        .exclude(pk__in=being_moved.values("appointment"))
        .exclude(given_up_for__status__in=LIVE)
        .select_related(*_BESIDE)
        .order_by("starts_at", "pk")
    )


def scope(job: MassMove, *, of: str = "") -> Q:
    """Whose visits, or slots with `of="role__"`, the job is about."""
    if job.orphans:
        picked = list(job.picked.values_list("pk", flat=True))
        these = Q(pk__in=picked) if picked else Q()
        return Q(pk=None) if of else _ORPHANED & these
    found = Q(starts_at__gte=job.starts_at, starts_at__lt=job.ends_at)
    providers = list(job.providers.values_list("pk", flat=True))
    locations = list(job.locations.values_list("pk", flat=True))
    if providers:
        found &= Q(role__provider__in=providers) if of else Q(provider__in=providers)
    if locations:
        at_site = Q(role__clinic__location__in=locations)
        found &= at_site if of else at_site | Q(location__in=locations)
    if not providers and not locations:
        return Q(pk=None)
    return found


def free_slots(
    job: MassMove, kinds: Collection[int], *, at: dt.datetime
) -> tuple[list[Slot], bool]:
    """Free times of these kinds until so long after the period, the soonest first, as
    `get_slot` gives them; and whether there are more. Five queries.
    """
    until = max(job.ends_at, at) + dt.timedelta(days=job.days_after)
    rows = Slot.objects.filter(
        Q(visit_type__in=kinds) | Q(also_serves__overlap=list(kinds)),
        status=SlotStatus.FREE,
        taken__lt=F("capacity"),
        starts_at__gt=at,
        starts_at__lt=until,
        role__is_active=True,
    ).exclude(scope(job, of="role__"))
    slots = list(rows.order_by("starts_at", "pk")[: MOST_SLOTS + 1])
    has_more = len(slots) > MOST_SLOTS
    return _with_names(slots[:MOST_SLOTS]), has_more


def _with_names(slots: list[Slot]) -> list[Slot]:
    """Few clinicians and kinds have many slots: each is read once, not once a slot."""
    named = ProviderRole.objects.select_related("provider", "clinic__location")
    roles = named.in_bulk({slot.role_id for slot in slots})
    kinds = VisitType.objects.in_bulk({slot.visit_type_id for slot in slots})
    rooms = Room.objects.in_bulk({slot.room_id for slot in slots if slot.room_id})
    for slot in slots:
        slot.role, slot.visit_type = roles[slot.role_id], kinds[slot.visit_type_id]
        if slot.room_id:
            slot.room = rooms[slot.room_id]
    return slots


def serves(slot: Slot) -> frozenset[int]:
    """The kinds of visit that may be booked there as what they are."""
    return frozenset((slot.visit_type_id, *slot.also_serves))


def how_urgent(visits: Collection[Appointment]) -> dict[int, Urgent]:
    """By visit: how soon it must be, from its decision tree, its order, and its notice."""
    trees = _by_tree(visits)
    ends = dict(
        ServiceRequest.objects.filter(
            appointment__in=visits, is_active=True, valid_until_on__isnull=False
        )
        .order_by("-valid_until_on")
        .values_list("appointment", "valid_until_on")
    )
    return {
        visit.pk: urgency_of(
            starts_on=_day(visit, visit.starts_at),
            booked_on=_day(visit, visit.booked_at),
            by_tree=trees.get(visit.journey_id),
            order_ends_on=ends.get(visit.pk),
        )
        for visit in visits
    }


def _by_tree(visits: Iterable[Appointment]) -> dict[int | None, VisitUrgency]:
    """By journey: what the last decision tree that came to a visit said."""
    journeys = {visit.journey_id for visit in visits if visit.journey_id is not None}
    runs = TreeRun.objects.filter(journey__in=journeys, status=TreeRunStatus.ENDED)
    trees = {}
    found: dict[int | None, VisitUrgency] = {}
    for run in runs.select_related("version").order_by("pk"):
        if run.version_id not in trees:
            trees[run.version_id] = read_tree(run.version.body)
        leaf = trees[run.version_id].nodes.get(run.at_node)
        if isinstance(leaf, Visit):
            found[run.journey_id] = leaf.urgency
    return found


def zone_of(visit: Appointment) -> str:
    """Of the site; a visit whose site nobody knows is reckoned in UTC."""
    place = visit.location or (visit.role.clinic.location if visit.role else None)
    return place.zone if place else "UTC"


def _day(visit: Appointment, moment: dt.datetime) -> dt.date:
    return moment.astimezone(ZoneInfo(zone_of(visit))).date()


def facts_of(visit: Appointment, urgent: Urgent) -> VisitToPlace:
    """The visit as the rules of a plan see it."""
    patient, place = visit.patient, visit.location
    if place is None and visit.role is not None:
        place = visit.role.clinic.location
    return VisitToPlace(
        pk=visit.pk,
        patient_id=visit.patient_id,
        visit_type_id=visit.visit_type_id or 0,
        starts_at=visit.starts_at,
        zone=zone_of(visit),
        provider_id=visit.provider_id,
        location_id=place.pk if place else None,
        urgency=urgent.urgency,
        home=_point(patient.latitude, patient.longitude),
        site_at=_point(place.latitude, place.longitude) if place else None,
        max_miles=patient.max_miles,
        parts_of_day=frozenset(patient.prefers_parts_of_day),
        weekdays=frozenset(patient.prefers_weekdays),
    )


def _point(latitude: float | None, longitude: float | None) -> tuple[float, float] | None:
    return None if latitude is None or longitude is None else (latitude, longitude)
