"""Which visit a script names: the one that this contact is about, not merely the next one."""

from __future__ import annotations

import datetime as dt

import pytest

from crm.actions.contacts import note_step
from crm.engine import Actor
from crm.models import InteractionStep
from crm.states import ProxyScope, StepKind
from desk.models import CallType
from desk.queries.scripts import find_flow
from desk.shipped.scripts import SCRIPTS
from scheduling.models import Appointment, Hold
from scheduling.states import CancelReason
from tests.desk.screen.conftest import Desk
from tests.desk.screen.scripting import publish
from tests.desk.screen.test_rights import as_proxy, quiet_visit
from tests.factories import NOW, AppointmentFactory, PatientFactory, SlotFactory

pytestmark = pytest.mark.django_db

WHICH = {"key": "which", "kind": "check", "words": "They mean {visit.meant}, not {visit.next}"}


def a_visit(desk: Desk, days: int) -> Appointment:
    at = NOW + dt.timedelta(days=days)
    made: Appointment = AppointmentFactory.create(
        patient=desk.patient, starts_at=at, ends_at=at + dt.timedelta(minutes=20)
    )
    return made


def names(visit: Appointment) -> str:
    """The day is enough to tell one from another."""
    assert visit.location
    return f"{visit.starts_at.astimezone(visit.location.tz):%b} {visit.starts_at.day}"


def named(desk: Desk, what: str = "visit.meant") -> str:
    flow = find_flow(desk.fresh(), is_verified=True, at=NOW)
    assert flow
    return flow.facts.known.get(what, "")


@pytest.fixture
def soon(desk: Desk, kinds: dict[str, CallType]) -> Appointment:
    """The next of their visits; a script is open that names one."""
    publish(kinds["book"], WHICH)
    desk.know()
    desk.post("reason", call_type="book")
    return a_visit(desk, 4)


@pytest.fixture
def later(desk: Desk, soon: Appointment) -> Appointment:
    return a_visit(desk, 9)


def looks(desk: Desk, visit: Appointment) -> str:
    return f"visit_type={visit.visit_type_id}&moves={visit.pk}"


class TestTheOneThatIsMeant:
    def test_is_the_next_one_while_nothing_says_which(
        self, desk: Desk, soon: Appointment, later: Appointment
    ) -> None:
        assert names(soon) in named(desk)

    def test_is_the_one_that_is_to_move_at_once(
        self, desk: Desk, soon: Appointment, later: Appointment
    ) -> None:
        """In the very answer to the press, and after it."""
        page = desk.get("talk", query=looks(desk, later)).content.decode()
        assert f"They mean {named(desk)}, not {named(desk, 'visit.next')}" in page
        assert names(later) in named(desk)
        assert names(soon) in named(desk, "visit.next")

    def test_stays_the_one_that_was_moved(
        self, desk: Desk, soon: Appointment, later: Appointment
    ) -> None:
        """Not the visit that takes its place, though that is the next one now."""
        slot = SlotFactory.create(
            visit_type=later.visit_type, starts_at=NOW + dt.timedelta(days=1, hours=2)
        )
        desk.post("hold", slot.pk, query=looks(desk, later))
        hold = Hold.objects.get()
        desk.post("book", hold.pk, query=f"{looks(desk, later)}&hold={hold.pk}")
        made = Appointment.objects.get(gives_up=later)
        assert desk.fresh().looked_for == ""
        assert names(later) in named(desk)
        assert names(made) in named(desk, "visit.next")

    def test_stays_the_one_that_was_given_up(
        self, desk: Desk, soon: Appointment, later: Appointment
    ) -> None:
        desk.post("cancel", later.pk, code=CancelReason.NO_RIDE.value)
        later.refresh_from_db()
        assert later.cancelled_at
        assert names(later) in named(desk)

    def test_is_the_last_one_that_was_given_up_whichever_step_was_written_again(
        self, desk: Desk, soon: Appointment, later: Appointment
    ) -> None:
        """A step that ends later stands behind the others in its table."""
        by = Actor.user(desk.agent)
        for n, visit in enumerate((soon, later)):
            at = NOW + dt.timedelta(minutes=n)
            note_step(contact=desk.fresh(), kind=StepKind.CANCEL, subject=visit, by=by, at=at)
        InteractionStep.objects.filter(subject_id=soon.pk).update(ended_at=NOW)
        assert names(later) in named(desk)

    def test_is_nobody_elses(self, desk: Desk, soon: Appointment) -> None:
        """Whatever an address says."""
        at = NOW + dt.timedelta(days=20)
        theirs = AppointmentFactory.create(patient=PatientFactory.create(), starts_at=at)
        for said in (str(theirs.pk), "99999999999999999999", "²", "x"):
            desk.get("talk", query=f"moves={said}")
            assert desk.fresh().looked_for
            assert names(soon) in named(desk)

    def test_is_not_named_to_whoever_may_not_hear_of_visits(
        self, desk: Desk, soon: Appointment, later: Appointment
    ) -> None:
        as_proxy(desk, ProxyScope.BILLING)
        desk.get("talk", query=looks(desk, later))
        assert named(desk) == ""

    def test_that_is_sensitive_is_left_out_for_a_third_person(
        self, desk: Desk, soon: Appointment
    ) -> None:
        """And no other is named in its place: that is not the one."""
        quiet = quiet_visit(desk)
        as_proxy(desk, ProxyScope.SCHEDULING)
        desk.get("talk", query=looks(desk, quiet))
        assert named(desk) == ""
        desk.get("talk", query=looks(desk, soon))
        assert names(soon) in named(desk)


@pytest.mark.parametrize("code", ["move", "cancel"])
def test_what_ships_asks_for_the_one_that_is_meant(code: str) -> None:
    (steps,) = [steps for one, _, _, steps in SCRIPTS if one == code]
    (which,) = [step for step in steps if step["key"] == "which-visit"]
    assert "{visit.meant}" in str(which["words"])
