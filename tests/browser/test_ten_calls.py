"""The ten standard calls (docs/standard-calls.md), done by hand in a browser from ring to wrap-up.

The hands are those of `bench/desk_calls.py`, which fail where the screen can't do a step; here
each is done in a small house, nothing is loaded, and what the caller wanted has happened.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from bench import desk_hand
from bench.desk_callers import Caller, Callers
from bench.desk_calls import CALLS, Desk
from config.env import get_env
from crm.actions.handoffs import accept_handoff
from crm.actions.wrapping import wrap_up
from crm.engine import Actor
from crm.gateways import get_chart
from crm.models import (
    CarePlanItem,
    Handoff,
    LabReport,
    Medication,
    Patient,
    Task,
    User,
    WrapUp,
)
from crm.queries.handoffs import offered_to
from crm.states import (
    DrugClass,
    HandoffStatus,
    HandoffTo,
    ItemStatus,
    MedicationStatus,
    ReportStatus,
    ReviewOutcome,
    Role,
)
from outreach.models import Message
from scheduling.actions.trees import add_tree, edit_draft, publish_draft
from scheduling.models import Appointment, SourceCode
from scheduling.queries.trees import find_draft
from scheduling.rules.trees import read_tree
from scheduling.states import AppointmentStatus
from tests.browser.desk_house import ROSA, House, ring, say_taken
from tests.cast import Cast
from tests.crm.live_server import Bus
from tests.factories import TEST

DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Telephone:
    bus: Bus

    def ring(self, number: str) -> None:
        ring(self.bus, number)


@dataclass(frozen=True, slots=True)
class Colleague:
    """A nurse who takes whatever she is asked to take."""

    bus: Bus
    user: User

    def accept(self) -> None:
        handoff = offered_to(self.user).get()
        by, at = Actor.user(self.user), timezone.now()
        accept_handoff(handoff_id=handoff.pk, user=self.user, by=by, at=at)
        say_taken(self.bus, handoff.interaction_id, agent=handoff.answered_by_id)


class OnlyRosa(Callers):
    """Rosa calls, whatever it is about."""

    def __init__(self, patient: Patient) -> None:
        super().__init__(at=timezone.now())
        self._rosa = patient

    def who_came_to(self) -> Caller:
        return self._about(AppointmentStatus.FULFILLED)

    def who_comes(self, **_: Any) -> Caller:
        return self._about(AppointmentStatus.BOOKED)

    def who_has(self, kind: str, **_: Any) -> Caller:
        return Caller(self._rosa, ROSA)

    def _about(self, status: AppointmentStatus) -> Caller:
        visits = Appointment.objects.select_related("location").filter(status=status)
        return Caller(self._rosa, ROSA, visits.get(patient=self._rosa))


@pytest.fixture
def hands(
    listening: Page,
    bus: Bus,
    house: House,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    """An agent's hands at the screen, where everything that a call needs is there."""
    monkeypatch.setattr(desk_hand, "PATIENCE", 45_000)
    monkeypatch.setattr(get_env(), "patient_portal_url", "https://portal.example.org/")
    rosa = Patient.objects.get(pk=cast.patient.pk)
    _chart(rosa, house)
    _tree(house)
    nurse = Colleague(bus, cast.nurse)
    return Desk(desk_hand.Hand(listening), Telephone(bus), nurse, OnlyRosa(rosa))


def _chart(rosa: Patient, house: House) -> None:
    """A result in the portal, a blood thinner that ran out, and a step of the plan that is due."""
    at, today = timezone.now(), timezone.localdate()
    LabReport.objects.create(
        patient=rosa,
        source_id="lab-1",
        name="Vitamin D",
        status=ReportStatus.FINAL,
        outcome=ReviewOutcome.NO_ACTION,
        collected_at=at - 4 * DAY,
        reviewed_at=at - 3 * DAY,
        released_at=at - 2 * DAY,
    )
    Medication.objects.create(
        patient=rosa,
        source_id="drug-1",
        name="Warfarin 5 mg",
        status=MedicationStatus.ACTIVE,
        drug_class=DrugClass.ANTICOAGULANT,
        days_supply=30,
        last_filled_on=today - 29 * DAY,
        refills_left=3,
    )
    kind = house.slot.visit_type
    SourceCode.objects.create(
        source=get_chart().source, kind="visit-type", code="knee", visit_type=kind
    )
    CarePlanItem.objects.create(
        patient=rosa,
        source_id="plan-1",
        title=kind.name,
        status=ItemStatus.ACTIVE,
        visit_type_code="knee",
        visits_planned=1,
        visits_done=0,
        due_from_on=today - 5 * DAY,
        due_until_on=today + 20 * DAY,
    )


def _tree(house: House) -> None:
    """One question, and then the visit of which there is a time."""
    visit = {"kind": "visit", "visit_type": house.slot.visit_type.code, "modality": "in-person"}
    asked = {"kind": "question", "text": "Only a check-up?", "help": "", "fact": ""}
    answers = [{"key": "a1", "text": "Yes", "to": "o1"}, {"key": "a2", "text": "No", "to": "o2"}]
    body = {
        "start": "q1",
        "nodes": {
            "q1": asked | {"answers": answers},
            "o1": visit | {"urgency": "routine", "note": ""},
            "o2": {"kind": "hand-over", "to": "nurse", "queue": ""},
        },
    }
    at = timezone.now()
    tree = add_tree(name="Check-up", specialty="", words=["wellness"], by=TEST, at=at)
    draft = find_draft(tree.pk)
    assert draft is not None
    edit_draft(version_id=draft.pk, revision=0, edit=lambda _: read_tree(body), by=TEST, at=at)
    publish_draft(version_id=draft.pk, revision=1, reason="agreed", by=TEST, at=at)


def _booked(house: House) -> bool:
    return Appointment.objects.filter(slot=house.slot).exists()


def _is_hers(_: House) -> bool:
    """The nurse has the call, and wraps it up."""
    handed = Handoff.objects.filter(status=HandoffStatus.ACCEPTED, to=HandoffTo.NURSE)
    contact = handed.get().interaction
    facts: dict[str, Any] = {"disposition": "nurse", "note": "", "was_edited": False}
    assert contact.agent
    by, at = Actor.user(contact.agent), timezone.now()
    wrap_up(contact_id=contact.pk, by=by, at=at, **facts)
    return contact.agent.has_role(Role.NURSE)


#: What there is once a call is over, by its name in `CALLS`.
HAPPENED: Final[Mapping[str, Callable[[House], bool]]] = {
    "book the same doctor as in January": _booked,
    "move a visit to an earlier day": _booked,
    "cancel, and keep the need": lambda house: Appointment.objects.filter(
        pk=house.coming.pk, status=AppointmentStatus.CANCELLED
    ).exists(),
    "running late": lambda _: Task.objects.exists(),
    "are my results in?": lambda _: Message.objects.filter(body__contains="portal").exists(),
    "a refill that cannot wait": _is_hers,
    "the next step of the plan": _booked,
    "a new patient, registered and booked": lambda house: Appointment.objects.filter(
        slot=house.slot, patient__family_name="Bergstrom"
    ).exists(),
    "a pharmacy with a question": _is_hers,
    "a critical result": _is_hers,
}


@pytest.mark.parametrize("name", CALLS)
def test_a_standard_call_is_done_from_ring_to_wrap_up(
    name: str,
    hands: Desk,
    house: House,
) -> None:
    if name == "the next step of the plan":  # nothing of it is booked yet
        house.coming.delete()
    CALLS[name](hands)
    assert hands.hand.count.loads == 0
    assert HAPPENED[name](house)
    assert WrapUp.objects.exists()
