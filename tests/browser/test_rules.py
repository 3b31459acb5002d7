"""A manager tries a rule on last month and keeps it, by keys; the pages of rules are axe-clean."""

from __future__ import annotations

import datetime as dt
from typing import Any

from playwright.sync_api import Page, expect

from crm import clock
from crm.engine import Actor
from scheduling.actions import SetAside, request_booking
from scheduling.models import ProviderRule, ReleaseRule, SlotAudience
from scheduling.states import AppointmentStatus, Restriction, RuleKind
from tests.browser.conftest import CheckPage, SignIn
from tests.cast import Cast
from tests.factories import (
    AppointmentFactory,
    PatientFactory,
    ProviderRoleFactory,
    ProviderRuleFactory,
    SlotFactory,
    VisitTypeFactory,
)

HALF_HOUR = dt.timedelta(minutes=30)


def test_a_rule_is_tried_on_last_month_and_kept(
    page: Page, sign_in: SignIn, cast: Cast, live_server: Any, check_page: CheckPage
) -> None:
    role, kind = ProviderRoleFactory.create(), VisitTypeFactory.create(name="Stress test")
    start = clock.now().replace(hour=16) - dt.timedelta(days=5)  # all on one day at the site
    for n in range(4):
        AppointmentFactory.create(
            patient=PatientFactory.create(),
            role=role,
            visit_type=kind,
            starts_at=start + n * HALF_HOUR,
            status=AppointmentStatus.FULFILLED,
            booked_at=start - dt.timedelta(days=9 - n),
        )
    sign_in(cast.manager)
    page.goto(f"{live_server.url}/rules/")
    page.get_by_role("link", name="Add a rule").click()
    page.get_by_role("link", name="Visits at most").click()
    page.get_by_label("For whom").select_option(f"role:{role.pk}")
    page.get_by_label("Such visits, at most").fill("3")
    page.get_by_label("Why, for staff").fill("one machine")
    page.get_by_role("button", name="Try it on last month").press("Enter")
    expect(page.locator("#preview")).to_contain_text("1of 4 visits would not have been booked")
    check_page(page)
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#found")).to_contain_text("At most 3 such visits a day")
    assert ProviderRule.objects.get().kind == RuleKind.DAILY_CAP
    check_page(page)


def test_the_lists_read_well_at_both_sizes(
    page: Page, sign_in: SignIn, cast: Cast, live_server: Any, check_page: CheckPage
) -> None:
    role = ProviderRoleFactory.create()
    ProviderRuleFactory.create(role=role, accepts_new=True, min_age=18, reason="no pediatrics")
    SlotAudience.objects.create(clinic=role.clinic, name="Seniors", min_age=65, payers=["Medicare"])
    ReleaseRule.objects.create(clinic=role.clinic, name="Three days before", hours_before=72)
    tomorrow = clock.now() + dt.timedelta(days=2)
    slot = SlotFactory.create(
        role=role, restriction=Restriction.HELD_FOR_REVIEW, starts_at=tomorrow
    )
    request_booking(
        slot_id=slot.pk,
        patient=PatientFactory.create(),
        set_aside=SetAside(frozenset({"held-for-review"}), "The clinic agreed by phone"),
        by=Actor.user(cast.front_desk),
        at=clock.now(),
    )
    sign_in(cast.manager)
    for path in ("effects/", "audiences/", "releases/", "overrides/", "releases/add/"):
        page.goto(f"{live_server.url}/rules/{path}")
        check_page(page)
    page.goto(f"{live_server.url}/rules/effects/{role.clinic_id}/same-day/")
    page.get_by_label("Some may go past it, with a reason").check()
    page.get_by_label("Agents").check()
    check_page(page)
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#found")).to_contain_text("Agents may go past it, with a reason")
