"""`/rules/`: who may see and change rules, what a try on last month says, what was set aside."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from crm.engine import Actor
from crm.models import AuditEntry, Task, User
from crm.states import Role, TaskKind, TaskStatus
from desk.rule_words import RULES
from scheduling.actions import SetAside, request_booking
from scheduling.models import (
    Appointment,
    ProviderRole,
    ProviderRule,
    ReleaseRule,
    RuleOverride,
    RuleSetting,
    SlotAudience,
    VisitType,
)
from scheduling.rules.effects import SETTABLE
from scheduling.states import AppointmentStatus, Restriction, RuleEffect, RuleKind
from tests.cast import Cast
from tests.factories import (
    NOW,
    AppointmentFactory,
    PatientFactory,
    ProviderRoleFactory,
    ProviderRuleFactory,
    SlotFactory,
    VisitTypeFactory,
)
from tests.waitlist.opening_desk import Desk, looks, words

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
LISTS = ("rules", "rule-effects", "rule-audiences", "rule-releases", "rule-overrides")


@pytest.fixture
def role() -> ProviderRole:
    return ProviderRoleFactory.create()


@pytest.fixture
def manager(cast: Cast) -> Desk:
    return Desk(cast.manager)


def test_each_rule_that_a_clinic_may_set_has_its_words() -> None:
    assert set(RULES) == set(SETTABLE)
    assert set(RULES.values()) >= {"Limits after missed visits", "Coverage"}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_lists_have_an_empty_state_and_a_file(name: str, htmx: bool, manager: Desk) -> None:
    page = manager.get(reverse(f"desk:{name}"), htmx=htmx)
    assert page.status_code == 200
    assert b"empty" in page.content
    assert (b"<html" in page.content) is not htmx
    file = manager.get(reverse(f"desk:{name}-export"))
    assert file.headers["Content-Type"].startswith("text/csv")


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("who", list(Role))
def test_lists_are_for_those_who_work_with_schedules(name: str, who: Role, cast: Cast) -> None:
    outside = {Role.MARKETING, Role.INTEGRATION}
    owners = {Role.FRONT_DESK, Role.MANAGER, Role.ADMIN}
    may = who in owners or (name != "rule-overrides" and who not in outside)
    page = Desk(cast.staff(who)).get(reverse(f"desk:{name}"))
    assert page.status_code == (200 if may else 403)


def test_only_managers_change_rules_and_a_refusal_changes_nothing(
    cast: Cast, role: ProviderRole
) -> None:
    rule = ProviderRuleFactory.create(role=role)
    front_desk = Desk(cast.front_desk)
    said = {"who": f"role:{role.pk}", "accepts_new": "on", "min_age": "18"}
    for path in (
        reverse("desk:rule-add"),
        reverse("desk:rule-edit", args=[rule.pk]),
        reverse("desk:rule-end", args=[rule.pk]),
        reverse("desk:rule-effect", args=[role.clinic_id, "age"]),
        reverse("desk:rule-audience-add"),
        reverse("desk:rule-release-add"),
    ):
        assert front_desk.get(path).status_code == 403
        assert front_desk.post(path, said, htmx=False).status_code == 403
    rule.refresh_from_db()
    assert (rule.is_active, rule.accepts_new, ProviderRule.objects.count()) == (True, False, 1)
    assert not AuditEntry.objects.filter(verb__startswith="scheduling.providerrule").exists()


def test_adds_a_limit_finds_it_changes_it_and_ends_it(manager: Desk, role: ProviderRole) -> None:
    kinds = VisitTypeFactory.create(name="Stress test"), VisitTypeFactory.create(name="Holter")
    said = {
        "who": f"clinic:{role.clinic_id}",
        "types": [str(kind.pk) for kind in kinds],
        "number": "4",
        "per": "day",
        "reason": "two machines",
    }
    add = reverse("desk:rule-add") + "?kind=daily-cap"
    assert manager.client.post(add, said).status_code == 302
    rule = ProviderRule.objects.get()
    assert (rule.kind, rule.clinic, rule.number) == (RuleKind.DAILY_CAP, role.clinic, 4)
    assert set(rule.type_ids) == {kind.pk for kind in kinds}
    shown = words(manager.get(reverse("desk:rules") + "?q=machines"))
    assert "At most 4 such visits a day" in shown
    assert "Holter" in shown
    assert "No rule is found" in words(manager.get(reverse("desk:rules") + "?q=nothing"))
    edit = reverse("desk:rule-edit", args=[rule.pk])
    assert manager.client.post(edit, said | {"number": "5"}).status_code == 302
    rule.refresh_from_db()
    assert rule.number == 5
    end = reverse("desk:rule-end", args=[rule.pk])
    assert "From now on it stops nobody" in words(manager.get(end))
    assert manager.post(end, {}, htmx=False).status_code == 302
    rule.refresh_from_db()
    assert not rule.is_active
    verbs = AuditEntry.objects.filter(subject_type="scheduling.providerrule").order_by("pk")
    assert [row.verb.rsplit(".", 1)[1] for row in verbs] == ["made", "changed", "ended"]
    assert manager.get(edit).status_code == 404


@pytest.mark.parametrize(
    ("kind", "said", "says"),
    [
        ("whom", {"min_age": "70", "max_age": "60"}, "The highest age cannot be below"),
        ("only", {}, "This field is required"),
        ("first", {}, "Say what must come first."),
        ("gap", {"number": "0"}, "Say how many minutes."),
        ("gap", {}, "This field is required"),
    ],
)
def test_what_makes_no_sense_is_said_and_not_kept(
    kind: str, said: dict[str, str], says: str, manager: Desk, role: ProviderRole
) -> None:
    path = reverse("desk:rule-add") + f"?kind={kind}"
    page = manager.post(path, {"who": f"role:{role.pk}"} | said, htmx=False)
    assert page.status_code == 422
    assert says in words(page)
    assert not ProviderRule.objects.exists()
    part = manager.post(path, {"who": f"role:{role.pk}", "preview": "1"} | said, htmx=True)
    assert part.status_code == 422
    assert b'id="preview"' in part.content


def past_visits(role: ProviderRole, kind: VisitType, *, day: int, count: int) -> list[Appointment]:
    """Visits of one day of last month, half an hour each, booked in their order."""
    start = NOW - day * DAY
    return [
        AppointmentFactory.create(
            patient=PatientFactory.create(given_name="Ana", family_name="Quintero"),
            role=role,
            visit_type=kind,
            starts_at=start + n * HOUR / 2,
            status=AppointmentStatus.FULFILLED,
            booked_at=start - 10 * DAY + n * HOUR,
        )
        for n in range(count)
    ]


def test_a_try_on_last_month_counts_what_the_rule_would_have_stopped(
    manager: Desk, role: ProviderRole, cast: Cast
) -> None:
    """Of five and three in two days, all but two a day; each with what the rule would have said."""
    kind = VisitTypeFactory.create(name="Stress test")
    late = past_visits(role, kind, day=3, count=5)[2:] + past_visits(role, kind, day=9, count=3)[2:]
    past_visits(role, kind, day=40, count=4)  # longer ago
    past_visits(ProviderRoleFactory.create(), kind, day=3, count=4)  # somebody else's
    said = {"who": f"role:{role.pk}", "number": "2", "per": "day", "preview": "1"}
    path = reverse("desk:rule-add") + "?kind=daily-cap"
    part = manager.post(path, said, htmx=True)
    shown = words(part)
    assert "4 of 8 visits would not have been booked" in shown
    assert shown.count("A. Q.") == 4
    assert "Quintero" not in shown
    assert "has 2 visits that day already, and takes 2" in shown
    assert not ProviderRule.objects.exists()
    assert {patient for _, patient, _ in looks()} == {visit.patient_id for visit in late}
    whole = manager.post(path, said, htmx=False)
    assert "4 of 8 visits" in words(whole)


@pytest.mark.parametrize(
    ("kind", "said", "stopped"),
    [
        ("whom", {"accepts_new": ""}, 2),  # the third had been seen before it was booked
        ("whom", {"accepts_new": "on", "min_age": "47"}, 3),
        ("not-done", {"types": "kind"}, 3),
        ("only", {"types": "other"}, 3),
        ("first", {"needs_referral": "on"}, 3),
        ("gap", {"number": "1"}, 1),
        ("pairing", {}, 1),
        ("new-limit", {"number": "1", "per": "week"}, 1),
    ],
)
def test_each_kind_of_rule_can_be_tried(
    kind: str, said: dict[str, str], stopped: int, manager: Desk, role: ProviderRole
) -> None:
    visit_type, other = VisitTypeFactory.create(), VisitTypeFactory.create()
    early = past_visits(role, visit_type, day=6, count=2)
    again = past_visits(role, visit_type, day=3, count=1)[0]
    Appointment.objects.filter(pk=early[0].pk).update(booked_at=again.booked_at - 5 * DAY)
    AppointmentFactory.create(
        patient=again.patient,
        role=role,
        visit_type=other,
        starts_at=NOW - 60 * DAY,
        status=AppointmentStatus.FULFILLED,
        booked_at=NOW - 90 * DAY,
    )
    names = {"kind": str(visit_type.pk), "other": str(other.pk)}
    said = {name: names.get(value, value) for name, value in said.items()}
    path = reverse("desk:rule-add") + f"?kind={kind}"
    page = manager.post(path, {"who": f"role:{role.pk}", "preview": "1"} | said, htmx=True)
    assert f"{stopped} of 3 visits" in words(page)


def test_a_clinic_says_what_a_rule_does_and_takes_it_back(
    manager: Desk, role: ProviderRole
) -> None:
    path = reverse("desk:rule-effect", args=[role.clinic_id, "same-day"])
    nobody = manager.post(path, {"effect": "override"}, htmx=False)
    assert nobody.status_code == 422
    assert "Say who may go past it." in words(nobody)
    assert not RuleSetting.objects.exists()
    manager.client.post(path, {"effect": "override", "roles": ["agent", "nurse"]})
    setting = RuleSetting.objects.get()
    assert (setting.rule, setting.effect) == ("same-day", RuleEffect.OVERRIDE)
    shown = words(manager.get(reverse("desk:rule-effects") + f"?clinic={role.clinic_id}"))
    assert "Agents and nurses may go past it, with a reason" in shown
    manager.post(path, {"effect": ""}, htmx=False)
    assert not RuleSetting.objects.exists()
    assert AuditEntry.objects.filter(verb="scheduling.rule.effect-set").count() == 2
    physical = reverse("desk:rule-effect", args=[role.clinic_id, "no-seat"])
    assert manager.get(physical).status_code == 404


def test_an_audience_ends_only_when_no_slot_is_kept_for_it(
    manager: Desk, role: ProviderRole
) -> None:
    said = {"clinic": role.clinic_id, "name": "Seniors", "audience": "any", "min_age": "65"}
    manager.client.post(reverse("desk:rule-audience-add"), said | {"payers": "Medicare, Aetna"})
    audience = SlotAudience.objects.get()
    assert audience.payers == ["Medicare", "Aetna"]
    shown = words(manager.get(reverse("desk:rule-audiences")))
    assert "ages 65 and over; Medicare or Aetna" in shown
    slot = SlotFactory.create(role=role, audience=audience)
    end = reverse("desk:audience-end", args=[audience.pk])
    kept = manager.post(end, {}, htmx=False)
    assert kept.status_code == 409
    assert "1 slot to come is still kept for it" in words(kept)
    slot.delete()
    assert manager.post(end, {}, htmx=False).status_code == 302
    audience.refresh_from_db()
    assert not audience.is_active


def test_a_release_rule_moves_the_slots_that_wait_for_it(manager: Desk, role: ProviderRole) -> None:
    add = reverse("desk:rule-release-add")
    said = {"clinic": role.clinic_id, "name": "On the day", "days_before": "0", "at_time": "07:00"}
    both = manager.client.post(add, said | {"hours_before": "2"})
    assert both.status_code == 422
    manager.client.post(add, said)
    rule = ReleaseRule.objects.get()
    assert "At 7:00 AM on the day" in words(manager.get(reverse("desk:rule-releases")))
    kept = {"role": role, "release_rule": rule, "restriction": Restriction.SAME_DAY}
    slot = SlotFactory.create(**kept, release_at=NOW, due_at=NOW)
    released = SlotFactory.create(**(kept | {"restriction": Restriction.NONE}))
    page = manager.client.post(
        reverse("desk:rule-release", args=[rule.pk]),
        {"clinic": role.clinic_id, "name": "Three days", "hours_before": "72"},
        follow=True,
    )
    assert "1 slot opens at another time now." in page.content.decode()
    slot.refresh_from_db()
    released.refresh_from_db()
    assert slot.release_at == slot.due_at == slot.starts_at - 72 * HOUR
    assert released.release_at is None
    manager.post(reverse("desk:release-end", args=[rule.pk]), {}, htmx=False)
    slot.refresh_from_db()
    assert (slot.release_at, slot.due_at, slot.release_rule) == (None, None, None)


def set_aside(by: User, **about: Any) -> Appointment:
    slot = SlotFactory.create(restriction=Restriction.HELD_FOR_REVIEW, **about)
    return request_booking(
        slot_id=slot.pk,
        patient=PatientFactory.create(given_name="Ana", family_name="Quintero"),
        set_aside=SetAside(frozenset({"held-for-review"}), "Dr. Okafor asked for her"),
        by=Actor.user(by),
        at=NOW,
    )


def test_what_was_set_aside_is_told_to_the_clinic(manager: Desk, role: ProviderRole) -> None:
    by = User.objects.get(username="fiona")
    set_aside(by, role=role)
    Task.objects.filter(kind=TaskKind.RULES_SET_ASIDE).update(status=TaskStatus.DONE, closed_at=NOW)
    visit = set_aside(by, role=role, starts_at=NOW + 4 * DAY)
    task = Task.objects.get(kind=TaskKind.RULES_SET_ASIDE)  # one for the day
    assert task.status == TaskStatus.OPEN  # opened again by the second
    shown = words(manager.get(reverse("desk:rule-overrides")))
    assert "Held for review The clinic reviews who gets it." in shown
    assert "Dr. Okafor asked for her" in shown
    assert "Fiona Cast" in shown
    assert "Quintero" not in shown
    assert visit.patient_id in {patient for _, patient, _ in looks()}
    file = manager.get(reverse("desk:rule-overrides-export")).content.decode()
    assert file.count("Held for review") == RuleOverride.objects.count() == 2
    assert "None is found by that" in words(
        manager.get(reverse("desk:rule-overrides") + "?q=nobody")
    )
    assert AuditEntry.objects.filter(verb="scheduling.rules.set-aside").count() == 2
