"""The pages of plans: found, held, booked, mended; who may; and the form of a definition."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.states import Role
from desk.plan_forms import STEPS, read_choice, write_choice
from scheduling.actions import cancel_appointment, request_booking
from scheduling.actions.plans import follow_plan
from scheduling.models import Appointment, Hold, Plan, PlanDefinition, PlanStep
from scheduling.queries.plans import visits_of
from scheduling.states import HoldStatus, PlanStatus
from tests.factories import NOW, PatientFactory, UserFactory
from tests.scheduling.plan_world import BY, PlanWorld, a_plan_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> PlanWorld:
    return a_plan_world()


def signed_in(role: Role = Role.AGENT) -> Client:
    client = Client()
    client.force_login(UserFactory.create(roles=[role]))
    return client


def address(world: PlanWorld, name: str = "desk:plans") -> str:
    return f"{reverse(name)}?definition={world.definition.pk}&patient={world.patient.pk}"


def test_finds_holds_and_books_in_three_presses(world: PlanWorld) -> None:
    slots, client = world.fill(), signed_in()
    page = client.get(address(world))
    (way,) = page.context["ways"]
    assert read_choice(way.choice) == world.choice(*slots)
    held = client.post(address(world, "desk:plan-hold"), {"choice": way.choice})
    assert held.status_code == 302
    panel = client.get(held["Location"]).context["held"]
    assert Hold.objects.filter(status=HoldStatus.HELD).count() == 3
    said = {"choice": panel["choice"], "holds": panel["holds"]}
    booked = client.post(address(world, "desk:plan-book"), said)
    plan = Plan.objects.get()
    assert booked["Location"] == reverse("desk:plan", args=[plan.pk])
    assert client.get(booked["Location"]).status_code == 200
    assert Appointment.objects.count() == 3


def test_says_what_is_lacking_and_which_rule_hides_it(world: PlanWorld) -> None:
    consult, procedure, _ = world.fill()
    type(procedure).objects.filter(pk=procedure.pk).update(restriction="held-for-review")
    page = signed_in().get(address(world))
    assert "Procedure: there is no open time 14 to 21 days later" in page.content.decode()
    assert "The clinic reviews who gets it" in page.content.decode()
    assert consult.pk


def test_gives_back_only_what_is_ones_own(world: PlanWorld) -> None:
    slots, client = world.fill(), signed_in()
    choice = write_choice(world.choice(*slots))
    client.post(address(world, "desk:plan-hold"), {"choice": choice})
    held = {"holds": ".".join(str(pk) for pk in Hold.objects.values_list("pk", flat=True))}
    assert signed_in().post(reverse("desk:plan-release"), held).status_code == 302
    assert Hold.objects.filter(status=HoldStatus.HELD).count() == 3
    client.post(reverse("desk:plan-release"), held)
    assert not Hold.objects.filter(status=HoldStatus.HELD).exists()


@pytest.mark.parametrize("htmx", [False, True])
def test_answers_409_and_books_nothing_when_one_was_taken(world: PlanWorld, htmx: bool) -> None:
    slots = world.fill()
    request_booking(slot_id=slots[2].pk, patient=PatientFactory.create(), by=BY, at=NOW)
    headers = {"HX-Request": "true"} if htmx else {}
    for name in ("desk:plan-hold", "desk:plan-book"):
        said = {"choice": write_choice(world.choice(*slots)), "holds": ""}
        answer = signed_in().post(address(world, name), said, headers=headers)
        assert answer.status_code == 409
    assert Appointment.objects.count() == 1
    assert not Hold.objects.exists()


def a_broken_plan(world: PlanWorld) -> Plan:
    plan = world.book(world.choice(*world.fill()))
    check = visits_of(plan.pk)[2].appointment
    cancel_appointment(appointment_id=check.pk, by=BY, at=NOW)
    follow_plan(appointment_id=check.pk, by=BY, at=NOW)
    return plan


def test_turns_to_earlier_plans_by_the_last_one_of_the_page(
    world: PlanWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.plan_views.SHOWN", 2)
    first, *rest = (
        Plan.objects.create(
            definition=world.definition, patient=world.patient, created_at=NOW, created_by="test"
        )
        for _ in range(3)
    )
    client = signed_in()
    page = client.get(reverse("desk:plans"))
    assert [row.pk for row, _, _ in page.context["rows"]] == [rest[1].pk, rest[0].pk]
    assert "Newest" not in page.text
    later = client.get(f"{reverse('desk:plans')}?{page.context['next_query']}")
    assert [row.pk for row, _, _ in later.context["rows"]] == [first.pk]
    assert (later.context["next_query"], "Newest" in later.text) == ("", True)
    everything = client.get(reverse("desk:plans"), {"after": "soon"})
    assert len(everything.context["rows"]) == 2


def test_mends_what_is_off(world: PlanWorld) -> None:
    plan, client = a_broken_plan(world), signed_in()
    other = world.slot(world.check, 26)
    page = client.get(reverse("desk:plan-mend", args=[plan.pk, 3]))
    assert str(other.pk) in [choice for _, choice in page.context["ways"]]
    answer = client.post(reverse("desk:plan-mend", args=[plan.pk, 3]), {"choice": str(other.pk)})
    assert answer.status_code == 302
    plan.refresh_from_db()
    assert plan.status == PlanStatus.REQUESTED


def test_asks_for_a_reason_and_gives_all_up(world: PlanWorld) -> None:
    plan, client = a_broken_plan(world), signed_in()
    assert client.post(reverse("desk:plan-leave", args=[plan.pk]), {}).status_code == 422
    said = {"code": "cannot-come"}
    assert client.post(reverse("desk:plan-call-off", args=[plan.pk]), said).status_code == 302
    plan.refresh_from_db()
    assert plan.status == PlanStatus.CALLED_OFF


@pytest.mark.parametrize("name", ["desk:plan-hold", "desk:plan-book", "desk:plan-leave"])
def test_marketing_may_not_and_nothing_changes(world: PlanWorld, name: str) -> None:
    plan = a_broken_plan(world)
    before = list(Appointment.objects.values_list("pk", "status"))
    args = [plan.pk] if name == "desk:plan-leave" else []
    client = signed_in(Role.MARKETING)
    said = {"choice": "1", "reason": "x"}
    assert client.post(reverse(name, args=args), said).status_code == 403
    assert client.get(reverse("desk:plans")).status_code == 403
    assert signed_in().get(reverse(name, args=args)).status_code == 405
    plan.refresh_from_db()
    assert plan.status == PlanStatus.BROKEN
    assert list(Appointment.objects.values_list("pk", "status")) == before


def form_of(world: PlanWorld, **changes: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": "Two visits",
        "note": "",
        "is_active": "on",
        "steps-TOTAL_FORMS": STEPS,
        "steps-INITIAL_FORMS": STEPS,
    }
    for nr in range(STEPS):
        kind = [world.consult.pk, world.procedure.pk][nr] if nr < 2 else ""
        said |= {
            f"steps-{nr}-visit_type": kind,
            f"steps-{nr}-least_days": 7 * nr,
            f"steps-{nr}-most_days": 7 * nr,
            f"steps-{nr}-times": 1,
        }
    said["steps-1-need_1"] = "room:MRI scanner"
    return said | changes


def test_a_manager_keeps_a_definition(world: PlanWorld) -> None:
    url = reverse("desk:plan-definition-add")
    assert signed_in(Role.AGENT).post(url, form_of(world)).status_code == 403
    client = signed_in(Role.MANAGER)
    wrong = client.post(url, form_of(world, **{"steps-1-most_days": 3}))
    assert wrong.status_code == 422
    assert client.post(url, form_of(world, name=world.definition.name)).status_code == 422
    assert PlanDefinition.objects.count() == 1
    assert client.post(url, form_of(world)).status_code == 302
    made = PlanDefinition.objects.get(name="Two visits")
    steps = PlanStep.objects.filter(plan=made)
    assert [(one.least_days, one.needs.count()) for one in steps] == [(0, 0), (7, 1)]
    page = reverse("desk:plan-definition", args=[made.pk])
    assert client.post(page, form_of(world, name="Renamed")).status_code == 302
    made.refresh_from_db()
    assert made.name == "Renamed"


def test_shows_seats_left_of_a_group_visit(world: PlanWorld) -> None:
    consult, procedure, check = world.fill()
    type(check).objects.filter(pk=check.pk).update(capacity=8)
    check.visit_type.is_group = True
    check.visit_type.save()
    request_booking(slot_id=check.pk, patient=PatientFactory.create(), by=BY, at=NOW)
    assert "7 of 8 seats free" in signed_in().get(address(world)).content.decode()
    assert consult.pk < procedure.pk
