"""Clerk-confirmed: a planned wave waits until a person sends it, and is never sent by itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from crm.actions import open_task
from crm.engine import Actor, publish, record, wake
from crm.states import Purpose, TaskKind
from outreach.queries import may_send_many
from scheduling import queries as scheduling_queries
from scheduling.models import Slot
from scheduling.rules.words import say_day
from scheduling.states import FillMode
from waitlist import locks, texts
from waitlist.actions.offering import lapse_offers, make_wave, unanswered_since
from waitlist.actions.openings import STEP
from waitlist.actions.planning import SLOT_NOT_FREE, keep_plan, plan_next, planned_offer
from waitlist.actions.plans import PlanClosed, settle_plan, task_key, waiting_plan
from waitlist.actions.rechecking import recheck
from waitlist.models import Candidate, Opening, PlannedOffer, PlannedWave, Wave
from waitlist.states import OpeningStatus, PlanStatus

#: A person needs so long at least to see a plan before the next one takes its place.
LEAST_TIME = dt.timedelta(minutes=15)
#: A plan that nobody has looked at for so long is made anew.
MOST_TIME = dt.timedelta(hours=4)
#: The task is late after half of the plan's time, and after this much at most.
TASK_DUE = dt.timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class SentPlan:
    """What became of "Send". `wave` is None where nobody of them may be asked any more."""

    plan: PlannedWave
    wave: Wave | None
    left_out: tuple[str, ...]  # sentences for staff


def propose_wave(*, opening_id: int, by: Actor, at: dt.datetime) -> dt.datetime | None:
    """Plan the next wave and have a person asked to send it; returns when to come again.

    A plan that nobody has sent by then gives way to one that reckons with the time that is
    left. Publishes `waitlist.wave-proposed`, with a task for the clinic's staff.
    """
    with transaction.atomic():
        opening = locks.lock_opening(opening_id)
        if not _may_propose(opening):
            return None
        lapse_offers(opening, by=by, at=at)
        last = PlannedWave.objects.filter(opening=opening).order_by("-number").first()
        if last is not None and last.status == PlanStatus.WAITING and last.lapses_at <= at:
            settle_plan(last, to=PlanStatus.LAPSED, reason="nobody sent it", by=by, at=at)
        elif last is not None and last.lapses_at > at and last.status in _HOLDS:
            return last.lapses_at
        slot = scheduling_queries.get_slot(opening.slot_id)
        if scheduling_queries.why_not(slot, at=at) is not None:
            return at + SLOT_NOT_FREE
        planned = plan_next(
            opening,
            slot,
            unanswered_since=unanswered_since(opening),
            not_these=_skipped(opening),
            by=by,
            at=at,
        )
        if not planned.plan.size:
            return planned.look_again_at(at=at)
        plan = keep_plan(
            opening,
            slot,
            planned.people,
            status=PlanStatus.WAITING,
            answer_by=planned.plan.answer_by or opening.deadline_at,
            lapses_at=_lapses_at(opening, planned.plan.next_at, at),
            why=planned.plan.why,
            at=at,
        )
        record("waitlist.plan.proposed", plan, by=by, at=at, size=planned.plan.size)
        _ask_a_person(plan, slot, by=by, at=at)
        publish("waitlist.wave-proposed", opening, at=at, plan=plan.pk)
    return plan.lapses_at


#: While one of these has time left, no other plan is made.
_HOLDS = frozenset({PlanStatus.WAITING, PlanStatus.PUT_OFF, PlanStatus.SENT})


def _may_propose(opening: Opening) -> bool:
    return opening.status == OpeningStatus.OFFERING and opening.mode == FillMode.CLERK_CONFIRMED


def _lapses_at(opening: Opening, next_at: dt.datetime | None, at: dt.datetime) -> dt.datetime:
    """When the next wave would be due; also where everybody is in this one, and none would."""
    if next_at is None:
        next_at = at + min((opening.deadline_at - at) / 8, MOST_TIME)
    return min(max(next_at, at + LEAST_TIME), opening.deadline_at)


def _skipped(opening: Opening) -> set[int]:
    """Patients whom a person has passed over: they are not proposed again for this opening."""
    rows = PlannedOffer.objects.filter(plan__opening=opening, skipped_at__isnull=False)
    return set(rows.values_list("candidate__patient", flat=True))


def _ask_a_person(plan: PlannedWave, slot: Slot, *, by: Actor, at: dt.datetime) -> None:
    number = plan.people.count()
    people = "1 person" if number == 1 else f"{number} people"
    day = say_day(slot.starts_at.astimezone(slot.role.clinic.location.tz).date())
    open_task(
        kind=TaskKind.SEND_WAVE,
        title=f"Send an open time to {people}: {day}, {slot.role.provider}",
        why="Nothing is sent until somebody presses Send.",
        due_at=at + min(TASK_DUE, (plan.lapses_at - at) / 2),
        cause_key=task_key(plan),
        by=by,
        at=at,
    )


def send_plan(*, plan_id: int, shown: str, by: Actor, at: dt.datetime) -> SentPlan:
    """A person sends the planned wave. Every rule is asked again at this moment.

    Whoever may not be asked any more is left out, with the reason. Publishes
    `waitlist.wave-sent`.

    :param shown: what the person saw (`texts.shown_of`).
    :raises PlanClosed: when the plan, its opening or its people are not what they saw.
    """
    with transaction.atomic():
        opening, plan = _lock_waiting(plan_id, at)
        slot = scheduling_queries.get_slot(opening.slot_id)
        hidden = scheduling_queries.why_not(slot, at=at)
        if hidden is not None:
            raise PlanClosed(hidden.sentence)
        people = _people(plan)
        if shown != texts.shown_of(person.pk for person in people):
            raise PlanClosed("Somebody has changed this wave. Look at it again before you send it.")
        answers = may_send_many(
            [p.candidate.patient_id for p in people],
            purpose=Purpose.OFFER,
            at=at,
            zone=slot.role.clinic.location.zone,
            is_sensitive=slot.visit_type.is_sensitive,
        )
        allowed = [p.candidate for p in people if answers[p.candidate.patient_id].allowed]
        stay = recheck(opening, slot, allowed, by=by, at=at)
        sentences = {pk: answer.sentence for pk, answer in answers.items() if not answer.allowed}
        left_out = _leave_out(people, stay, sentences)
        if not stay:
            reason = "nobody of them may be asked now"
            settle_plan(plan, to=PlanStatus.LAPSED, reason=reason, by=by, at=at)
            wake(opening, STEP, at=at)
            return SentPlan(plan, None, left_out)
        next_at = plan.lapses_at if plan.lapses_at < opening.deadline_at else None
        wave = make_wave(
            opening,
            slot,
            stay,
            answers,
            why=plan.why,
            next_at=next_at,
            expires_at=min(plan.answer_by + (at - plan.planned_at), opening.deadline_at),
            by=by,
            at=at,
        )
        settle_plan(plan, to=PlanStatus.SENT, reason="", wave=wave, by=by, at=at)
    return SentPlan(plan, wave, left_out)


def _leave_out(
    people: list[PlannedOffer], stay: list[Candidate], sentences: dict[int, str]
) -> tuple[str, ...]:
    """Write down why somebody who was planned is not asked after all."""
    kept, told = {c.pk for c in stay}, []
    for person in people:
        candidate = person.candidate
        if candidate.pk in kept:
            continue
        # `recheck` has written its reason on the candidate that it was given: the same object.
        why = sentences.get(candidate.patient_id) or candidate.left_out_why
        person.left_out_why = why[:200]
        person.save(update_fields=["left_out_why"])
        told.append(why)
    return tuple(told)


def skip_person(*, planned_id: int, by: Actor, at: dt.datetime) -> PlannedWave:
    """Pass one person over; the next in the ranking who may be asked moves up.

    They keep their place for other openings. Publishes `waitlist.wave-changed`.

    :raises PlanClosed: when the plan no longer waits.
    """
    with transaction.atomic():
        plan_id = PlannedOffer.objects.values_list("plan_id", flat=True).get(pk=planned_id)
        opening, plan = _lock_waiting(plan_id, at)
        person = PlannedOffer.objects.select_related("candidate").get(pk=planned_id)
        if person.skipped_at is not None:
            return plan
        person.skipped_at, person.skipped_by = at, by.label
        person.save(update_fields=["skipped_at", "skipped_by"])
        record("waitlist.planned-offer.skipped", person, by=by, at=at, plan=plan.pk)
        if not _move_up(opening, plan, by=by, at=at) and not _people(plan):
            settle_plan(plan, to=PlanStatus.DROPPED, reason="nobody is left in it", by=by, at=at)
            wake(opening, STEP, at=at)
        publish("waitlist.wave-changed", opening, at=at, plan=plan.pk)
    return plan


def _move_up(opening: Opening, plan: PlannedWave, *, by: Actor, at: dt.datetime) -> bool:
    """The next one who may be asked takes the last place. False when nobody is left."""
    slot = scheduling_queries.get_slot(opening.slot_id)
    places = PlannedOffer.objects.filter(plan=plan)
    planned = set(places.values_list("candidate__patient", flat=True))
    following = plan_next(
        opening,
        slot,
        unanswered_since=unanswered_since(opening),
        not_these=planned | _skipped(opening),
        by=by,
        at=at,
    ).ready[:1]
    for candidate in following:
        planned_offer(plan, candidate, slot, place=places.count() + 1).save()
    return bool(following)


def put_plan_off(*, plan_id: int, by: Actor, at: dt.datetime) -> PlannedWave:
    """Not now: nobody is asked, and the next plan comes when this one would have lapsed.

    :raises PlanClosed: when the plan no longer waits.
    """
    with transaction.atomic():
        _, plan = _lock_waiting(plan_id, at)
        settle_plan(plan, to=PlanStatus.PUT_OFF, reason="not now", by=by, at=at)
    return plan


def _lock_waiting(plan_id: int, at: dt.datetime) -> tuple[Opening, PlannedWave]:
    """:raises PlanClosed, PlannedWave.DoesNotExist:"""
    opening_id = PlannedWave.objects.values_list("opening_id", flat=True).get(pk=plan_id)
    opening = locks.lock_opening(opening_id)
    plan = waiting_plan(opening)
    if plan is None or plan.pk != plan_id:
        raise PlanClosed("This wave no longer waits to be sent.")
    if not _may_propose(opening) or opening.deadline_at <= at:
        raise PlanClosed("This opening takes no wave now.")
    return opening, plan


def _people(plan: PlannedWave) -> list[PlannedOffer]:
    rows = PlannedOffer.objects.filter(plan=plan, skipped_at__isnull=True)
    return list(rows.select_related("candidate__patient", "candidate__appointment__location"))
