"""Booking, moving, giving up and waiting, by the patient. The rules are those of the staff."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.actions import find_or_open_journey, grant_consent, open_interaction, open_task
from crm.models import Journey, Patient
from crm.states import Channel, Purpose, TaskKind
from desk.self_service.actions.actors import actor_of
from desk.self_service.actions.asking import ask_a_person
from desk.self_service.actions.searches import settle_search
from desk.self_service.actions.telling import tell
from desk.visit_words import REASONS
from scheduling.actions import (
    BookingRefused,
    cancel_appointment,
    hold_slot,
    release_hold,
    request_booking,
    reschedule_appointment,
)
from scheduling.actions.self_service import SessionOver, end_session, go_on
from scheduling.models import Appointment, Hold, SelfServiceSession, Slot
from scheduling.queries import get_slot, why_not
from scheduling.queries.self_service import changeable_visits, online_visits
from scheduling.rules import HiddenBy
from scheduling.states import (
    CancelReason,
    HoldStatus,
    SelfServiceStatus,
    SelfServiceStep,
    Wish,
)
from waitlist.actions import join_waitlist, keep_place
from waitlist.queries.places import places_of

#: How long a time is kept while somebody reads and presses (minutes).
HOLD_MINUTES = 10
#: And while staff find out who asks (minutes).
HOLD_TO_COMPARE = 240
#: What holds are called on staff's pages.
OWNER = "a patient online"
NEED = "A visit, asked for online"
COMPARE_WITHIN = dt.timedelta(hours=2)


class NotOffered(Exception):
    """It is not among what may be booked, moved or given up here, whatever the form said."""


@transaction.atomic
def choose_time(session: SelfServiceSession, *, slot_id: int, at: dt.datetime) -> Hold:
    """Keep the slot for this session, instead of what it kept before.

    :raises SlotTaken, PatientBusy, BookingRefused: as for staff; nothing is ever set aside.
    :raises NotOffered, SessionOver:
    """
    go_on(session, at=at, step=SelfServiceStep.TIME)
    session.refresh_from_db(fields=["hold"])  # another tab may have chosen meanwhile
    slot = _offered_slot(session, slot_id)
    let_time_go(session, at=at)
    if session.gives_up is not None:
        _check_moving(session, slot, at=at)
    # The visit that is moved may stand in the way of its own patient, who is asked about above.
    patient = session.patient if session.gives_up is None else None
    hold = hold_slot(
        slot_id=slot.pk,
        patient=patient,
        owner=OWNER,
        minutes=HOLD_MINUTES,
        by=actor_of(session),
        at=at,
    )
    go_on(session, at=at, step=SelfServiceStep.CHECK, hold=hold)
    return hold


def let_time_go(session: SelfServiceSession, *, at: dt.datetime) -> None:
    """Give back what the session keeps, for others to have."""
    if session.hold is not None and session.hold.status == HoldStatus.HELD:
        release_hold(hold_id=session.hold.pk, by=actor_of(session), at=at)


@transaction.atomic
def book(
    session: SelfServiceSession,
    *,
    starts_at: dt.datetime,
    at: dt.datetime,
    keeps_place: bool = False,
) -> None:
    """Ask for the time that is kept: requested, and booked only once the EHR has said so.

    A second tap waits for the first, and finds it done. Somebody whom staff must compare first
    gets a task, and the time stays kept meanwhile.

    :param starts_at: the time that the page showed.
    :param keeps_place: they stay on the list for an earlier time. Else their place ends once the
        visit is confirmed, as after a booking by staff (`waitlist.actions.settle_waits`).
    :raises SlotTaken, PatientBusy, BookingRefused, SessionOver:
    """
    go_on(session, at=at, step=SelfServiceStep.CHECK)
    session.refresh_from_db()
    hold = session.hold
    if hold is None or session.identified_at is None:
        raise SessionOver
    if session.patient is None:
        _ask_staff_who(session, hold, at=at)
        return
    journey = _journey(session, at=at)
    visit = _ask_for(session, session.patient, hold, journey, starts_at=starts_at, at=at)
    if keeps_place and visit.visit_type is not None:
        for place in places_of(session.patient, visit.visit_type):
            keep_place(place, by=actor_of(session), at=at)
    go_on(session, at=at, step=SelfServiceStep.DONE, appointment=visit)
    settle_search(session, at=at)
    end_session(session=session, to=SelfServiceStatus.DONE, by=actor_of(session), at=at)


def _ask_for(
    session: SelfServiceSession,
    patient: Patient,
    hold: Hold,
    journey: Journey,
    *,
    starts_at: dt.datetime,
    at: dt.datetime,
) -> Appointment:
    """A new visit; or the one they have, moved at their wish, by the same action as for staff."""
    if session.gives_up is not None:
        return reschedule_appointment(
            appointment_id=session.gives_up.pk,
            slot_id=hold.slot_id,
            hold_id=hold.pk,
            visit_type=session.visit_type,
            journey_id=journey.pk,
            starts_at=starts_at,
            by=actor_of(session),
            at=at,
        )
    return request_booking(
        slot_id=hold.slot_id,
        patient=patient,
        journey_id=journey.pk,
        starts_at=starts_at,
        hold_id=hold.pk,
        visit_type=session.visit_type,
        by=actor_of(session),
        at=at,
    )


@transaction.atomic
def call_off(
    session: SelfServiceSession,
    *,
    visit_id: int,
    at: dt.datetime,
    code: CancelReason = CancelReason.PATIENT_UNSAID,
) -> Appointment:
    """Give up one of their visits. The slot is freed as for any other cancellation.

    :param code: why, a reason of the patient's own (`WHY_ASKED`), where they have said.
    :raises NotOffered: when it is not theirs to give up from here.
    :raises SessionOver:
    """
    go_on(session, at=at, step=SelfServiceStep.CHECK)
    visit = find_visit(session, visit_id=visit_id, at=at)
    by = actor_of(session)
    _journey(session, at=at)
    cancel_appointment(
        appointment_id=visit.pk,
        code=code,
        reason=f"{REASONS[code]}; called off online",
        by=by,
        at=at,
    )
    go_on(session, at=at, step=SelfServiceStep.DONE, gives_up=visit)
    end_session(session=session, to=SelfServiceStatus.DONE, by=by, at=at)
    tell(session, "visit_called_off", old=visit, by=by, at=at)
    return visit


@transaction.atomic
def join_list(session: SelfServiceSession, *, at: dt.datetime) -> None:
    """A place on the list, with the consent to the texts that it is for.

    :raises SessionOver, NotOffered:
    """
    go_on(session, at=at, step=SelfServiceStep.CHECK)
    session.refresh_from_db()
    if session.identified_at is None or session.phone is None:
        raise SessionOver
    if session.visit_type is None or session.location is None:
        raise NotOffered
    if not online_visits(session).filter(visit_type=session.visit_type).exists():
        raise NotOffered
    if session.patient is None:
        _ask_staff_who(session, None, at=at)
        return
    by = actor_of(session)
    entry = join_waitlist(
        patient=session.patient,
        visit_type=session.visit_type,
        location=session.location,
        provider=session.role.provider if session.role else None,
        by=by,
        at=at,
    )
    grant_consent(
        phone=session.phone,
        patient=session.patient,
        channel=Channel.SMS,
        purpose=Purpose.OFFER,
        source="self-service",
        evidence={"session": session.pk},
        by=by,
        at=at,
    )
    go_on(session, at=at, step=SelfServiceStep.DONE, entry_id=entry.pk)
    settle_search(session, at=at)
    end_session(session=session, to=SelfServiceStatus.DONE, by=by, at=at)
    tell(session, "list_joined", site=session.location, by=by, at=at)


def find_visit(session: SelfServiceSession, *, visit_id: int, at: dt.datetime) -> Appointment:
    """One of their visits that may be changed from here. :raises NotOffered:"""
    for visit in changeable_visits(session, at=at):
        if visit.pk == visit_id:
            return visit
    raise NotOffered


def _offered_slot(session: SelfServiceSession, slot_id: int) -> Slot:
    """The slot, if it is one that these pages show: of the kind, the place and the clinician."""
    try:
        slot = get_slot(slot_id)
    except Slot.DoesNotExist as missing:
        raise NotOffered from missing
    kind = session.visit_type_id
    serves = kind is not None and kind in {slot.visit_type_id, *slot.also_serves}
    clinic = slot.role.clinic
    is_open = online_visits(session).filter(clinic=clinic, visit_type=kind).exists()
    is_here = session.location_id in {None, clinic.location_id}
    if not (serves and is_open and is_here and session.role_id in {None, slot.role_id}):
        raise NotOffered
    return slot


def _check_moving(session: SelfServiceSession, slot: Slot, *, at: dt.datetime) -> None:
    hidden = why_not(slot, at=at, patient=session.patient, gives_up_id=session.gives_up_id)
    if hidden is not None and hidden.rule is not HiddenBy.HELD:
        raise BookingRefused(hidden.sentence, rule=hidden.rule)


def _journey(session: SelfServiceSession, *, at: dt.datetime) -> Journey:
    """The need that it hangs on, with this session on its timeline."""
    assert session.patient is not None  # noqa: S101 for the type checker
    by = actor_of(session)
    journey = find_or_open_journey(patient=session.patient, need=NEED, by=by, at=at)
    said = {Wish.MOVE: "Moved a visit online", Wish.GIVE_UP: "Called off a visit online"}
    open_interaction(
        journey=journey,
        channel=Channel.WEB,
        summary=said.get(Wish(session.wish), "Asked for a visit online"),
        subject=session,
        by=by,
        at=at,
    )
    return journey


def _ask_staff_who(session: SelfServiceSession, hold: Hold | None, *, at: dt.datetime) -> None:
    """The booking goes on as a request: a person compares, and only then asks for the time."""
    by = actor_of(session)
    if hold is not None:
        release_hold(hold_id=hold.pk, by=by, at=at)
        hold = hold_slot(slot_id=hold.slot_id, owner=OWNER, minutes=HOLD_TO_COMPARE, by=by, at=at)
    task = open_task(
        kind=TaskKind.MATCH_PERSON,
        title="Asked for a visit online: do we know them?",
        why="Their name and birth date are like somebody's on record, and not plainly the same "
        "person with that phone. They were told that we will text or call.",
        due_at=at + COMPARE_WITHIN,
        cause_key=f"book:{session.pk}:who",
        by=by,
        at=at,
    )
    about = "Asked for a visit online: do we know them?"
    ask_a_person(session, task, about=about, by=by, at=at)
    go_on(session, at=at, step=SelfServiceStep.DONE, hold=hold, task=task)
    end_session(session=session, to=SelfServiceStatus.DONE, by=by, at=at)
