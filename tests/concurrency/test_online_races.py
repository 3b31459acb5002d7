"""Patients without a login: two taps, two tabs, two phones; with the guard, and without."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db.models import QuerySet

from crm.models import Patient
from crm.rules.names import Named
from crm.states import TaskKind
from desk.self_service.actions import (
    book,
    call_off,
    choose_time,
    identify,
    join_list,
    settle_person,
)
from scheduling.actions import hold_slot
from scheduling.actions.self_service import (
    close_quiet_session,
    count_identity,
    end_session,
    issue_code,
    start_session,
)
from scheduling.models import (
    Appointment,
    Clinic,
    Hold,
    OnlineVisit,
    PhoneCode,
    SelfServiceSession,
    Slot,
)
from scheduling.rules import limits
from scheduling.states import HoldStatus, SelfServiceStatus, Wish
from tests.concurrency.meeting import (
    Act,
    Race,
    Scene,
    broken,
    compare_and_set,
    constraint,
    kept,
    lock,
    names,
    with_guards,
    without_guards,
)
from tests.factories import (
    NOW,
    TEST,
    AppointmentFactory,
    PhoneFactory,
    SlotFactory,
    TaskFactory,
    phone_of,
    reachable_patient,
)
from waitlist.models import WaitlistEntry

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

ROSA = Named("Rosa", "Delgado", dt.date(1980, 3, 14))


def open_slot(clinic: Clinic | None = None) -> Slot:
    """A time that patients may book by themselves."""
    slot: Slot = SlotFactory.create(starts_at=NOW + dt.timedelta(days=5))
    OnlineVisit.objects.create(clinic=slot.role.clinic, visit_type=slot.visit_type)
    return slot


def session(slot: Slot, **said: Any) -> SelfServiceSession:
    """Somebody known, who has said what for and where."""
    patient = reachable_patient()
    values: dict[str, Any] = {
        "key_digest": uuid4().hex,
        "address_digest": uuid4().hex,
        "language": "en",
        "wish": Wish.NEW,
        "visit_type": slot.visit_type,
        "location": slot.role.clinic.location,
        "patient": patient,
        "phone": phone_of(patient),
        "verified_at": NOW,
        "identified_at": NOW,
        "created_at": NOW,
        "seen_at": NOW,
    }
    made: SelfServiceSession = SelfServiceSession.objects.create(**values | said)
    return made


def tap(row: SelfServiceSession, act: Callable[..., Any], *, name: str = "", **said: Any) -> Act:
    """One request: it has read the session as it is now, whatever comes of it later."""
    read = SelfServiceSession.objects.get(pk=row.pk)
    if name:
        return lambda: act(**{name: read}, **said, at=NOW)
    return lambda: act(read, **said, at=NOW)


def holds_of(*slots: Slot) -> Callable[[], int]:
    return Hold.objects.filter(slot__in=slots, status=HoldStatus.HELD).count


# --- choosing a time ---------------------------------------------------------------------


def two_patients_choose_one_time() -> Scene:
    slot = open_slot()
    acts = [tap(session(slot), choose_time, slot_id=slot.pk) for _ in range(2)]
    return Scene(acts[0], acts[1], holds_of(slot))


def one_patient_chooses_twice() -> Scene:
    """Two tabs: without the guard the session keeps two times from everybody else."""
    slot = open_slot()
    other = SlotFactory.create(
        role=slot.role, visit_type=slot.visit_type, starts_at=NOW + dt.timedelta(days=6)
    )
    row = session(slot)
    acts = [tap(row, choose_time, slot_id=one.pk) for one in (slot, other)]
    return Scene(acts[0], acts[1], holds_of(slot, other))


def one_time_is_tapped_twice() -> Scene:
    """Without the guard the second tap reads that somebody else has it, who is themselves."""
    slot = open_slot()
    row = session(slot)
    acts = [tap(row, choose_time, slot_id=slot.pk) for _ in range(2)]
    return Scene(acts[0], acts[1], holds_of(slot))


# --- asking for it, giving it up, waiting ------------------------------------------------


def booked_by_two_taps() -> Scene:
    slot = open_slot()
    hold = hold_slot(slot_id=slot.pk, by=TEST, at=NOW, owner="a patient online")
    row = session(slot, hold=hold)
    acts = [tap(row, book, starts_at=slot.starts_at) for _ in range(2)]
    return Scene(acts[0], acts[1], Appointment.objects.filter(slot=slot).count)


def called_off_by_two_taps() -> Scene:
    slot = open_slot()
    row = session(slot, wish=Wish.GIVE_UP)
    visit = AppointmentFactory.create(
        patient=row.patient, role=slot.role, visit_type=slot.visit_type
    )
    acts = [tap(row, call_off, visit_id=visit.pk) for _ in range(2)]
    return Scene(acts[0], acts[1], lambda: Appointment.objects.get(pk=visit.pk).status)


def on_the_list_by_two_taps() -> Scene:
    row = session(open_slot(), wish=Wish.WAIT)
    acts = [tap(row, join_list) for _ in range(2)]
    return Scene(acts[0], acts[1], WaitlistEntry.objects.filter(patient=row.patient).count)


def closed_while_somebody_ends_it() -> Scene:
    """Half an hour of quiet, and a tap."""
    row = session(open_slot(), seen_at=NOW - limits.QUIET)
    return Scene(
        first=lambda: close_quiet_session(session_id=row.pk, at=NOW),
        second=tap(row, end_session, name="session", to=SelfServiceStatus.DONE, by=TEST),
        look=lambda: SelfServiceSession.objects.get(pk=row.pk).status,
    )


# --- who is there ------------------------------------------------------------------------


def somebody_new(**said: Any) -> SelfServiceSession:
    """With a phone that is proven, and nobody on record."""
    fresh = {"patient": None, "identified_at": None, "phone": PhoneFactory.create()}
    return session(open_slot(), **fresh | said)


def registered_by_two_taps() -> Scene:
    """Without the guard one new person is two patients."""
    row = somebody_new()
    acts = [tap(row, identify, named=ROSA) for _ in range(2)]
    return Scene(acts[0], acts[1], Patient.objects.filter(phones=row.phone).count)


def names_tried_all_at_once() -> Scene:
    """Without the guard as many names and birth dates can be tried as come at once."""
    row = somebody_new(identities=limits.PEOPLE_PER_SESSION - 1)
    acts = [tap(row, count_identity, name="session") for _ in range(2)]
    return Scene(acts[0], acts[1], lambda: SelfServiceSession.objects.get(pk=row.pk).identities)


def codes_asked_for_twice() -> Scene:
    row = somebody_new()
    acts = [tap(row, issue_code, name="session", phone=row.phone) for _ in range(2)]
    return Scene(acts[0], acts[1], PhoneCode.objects.filter(session=row).count)


def begun_at_the_limit() -> Scene:
    """From one network, whose last session of this hour two begin."""
    slot, address = open_slot(), uuid4().hex
    (limit,) = limits.SESSIONS_PER_ADDRESS
    row = session(slot, address_digest=address)
    SelfServiceSession.objects.bulk_create(
        SelfServiceSession(
            key_digest=uuid4().hex,
            address_digest=address,
            language="en",
            created_at=NOW,
            seen_at=NOW,
        )
        for _ in range(limit.most - 2)
    )

    def begin() -> Any:
        return start_session(
            link=None,
            address_digest=address,
            language="en",
            danger="",
            words="",
            at=NOW,
        )

    found = SelfServiceSession.objects.filter(address_digest=row.address_digest)
    return Scene(begin, begin, lambda: found.count() - limit.most)


def settled_by_two_of_the_staff() -> Scene:
    row = somebody_new(
        identified_at=NOW, given_name="Rosa", family_name="Delgado", birth_on=ROSA.birth_on
    )
    row.task = TaskFactory.create(kind=TaskKind.MATCH_PERSON)
    row.save()

    def settle() -> Any:
        read = SelfServiceSession.objects.get(pk=row.pk)
        return lambda: settle_person(read, patient=None, by=TEST, at=NOW)

    return Scene(settle(), settle(), Patient.objects.filter(phones=row.phone).count)


# --- the guards --------------------------------------------------------------------------


@contextmanager
def go_on() -> Any:
    """A session that is gone on with in memory only: no tap waits for another."""

    def in_memory(row: SelfServiceSession, *, at: Any, step: Any, **changes: Any) -> Any:
        for key, value in {**changes, "step": step, "seen_at": at}.items():
            setattr(row, key, value)
        return row

    with ExitStack() as away:
        for module in ("desk.self_service.actions.booking", "scheduling.actions.self_service"):
            away.enter_context(patch(f"{module}.go_on", in_memory))
        yield


@contextmanager
def asking_whether_it_is_settled() -> Any:
    """Nobody asks whether staff have compared them already."""
    update = QuerySet.update

    def blind(rows: QuerySet[Any], **said: Any) -> int:
        if rows.model is SelfServiceSession and set(said) == {"seen_at"}:
            return 1
        return update(rows, **said)

    with patch.object(QuerySet, "update", blind):
        yield


SLOT = lock("lock_slot")
ONE_HOLD = constraint(Hold, "scheduling_hold_seat_once")
CAS = compare_and_set("scheduling.actions.self_service")
ACTING = "desk.self_service.actions.booking"
S = SelfServiceStatus
RACES = (
    Race(
        two_patients_choose_one_time,
        stops="scheduling.actions.holds.free_seat",
        guards=[SLOT],
        kept=("done", "SlotHeld", 1),
        broken=("SlotTaken", "done", 1),
    ),
    Race(
        one_patient_chooses_twice,
        stops=f"<{ACTING}.hold_slot",
        guards=[go_on],
        kept=("done", "done", 1),
        broken=("done", "done", 2),
    ),
    Race(
        one_time_is_tapped_twice,
        stops=f"<{ACTING}.hold_slot",
        guards=[go_on],
        kept=("done", "done", 1),
        broken=("SlotHeld", "done", 1),
    ),
    Race(
        booked_by_two_taps,
        stops=f"<{ACTING}._journey",
        guards=[go_on],
        kept=("done", "SessionOver", 1),
        broken=("SlotTaken", "done", 1),
    ),
    Race(
        called_off_by_two_taps,
        stops=f"{ACTING}.find_visit",
        guards=[go_on],
        kept=("done", "SessionOver", "cancelled"),
        broken=("MovedMeanwhile", "done", "cancelled"),
    ),
    Race(
        on_the_list_by_two_taps,
        stops=f"<{ACTING}.join_waitlist",
        guards=[go_on],
        kept=("done", "SessionOver", 1),
        broken=("MovedMeanwhile", "done", 1),
    ),
    Race(
        closed_while_somebody_ends_it,
        stops="<scheduling.actions.self_service.move",
        guards=[CAS],
        kept=("MovedMeanwhile", "done", S.DONE),
        broken=("done", "done", S.LEFT),
        waits=False,
    ),
    Race(
        registered_by_two_taps,
        stops="desk.self_service.actions.identity.match_person",
        guards=[names],
        kept=("done", "done", 1),
        broken=("done", "done", 2),
    ),
    Race(
        names_tried_all_at_once,
        stops="<scheduling.actions.self_service.go_on",
        guards=[names],
        kept=("done", "TooMany", limits.PEOPLE_PER_SESSION),
        broken=("done", "done", limits.PEOPLE_PER_SESSION),
    ),
    Race(
        codes_asked_for_twice,
        stops="scheduling.actions.self_service._check_codes",
        guards=[names, go_on],
        kept=("done", "done", 1),
        broken=("done", "done", 2),
    ),
    Race(
        begun_at_the_limit,
        stops="scheduling.rules.limits.is_over",
        guards=[names],
        kept=("done", "TooMany", 0),
        broken=("done", "done", 1),
    ),
    Race(
        settled_by_two_of_the_staff,
        stops="<desk.self_service.actions.settling.register_person",
        guards=[asking_whether_it_is_settled],
        kept=("done", "PersonSettled", 1),
        broken=("MovedMeanwhile", "done", 1),
    ),
)


def test_who_comes_second_waits_for_the_first() -> None:
    assert with_guards(RACES) == kept(RACES)


def test_without_its_guard_each_goes_wrong() -> None:
    """The races are real: what the test above shows is the guards at work."""
    assert without_guards(RACES) == broken(RACES)
