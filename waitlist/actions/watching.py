"""Shadow: writing down whom an opening would have been offered to, and in which order.

Nothing here knows a phone, a text or an offer. What is written has no way out of its state
(`PLAN_MOVES`), and an opening that only watches can be in no state that takes a yes
(a check constraint).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.db import transaction

from crm.engine import Actor, publish, record
from outreach.rules.budget import WEEK, within_budget
from scheduling import queries as scheduling_queries
from scheduling.models import Slot
from waitlist import locks
from waitlist.actions.planning import SLOT_NOT_FREE, keep_plan, plan_next
from waitlist.models import Candidate, Opening, PlannedOffer
from waitlist.states import OpeningStatus, PlanStatus


def watch_wave(*, opening_id: int, by: Actor, at: dt.datetime) -> dt.datetime | None:
    """Write down the wave that would go out now; returns when the next would.

    It reckons with silence: nobody who was not asked can say yes, so each wave goes on where
    the one before would have been unanswered. Publishes `waitlist.wave-watched`.
    """
    with transaction.atomic():
        opening = locks.lock_opening(opening_id)
        if opening.status != OpeningStatus.WATCHING:
            return None
        slot = scheduling_queries.get_slot(opening.slot_id)
        if scheduling_queries.why_not(slot, at=at) is not None:
            return at + SLOT_NOT_FREE
        watched = PlannedOffer.objects.filter(plan__opening=opening)
        planned = plan_next(
            opening,
            slot,
            unanswered_since=list(
                watched.filter(plan__answer_by__gt=at).values_list("plan__planned_at", flat=True)
            ),
            not_these={
                *watched.values_list("candidate__patient", flat=True),
                *_asked_enough(opening, slot, at),
            },
            by=by,
            at=at,
        )
        if planned.plan.size:
            plan = keep_plan(
                opening,
                slot,
                planned.people,
                status=PlanStatus.WATCHED,
                answer_by=planned.plan.answer_by or opening.deadline_at,
                lapses_at=planned.plan.next_at or opening.deadline_at,
                why=planned.plan.why,
                at=at,
            )
            record("waitlist.plan.watched", plan, by=by, at=at, size=planned.plan.size)
            publish("waitlist.wave-watched", opening, at=at, plan=plan.pk)
    return planned.look_again_at(at=at)


def _asked_enough(opening: Opening, slot: Slot, at: dt.datetime) -> set[int]:
    """Patients whom the contact budget would spare by now, had shadow offers been texts."""
    rows = PlannedOffer.objects.filter(
        plan__status=PlanStatus.WATCHED,
        plan__planned_at__gt=at - WEEK,
        candidate__patient__in=Candidate.objects.filter(opening=opening, rank__isnull=False).values(
            "patient"
        ),
    )
    times: dict[int, list[dt.datetime]] = defaultdict(list)
    for patient_id, planned_at in rows.values_list("candidate__patient", "plan__planned_at"):
        times[patient_id].append(planned_at)
    zone = slot.role.clinic.location.zone
    return {pk for pk, sent in times.items() if not within_budget(sent, at=at, zone=zone).allowed}
