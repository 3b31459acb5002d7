"""Staff say who somebody is that asked for a visit online."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.actions import close_task, register_person
from crm.engine import Actor
from crm.models import Patient
from crm.rules.names import Named
from desk.self_service.actions.identity import SOURCE
from desk.self_service.actions.telling import tell
from scheduling.actions import request_booking
from scheduling.models import SelfServiceSession
from waitlist.actions import join_waitlist


class PersonSettled(Exception):
    """Somebody else has said who they are meanwhile."""


@transaction.atomic
def settle_person(
    session: SelfServiceSession, *, patient: Patient | None, by: Actor, at: dt.datetime
) -> None:
    """They are `patient`, or new; then what they asked for goes on.

    Their phone is added to nobody who is known: a label may speak against it, and the EHR owns
    the numbers. The text goes where the patient may be told.

    :raises PersonSettled:
    :raises SlotTaken, PatientBusy, BookingRefused: when the time cannot be theirs; nothing is
        settled then, and they are called.
    :raises TaskClosed, MovedMeanwhile:
    """
    rows = SelfServiceSession.objects.filter(pk=session.pk, patient=None, birth_on__isnull=False)
    if session.task is None or session.phone is None or not rows.update(seen_at=at):
        raise PersonSettled
    if patient is None:
        named = Named(session.given_name, session.family_name, session.birth_on)
        patient = register_person(
            named=named,
            phone=session.phone,
            language=session.language,
            source=SOURCE,
            by=by,
            at=at,
        )
    session.patient = patient
    if session.hold is not None:
        session.appointment = request_booking(
            slot_id=session.hold.slot_id,
            patient=patient,
            starts_at=session.hold.slot.starts_at,
            hold_id=session.hold.pk,
            visit_type=session.visit_type,
            by=by,
            at=at,
        )
    elif session.visit_type is not None:
        session.entry_id = join_waitlist(
            patient=patient,
            visit_type=session.visit_type,
            location=session.location,
            by=by,
            at=at,
        ).pk
    session.given_name, session.family_name, session.birth_on = "", "", None
    session.save(
        update_fields=[
            "patient",
            "appointment",
            "entry_id",
            "given_name",
            "family_name",
            "birth_on",
        ]
    )
    close_task(task=session.task, by=by, at=at, reason="compared")
    if session.entry_id is not None:
        tell(session, "list_joined", site=session.location, by=by, at=at)
