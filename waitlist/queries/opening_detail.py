"""One opening with all that its page shows, as frozen values. A fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import Count

from scheduling.models import Appointment, EhrWrite
from scheduling.states import CancelledBy, EhrOperation, EhrWriteStatus, FillMode, FreedBy, Origin
from waitlist.models import Opening, PlannedWave, Wave
from waitlist.queries.candidates import (
    CandidateLine,
    Person,
    list_candidates,
    name_people,
    visit_of,
)
from waitlist.queries.opening_lines import Booking, OpeningDetail, Relative, WaveLine, WriteLine
from waitlist.queries.openings import digest, related_of_slot, slot_line
from waitlist.queries.plans import list_plans
from waitlist.queries.progress import Step, Story, freed_at, list_steps
from waitlist.queries.tallies import tally_of
from waitlist.states import OpeningStatus


def get_opening_detail(pk: int, *, at: dt.datetime, everybody: bool = False) -> OpeningDetail:
    """One opening as its page shows it; `everybody` also shows those far down who wait unasked.

    As many queries, however many candidates, offers and texts. :raises Opening.DoesNotExist:
    """
    opening = Opening.objects.select_related(
        "freed_appointment__patient",
        "survey",
        *related_of_slot("slot"),
        *related_of_slot("parent__slot"),
    ).get(pk=pk)
    waves = list(Wave.objects.filter(opening=opening))
    candidates = list_candidates(opening, everybody=everybody, at=at)
    bookings = _bookings(opening)
    freed = opening.freed_appointment
    named = [b.patient for b in bookings] + ([freed.patient] if freed else [])
    people = name_people(named)
    began_at = freed_at(opening)
    detail = OpeningDetail(
        pk=opening.pk,
        status=OpeningStatus(opening.status),
        mode=FillMode(opening.mode),
        cause=FreedBy(opening.cause),
        slot=slot_line(opening),
        opened_at=opening.opened_at,
        freed_at=began_at,
        deadline_at=opening.deadline_at,
        due_at=opening.due_at,
        matched_at=opening.matched_at,
        closed_at=opening.closed_at,
        closed_why=opening.closed_why,
        tally=tally_of(opening),
        left_out=tuple(sorted(opening.left_out.items(), key=lambda item: (-item[1], item[0]))),
        freed_by=people[freed.patient_id] if freed else None,
        cancelled_by=CancelledBy(freed.cancelled_by) if freed and freed.cancelled_by else None,
        cancel_reason=freed.cancel_reason if freed else "",
        parent=_relative(opening.parent) if opening.parent else None,
        children=_children(opening),
        plans=list_plans(opening),
        waves=tuple(WaveLine(w.number, w.size, w.sent_at, w.next_at, w.why) for w in waves),
        candidates=candidates,
        kept=opening.candidates.filter(rank__isnull=False).count(),
        bookings=_booking_lines(opening, bookings, people),
        steps=_steps(opening, waves, candidates, bookings, began_at),
        shows_everybody=everybody,
    )
    object.__setattr__(detail, "mark", digest(detail))  # frozen
    return detail


def _relative(opening: Opening) -> Relative:
    return Relative(opening.pk, OpeningStatus(opening.status), slot_line(opening))


def _children(opening: Opening) -> tuple[Relative, ...]:
    rows = Opening.objects.filter(parent=opening).select_related(*related_of_slot("slot"))
    return tuple(_relative(row) for row in rows.order_by("pk"))


def _bookings(opening: Opening) -> list[Appointment]:
    """What Firstcall booked into the slot while the opening lived, the latest first."""
    rows = Appointment.objects.filter(
        slot=opening.slot_id, origin=Origin.FIRSTCALL, booked_at__gte=opening.opened_at
    )
    if opening.closed_at is not None:
        rows = rows.filter(booked_at__lte=opening.closed_at)
    related = rows.select_related("patient", "gives_up__provider", "gives_up__location")
    return list(related.order_by("-booked_at", "-pk"))


def _booking_lines(
    opening: Opening, bookings: Iterable[Appointment], people: dict[int, Person]
) -> tuple[Booking, ...]:
    bookings = list(bookings)
    ids = [pk for b in bookings for pk in (b.pk, b.gives_up_id) if pk is not None]
    writes: dict[int, list[WriteLine]] = {pk: [] for pk in ids}
    for row in EhrWrite.objects.filter(appointment__in=ids).order_by("pk"):
        writes[row.appointment_id].append(_write(row))
    zone = opening.slot.role.clinic.location.zone
    return tuple(
        Booking(
            pk=b.pk,
            person=people[b.patient_id],
            status=b.status,
            booked_by=b.booked_by,
            writes=tuple(writes[b.pk]),
            gives_up=visit_of(b.gives_up, zone=zone),
            gives_up_writes=tuple(writes.get(b.gives_up_id or 0, ())),
        )
        for b in bookings
    )


def _plan_sizes(opening: Opening) -> dict[int, int]:
    """Every wave that was planned and not sent at once, whatever became of it."""
    plans = PlannedWave.objects.filter(opening=opening).annotate(size=Count("people"))
    return dict(plans.values_list("pk", "size"))


def _write(row: EhrWrite) -> WriteLine:
    return WriteLine(
        operation=EhrOperation(row.operation),
        status=EhrWriteStatus(row.status),
        created_at=row.created_at,
        done_at=row.done_at,
        due_at=row.due_at,
        tries=row.tries,
        answer=row.answer.rstrip("."),
        lapses_at=row.lapses_at,
    )


def _steps(
    opening: Opening,
    waves: Sequence[Wave],
    candidates: Iterable[CandidateLine],
    bookings: Iterable[Appointment],
    began_at: dt.datetime,
) -> tuple[Step, ...]:
    asked = [(line, line.offer) for line in candidates if line.offer]
    texts = [text for _, offer in asked for text in offer.texts]
    delivered = [text.at for text in texts if text.is_ours and text.status == "delivered"]
    given_up = [b.gives_up for b in bookings if b.gives_up is not None]
    zone = opening.slot.role.clinic.location.zone
    story = Story(
        opening=opening,
        freed_at=began_at,
        names={offer.pk: line.person.name for line, offer in asked},
        answered_by={offer.pk: offer.answered_by for _, offer in asked},
        visits={
            visit.pk: (visit.starts_at, visit.location.zone if visit.location else zone)
            for visit in given_up
        },
        wave_numbers={wave.pk: wave.number for wave in waves},
        plan_sizes=_plan_sizes(opening),
        first_delivered_at=min(delivered, default=None),
    )
    return list_steps(story, visit_ids=[b.pk for b in bookings] + [v.pk for v in given_up])
