"""The day of the visit: who came, how late, and who did not. Each can be taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from crm.engine import Actor, move, publish, record
from crm.rules.said import Said, say
from scheduling import locks
from scheduling.actions.booking import queue_ehr_write
from scheduling.models import Appointment
from scheduling.queries.policies import policy_of
from scheduling.rules.policies import judge_arrival
from scheduling.states import AppointmentStatus, EhrOperation, LateOutcome, MissedBecause

#: A patient may be checked in so long before the visit.
EARLIEST_CHECK_IN = dt.timedelta(hours=12)


class NotNow(Exception):
    """The visit is not in a state for this; the text says why, for staff."""


class TooLate(NotNow):
    """The clinic's policy offers somebody so late another time; a person may decide otherwise."""


def check_in(
    *,
    appointment_id: int,
    by: Actor,
    at: dt.datetime,
    arrived_at: dt.datetime | None = None,
    outcome: LateOutcome | None = None,
) -> Appointment:
    """The patient is here. Queues the write to the EHR; publishes `scheduling.patient-arrived`.

    One who was marked a no-show and comes after all is checked in, too. Twice is once.

    :param arrived_at: when they came; now, where nobody says.
    :param outcome: what a person decided about somebody late; else what the policy suggests.
    :raises TooLate: when that is another time: `reschedule_appointment`, or decide otherwise.
    :raises NotNow, Appointment.DoesNotExist:
    """
    came_at = min(arrived_at or at, at)
    with transaction.atomic():
        appointment = locks.lock_appointment(appointment_id)
        if appointment.status == AppointmentStatus.ARRIVED:
            return appointment
        if appointment.status not in {AppointmentStatus.BOOKED, AppointmentStatus.NO_SHOW}:
            raise NotNow(
                say("A visit that is %(state)s cannot be checked in.", state=_said(appointment))
            )
        if appointment.starts_at - at > EARLIEST_CHECK_IN:
            raise NotNow("It is too early to check in for this visit.")
        role = appointment.role
        policy = policy_of(role.clinic_id if role else None)
        judged = judge_arrival(appointment.starts_at, arrived_at=came_at, policy=policy)
        decided = outcome or judged.suggestion
        if decided is LateOutcome.MOVE:
            raise TooLate(judged.sentence)
        move(
            appointment,
            to=AppointmentStatus.ARRIVED,
            by=by,
            at=at,
            reason=judged.sentence,
            detail={"minutes_late": judged.minutes_late, "outcome": decided},
            arrived_at=came_at,
            late_outcome=decided,
            missed_because="",
        )
        queue_ehr_write(appointment, EhrOperation.ARRIVE, at=at)
        publish("scheduling.patient-arrived", appointment, at=at)
    return appointment


def undo_check_in(*, appointment_id: int, by: Actor, at: dt.datetime) -> Appointment:
    """It was somebody else, or a slip. Publishes `scheduling.check-in-undone`.

    :raises NotNow: when they are not checked in.
    :raises Appointment.DoesNotExist:
    """
    return _book_again(
        appointment_id,
        was=AppointmentStatus.ARRIVED,
        event="scheduling.check-in-undone",
        by=by,
        at=at,
        arrived_at=None,
        late_outcome="",
    )


def mark_no_show(
    *,
    appointment_id: int,
    by: Actor,
    at: dt.datetime,
    because: MissedBecause | None = None,
) -> Appointment:
    """The patient did not come. Queues the write to the EHR; publishes
    `scheduling.appointment-missed`. Twice is once; a reason can be added that way.

    What comes of it is the policy's and a person's: nothing here limits or charges anybody.

    :param because: why, where it was no fault of the patient's: a technical failure is no no-show
        of theirs.
    :raises NotNow: before the visit's time, or when it is not booked.
    :raises Appointment.DoesNotExist:
    """
    with transaction.atomic():
        appointment = locks.lock_appointment(appointment_id)
        if appointment.status == AppointmentStatus.NO_SHOW:
            return _say_why(appointment, because, by=by, at=at)
        if appointment.status != AppointmentStatus.BOOKED:
            raise NotNow(
                say("A visit that is %(state)s cannot be missed.", state=_said(appointment))
            )
        if appointment.starts_at > at:
            raise NotNow("Its time has not come yet. Cancel it instead.")
        move(
            appointment,
            to=AppointmentStatus.NO_SHOW,
            by=by,
            at=at,
            reason=because.replace("-", " ") if because else "",
            missed_because=because or "",
        )
        queue_ehr_write(appointment, EhrOperation.NO_SHOW, at=at)
        publish("scheduling.appointment-missed", appointment, at=at)
    return appointment


def _say_why(
    appointment: Appointment, because: MissedBecause | None, *, by: Actor, at: dt.datetime
) -> Appointment:
    if because is not None and appointment.missed_because != because:
        Appointment.objects.filter(pk=appointment.pk).update(missed_because=because)
        appointment.missed_because = because
        record("scheduling.appointment.excused", appointment, by=by, at=at, because=because)
        publish("scheduling.appointment-missed", appointment, at=at)
    return appointment


def undo_no_show(*, appointment_id: int, by: Actor, at: dt.datetime) -> Appointment:
    """They did come, or it was a slip. Publishes `scheduling.no-show-undone`.

    :raises NotNow: when it is not marked so.
    :raises Appointment.DoesNotExist:
    """
    return _book_again(
        appointment_id,
        was=AppointmentStatus.NO_SHOW,
        event="scheduling.no-show-undone",
        by=by,
        at=at,
        missed_because="",
    )


def _book_again(
    appointment_id: int,
    *,
    was: AppointmentStatus,
    event: str,
    by: Actor,
    at: dt.datetime,
    **cleared: Any,
) -> Appointment:
    with transaction.atomic():
        appointment = locks.lock_appointment(appointment_id)
        if appointment.status != was:
            raise NotNow(
                say(
                    "The visit is %(state)s: there is nothing to take back.",
                    state=_said(appointment),
                )
            )
        move(
            appointment,
            to=AppointmentStatus.BOOKED,
            by=by,
            at=at,
            reason="taken back",
            **cleared,
        )
        queue_ehr_write(appointment, EhrOperation.RESTORE, at=at)
        publish(event, appointment, at=at)
    return appointment


def _said(appointment: Appointment) -> Said:
    said = {AppointmentStatus.NO_SHOW: "a no-show", AppointmentStatus.REQUESTED: "only requested"}
    status = AppointmentStatus(appointment.status)
    return say(said.get(status, status.replace("-", " ")))
