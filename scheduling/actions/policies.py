"""What comes of missed visits: a proposal, and a person's decision. Never anything by itself."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.db import transaction

from crm.engine import Actor, insert_or_none, move, publish, record
from crm.engine.actors import ActorKind
from scheduling import locks
from scheduling.models import Appointment, PatientRestriction
from scheduling.queries.policies import counts_since, missed_visits, policy_of
from scheduling.rules.policies import counted, limit_to_propose
from scheduling.states import RestrictionStatus

MONTH = dt.timedelta(days=30)


class NotAPerson(Exception):
    """Only a person may limit how a patient books; a mistake in the code, not of a user."""


class AlreadyDecided(Exception):
    """Somebody else has decided it; the text says what, for staff."""


def review_missed(*, appointment_id: int, by: Actor, at: dt.datetime) -> PatientRestriction | None:
    """A visit was missed, excused, or un-missed: propose a limit to a person, or withdraw it.

    Publishes `scheduling.restriction-proposed`, or `scheduling.restriction-decided` for one that
    is withdrawn. What a person has approved stays until a person lifts it.

    :raises Appointment.DoesNotExist:
    """
    rows = Appointment.objects.select_related("patient", "role__clinic")
    appointment = rows.get(pk=appointment_id)
    if appointment.role is None:
        return None
    patient, clinic = appointment.patient, appointment.role.clinic
    with transaction.atomic():
        locks.lock_names(f"missed by {patient.pk} at {clinic.pk}")  # whoever counts last is right
        policy = policy_of(clinic.pk)
        since = counts_since(policy, at=at)
        against = counted(missed_visits(patient, clinic), policy=policy, since=since)
        kind = limit_to_propose(against, policy)
        if kind is None:
            _withdraw(patient.pk, clinic.pk, by=by, at=at)
            return None
        made = insert_or_none(
            PatientRestriction(patient=patient, clinic=clinic, kind=kind, proposed_at=at)
        )
        if made is None:
            return None  # it is proposed, or in force, already
        made.because.set([each.visit_id for each in against])
        record("scheduling.patientrestriction.proposed", made, by=by, at=at, kind=kind)
        publish("scheduling.restriction-proposed", made, at=at)
    return made


def _withdraw(patient_id: int, clinic_id: int, *, by: Actor, at: dt.datetime) -> None:
    open_ones = PatientRestriction.objects.filter(
        patient=patient_id, clinic=clinic_id, status=RestrictionStatus.PROPOSED
    )
    for row in open_ones:
        why = "too few missed visits count"
        move(row, to=RestrictionStatus.WITHDRAWN, by=by, at=at, reason=why)
        publish("scheduling.restriction-decided", row, at=at, to=row.status)


def approve_restriction(
    *, restriction_id: int, why: str, by: Actor, at: dt.datetime
) -> PatientRestriction:
    """A person limits how the patient books at this clinic, for as long as its policy says.

    Publishes `scheduling.restriction-decided`.

    :raises AlreadyDecided:
    :raises NotAPerson: for any other actor than a member of staff.
    :raises PatientRestriction.DoesNotExist:
    """
    rows = PatientRestriction.objects.select_related("clinic__location")
    row = rows.get(pk=restriction_id)
    zone = ZoneInfo(row.clinic.location.zone)
    months = policy_of(row.clinic_id).limit_months
    ends_on = (at.astimezone(zone) + months * MONTH).date()
    return _decide(row, RestrictionStatus.APPROVED, why, by=by, at=at, ends_on=ends_on)


def decline_restriction(
    *, restriction_id: int, why: str, by: Actor, at: dt.datetime
) -> PatientRestriction:
    """A person decides against it. Publishes `scheduling.restriction-decided`.

    :raises AlreadyDecided, NotAPerson, PatientRestriction.DoesNotExist:
    """
    row = PatientRestriction.objects.get(pk=restriction_id)
    return _decide(row, RestrictionStatus.DECLINED, why, by=by, at=at)


def lift_restriction(
    *, restriction_id: int, why: str, by: Actor, at: dt.datetime
) -> PatientRestriction:
    """A person ends it before its time. Publishes `scheduling.restriction-decided`.

    :raises AlreadyDecided, NotAPerson, PatientRestriction.DoesNotExist:
    """
    row = PatientRestriction.objects.get(pk=restriction_id)
    return _decide(row, RestrictionStatus.LIFTED, why, by=by, at=at)


def _decide(
    row: PatientRestriction,
    to: RestrictionStatus,
    why: str,
    *,
    by: Actor,
    at: dt.datetime,
    ends_on: dt.date | None = None,
) -> PatientRestriction:
    if by.kind is not ActorKind.USER:
        raise NotAPerson("Only a person may decide this.")
    if to not in type(row).MOVES[RestrictionStatus(row.status)]:
        raise AlreadyDecided(f"It is {row.status} already.")
    with transaction.atomic():
        move(
            row,
            to=to,
            by=by,
            at=at,
            reason=why,
            decided_at=at,
            decided_by=by.label[:120],
            decision=why[:300],
            ends_on=ends_on or row.ends_on,
        )
        publish("scheduling.restriction-decided", row, at=at, to=to)
    return row
