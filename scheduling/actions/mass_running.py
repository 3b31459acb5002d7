"""A mass rescheduling at work: moving, offering, hearing answers, and undoing what may be undone.

Each visit is one transaction under the job's lock, so a pause holds from the next visit on, and a
worker that dies is followed by another that finds each visit either begun or not.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from time import monotonic
from typing import Final

from django.db import transaction

from crm import clock
from crm.actions import settle_task
from crm.engine import Actor, move, publish, record, wake
from crm.models import Phone
from scheduling import locks
from scheduling.actions.cancelling import CannotTakeBack
from scheduling.actions.holds import hold_slot, release_hold
from scheduling.actions.mass import MASS_STEP, NotNow, make_plan, tell
from scheduling.actions.mass_items import lock_item, open_call, read_item, task_key, to_work_list
from scheduling.actions.moving import MoveSettled, reschedule_appointment, take_back_move
from scheduling.actions.overrides import SetAside
from scheduling.actions.refusals import BookingRefused
from scheduling.models import Appointment, MassMove, MassMoveItem
from scheduling.states import (
    AppointmentStatus,
    CancelReason,
    HoldStatus,
    MassItemStatus,
    MassMoveHow,
    MassMoveStatus,
)

BY: Final = Actor.system("mass rescheduling")
#: One run of the step goes on for so long (seconds), well within its lease.
WORKS_FOR: Final = 12.0
#: So long an offered choice waits for its answer; never into the last hours before the visit.
ANSWER_WITHIN: Final = dt.timedelta(hours=24)
LAST_HOURS: Final = dt.timedelta(hours=2)
#: The best time is kept for whoever answers at once (minutes).
KEPT_MINUTES: Final = 30
#: How often a job that waits for the EHR or for answers looks by itself.
LOOK_AGAIN: Final = dt.timedelta(minutes=1)
#: Times that a patient chooses from.
MOST_CHOICES: Final = 3
S = MassItemStatus


def work_on(pk: int, at: dt.datetime) -> dt.datetime | None:
    """The step: the dry run of a draft; else visits, one after the other, for a while."""
    job = MassMove.objects.select_related("created_by").get(pk=pk)
    if job.status == MassMoveStatus.DRAFT:
        make_plan(job, by=BY, at=at)
        return None
    ends = monotonic() + WORKS_FOR
    while monotonic() < ends:
        if not _next_visit(pk, at=at):
            return _rest(pk, at=at)
    return at


def _next_visit(pk: int, *, at: dt.datetime) -> bool:
    """Begin one visit; False when there is none to begin."""
    with transaction.atomic():
        job = locks.lock_mass_move(pk)
        if job.status != MassMoveStatus.RUNNING:
            return False
        waiting = job.items.filter(status__in=[S.PROPOSED, S.UNPLACED])
        number = waiting.values_list("pk", flat=True).first()
        if number is None:
            return False
        item = read_item(number)
        item.job = job
        _begin(item, at=at)
    return True


def _begin(item: MassMoveItem, *, at: dt.datetime) -> None:
    if item.status == S.UNPLACED:
        to_work_list(item, why=item.why, by=BY, at=at)
    elif item.job.how != MassMoveHow.OFFER:
        _move(item, at=at)
    elif item.over_rules:
        why = "Its place is past a rule, which nobody offers by text."
        to_work_list(item, why=why, by=BY, at=at)
    else:
        _offer(item, at=at)


def _move(item: MassMoveItem, *, at: dt.datetime) -> None:
    job = item.job
    starter = job.started_by
    aside = SetAside(frozenset(item.over_rules), job.set_aside_reason) if item.over_rules else None
    try:
        if item.slot_id is None:
            raise NotNow("Its new time is gone.")
        new = reschedule_appointment(
            appointment_id=item.appointment_id,
            slot_id=item.slot_id,
            starts_at=item.slot_starts_at,
            reason=CancelReason(job.reason),
            set_aside=aside,
            by=Actor.user(starter) if starter else BY,
            at=at,
        )
    except (BookingRefused, NotNow) as refused:
        why = f"Could not be moved as planned: {refused}"
        to_work_list(item, why=why, failed=True, by=BY, at=at)
        return
    move(item, to=S.ASKED, by=BY, at=at, moved_to=new)
    tell(job, at=at)


def _offer(item: MassMoveItem, *, at: dt.datetime) -> None:
    """Let the patient choose. Who is texted, and whether, is decided above: whoever hears of it
    says so with `offer_goes_to` or `cannot_offer`."""
    until = min(at + ANSWER_WITHIN, item.appointment.starts_at - LAST_HOURS)
    if until <= at + dt.timedelta(hours=1):
        to_work_list(item, why="It is too soon to wait for an answer by text.", by=BY, at=at)
        return
    options = _free_options(item)
    try:
        hold = hold_slot(
            slot_id=options[0],
            patient=item.appointment.patient,
            owner="mass rescheduling",
            minutes=KEPT_MINUTES,
            by=BY,
            at=at,
        )
    except BookingRefused as refused:
        to_work_list(item, why=f"Its new time is gone: {refused}", failed=True, by=BY, at=at)
        return
    move(
        item,
        to=S.OFFERED,
        by=BY,
        at=at,
        options=options,
        hold=hold,
        offered_at=at,
        answer_until=until,
    )
    publish("scheduling.mass-choices-offered", item, at=at)
    tell(item.job, at=at)


def _free_options(item: MassMoveItem) -> list[int]:
    """The proposal and its runners-up that no other visit of the job has or is offered."""
    others = MassMoveItem.objects.filter(
        job=item.job_id, status__in=[S.PROPOSED, S.OFFERED, S.ASKED]
    ).exclude(pk=item.pk)
    taken = {pk for pk in others.values_list("slot", flat=True) if pk}
    for options in others.filter(status=S.OFFERED).values_list("options", flat=True):
        taken |= set(options)
    first = [item.slot_id] if item.slot_id else []
    free = [pk for pk in item.options if pk not in taken and pk != item.slot_id]
    return [*first, *free][:MOST_CHOICES]


def _rest(pk: int, *, at: dt.datetime) -> dt.datetime | None:
    """Nothing is left to begin: whoever has not answered in time is called; then wait or end."""
    late = MassMoveItem.objects.filter(job=pk, status=S.OFFERED, answer_until__lte=at)
    for number in late.values_list("pk", flat=True):
        _end_offer(number, why="They have not answered in time.", at=at)
    with transaction.atomic():
        job = locks.lock_mass_move(pk)
        offered = job.items.filter(status=S.OFFERED).order_by("answer_until")
        next_at = offered.values_list("answer_until", flat=True).first()
        if job.status == MassMoveStatus.RUNNING:
            is_open = job.items.filter(status__in=[S.PROPOSED, S.UNPLACED]).exists()
            if is_open:
                return at
            if next_at is None and not job.items.filter(status=S.ASKED).exists():
                move(
                    job,
                    to=MassMoveStatus.DONE,
                    by=BY,
                    at=at,
                    due_at=None,
                    ended_at=clock.now(),
                )
                tell(job, at=at)
                return None
            return min(filter(None, (next_at, at + LOOK_AGAIN)))
    return next_at


def _end_offer(item_id: int, *, why: str, at: dt.datetime) -> None:
    with transaction.atomic():
        item = lock_item(item_id)
        if item.status == S.OFFERED:
            _let_go(item, at=at)
            to_work_list(item, why=why, by=BY, at=at)


def _let_go(item: MassMoveItem, *, at: dt.datetime) -> None:
    hold = item.hold
    if hold is not None and hold.status == HoldStatus.HELD:
        release_hold(hold_id=hold.pk, by=BY, at=at)


def offer_goes_to(*, item_id: int, phone: Phone) -> None:
    """The text with the choices goes to this phone: the link is theirs who have it."""
    MassMoveItem.objects.filter(pk=item_id).update(phone=phone)


def cannot_offer(*, item_id: int, why: str, at: dt.datetime) -> None:
    """They cannot be asked by text: a person calls."""
    _end_offer(item_id, why=why, at=at)


def was_told(*, item_id: int, at: dt.datetime) -> None:
    """The text about the new time has gone out."""
    MassMoveItem.objects.filter(pk=item_id, told_at__isnull=True).update(told_at=at)


def could_not_be_told(*, item_id: int, why: str, at: dt.datetime) -> None:
    """Moved, and no text may say so: a person does."""
    with transaction.atomic():
        item = lock_item(item_id)
        if item.status == S.OFFERED:
            _let_go(item, at=at)
            to_work_list(item, why=why, by=BY, at=at)
        elif item.status == S.MOVED:
            MassMoveItem.objects.filter(pk=item_id).update(told_at=None)
            said = f"Moved, and the patient does not know yet. {why}"
            open_call(
                item, title="Tell a patient that their visit was moved", why=said, by=BY, at=at
            )
            tell(item.job, at=at)


class ChoiceGone(Exception):
    """The time was taken meanwhile, or the choice is over; the text is for staff."""


def choose(*, item_id: int, slot_id: int, by: Actor, at: dt.datetime) -> MassMoveItem:
    """The patient takes one of the times they were offered. The same again changes nothing.

    Publishes `scheduling.appointment-requested`; the old visit stands until the EHR confirms.

    :raises ChoiceGone: when it was not offered, is taken, or they were too late; then the others
        are still open, if any.
    :raises MassMoveItem.DoesNotExist:
    """
    with transaction.atomic():
        item = lock_item(item_id)
        if item.status in {S.ASKED, S.MOVED}:
            return item
        if item.status != S.OFFERED or slot_id not in item.options:
            raise ChoiceGone("This choice is over.")
        try:
            with transaction.atomic():
                new = reschedule_appointment(
                    appointment_id=item.appointment_id,
                    slot_id=slot_id,
                    reason=CancelReason(item.job.reason),
                    hold_id=item.hold_id if item.options[0] == slot_id else None,
                    by=by,
                    at=at,
                )
        except BookingRefused as refused:
            raise ChoiceGone(str(refused)) from refused
        move(item, to=S.ASKED, by=by, at=at, moved_to=new, answered_at=at, slot_id=slot_id)
        item.refresh_from_db()
        _let_go(item, at=at)
        tell(item.job, at=at)
    return item


def decline_choices(*, item_id: int, by: Actor, at: dt.datetime) -> None:
    """None of the times suits: a person calls."""
    with transaction.atomic():
        item = lock_item(item_id)
        if item.status == S.OFFERED:
            _let_go(item, at=at)
            MassMoveItem.objects.filter(pk=item_id).update(answered_at=at)
            to_work_list(item, why="None of the offered times suits them.", by=by, at=at)


def on_visit_settled(*, appointment_id: int, at: dt.datetime) -> None:
    """The EHR has confirmed or refused the new visit of an item, or it was called off.

    Publishes `scheduling.mass-visit-moved` once it is confirmed.
    """
    number = MassMoveItem.objects.filter(moved_to=appointment_id).values_list("pk", flat=True)
    item_id = number.first()
    if item_id is None:
        return
    with transaction.atomic():
        item = lock_item(item_id)
        visit = Appointment.objects.get(pk=appointment_id)
        if item.status != S.ASKED or visit.status == AppointmentStatus.REQUESTED:
            return
        if visit.status in {AppointmentStatus.REFUSED, AppointmentStatus.CANCELLED}:
            why = f"The new visit was {visit.status} in the EHR."
            to_work_list(item, why=why, failed=True, by=BY, at=at)
        else:
            move(item, to=S.MOVED, by=BY, at=at)
            publish("scheduling.mass-visit-moved", item, at=at)
            tell(item.job, at=at)
        if item.job.status == MassMoveStatus.RUNNING:
            wake(item.job, MASS_STEP, at=at)


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo could take back, and what stands."""

    taken_back: int
    stands: int


def undo_job(*, job_id: int, by: Actor, at: dt.datetime) -> Undone:
    """Take back what neither the EHR nor the patient has confirmed: moves that the EHR is being
    asked about, and choices that nobody has answered. What is confirmed stands; each of those
    visits can be moved again by itself.

    A job that runs is paused by it.

    :raises MassMove.DoesNotExist:
    """
    with transaction.atomic():
        job = locks.lock_mass_move(job_id)
        if job.status == MassMoveStatus.RUNNING:
            move(job, to=MassMoveStatus.PAUSED, by=by, at=at, due_at=None)
    taken = 0
    rows = MassMoveItem.objects.filter(job=job_id, status__in=[S.ASKED, S.OFFERED])
    for number in list(rows.values_list("pk", flat=True)):
        taken += _take_back(number, by=by, at=at)
    with transaction.atomic():
        record("scheduling.mass-move.undone", job, by=by, at=at, taken_back=taken)
        tell(job, at=at)
    stands = MassMoveItem.objects.filter(job=job_id, status__in=[S.MOVED, S.ASKED]).count()
    return Undone(taken, stands)


def _take_back(item_id: int, *, by: Actor, at: dt.datetime) -> bool:
    with transaction.atomic():
        item = lock_item(item_id)
        if item.status == S.OFFERED:
            _let_go(item, at=at)
            move(item, to=S.TAKEN_BACK, by=by, at=at)
            publish("scheduling.mass-choices-withdrawn", item, at=at)
            return True
        new = item.moved_to
        if item.status != S.ASKED or new is None or new.status != AppointmentStatus.REQUESTED:
            return False
        move(item, to=S.TAKEN_BACK, by=by, at=at)
        try:
            with transaction.atomic():
                take_back_move(appointment_id=new.pk, by=by, at=at)
        except (CannotTakeBack, MoveSettled):
            transaction.set_rollback(True)
            return False
        settle_task(cause_key=task_key(item.pk), by=by, at=at, reason="taken back", done=False)
    return True
