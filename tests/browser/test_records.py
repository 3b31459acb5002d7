"""Records staff compare two records, merge them, and take it back, by keys and without reload."""

from __future__ import annotations

import datetime as dt
from typing import Any

from playwright.sync_api import Page, expect

from crm import clock
from crm.actions.duplicates import flag_duplicate
from crm.models import Patient
from tests.browser.conftest import PHONE, CheckPage, SignIn
from tests.cast import Cast
from tests.factories import TEST, AppointmentFactory, PatientFactory, PatientIdentifierFactory


def test_a_pair_is_merged_and_taken_apart_again(
    page: Page, sign_in: SignIn, cast: Cast, live_server: Any, check_page: CheckPage
) -> None:
    first = cast.patient
    second = PatientFactory.create(
        given_name="Rosie", family_name="Delgado", birth_on=dt.date(1980, 3, 15)
    )
    PatientIdentifierFactory.create(patient=first, value="S0011469")
    AppointmentFactory.create(patient=second)
    flag_duplicate(one=first, other=second, why="Same voice", by=TEST, at=clock.now())
    sign_in(cast.front_desk)
    page.goto(f"{live_server.url}/records/")
    check_page(page)
    page.get_by_role("link", name="Rosa Delgado").press("Enter")
    check_page(page)
    page.get_by_label(f"Rosie Delgado, no. {second.pk}").check()
    page.get_by_role("button", name="Same person: merge").press("Enter")
    expect(page.get_by_role("button", name="Undo the merge")).to_be_visible()
    assert Patient.objects.get(pk=first.pk).merged_into_id == second.pk
    page.get_by_role("button", name="Let the other record stand").press("Enter")
    expect(page.get_by_role("columnheader", name="Stands: Rosa Delgado")).to_be_visible()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    check_page(page)
    page.get_by_role("button", name="Undo the merge").press("Enter")
    expect(page.get_by_text("Taken apart")).to_be_visible()
    assert not Patient.objects.exclude(merged_into=None).exists()
