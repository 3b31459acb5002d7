"""A manager edits a tree in its drawing and an agent walks it by keys; the pages are axe-clean."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from scheduling.actions.trees import add_tree, edit_draft
from scheduling.models import DecisionTree, TreeRun
from scheduling.queries.trees import find_draft
from scheduling.rules.trees import read_tree
from tests.browser.conftest import CheckPage, SignIn
from tests.cast import Cast
from tests.factories import NOW, TEST, VisitTypeFactory
from tests.scheduling.trees import KNEE


def knee() -> DecisionTree:
    """The knee, in its first draft."""
    for code, name in (("BONES-NEW", "New orthopedics"), ("BONES-FU", "Orthopedics follow-up")):
        VisitTypeFactory.create(code=code, name=name, specialty="Orthopedics")
    tree = add_tree(name="Knee pain", specialty="Orthopedics", words=["knee"], by=TEST, at=NOW)
    draft = find_draft(tree.pk)
    assert draft is not None
    edit_draft(version_id=draft.pk, revision=0, edit=lambda _: read_tree(KNEE), by=TEST, at=NOW)
    return tree


def test_a_tree_is_drawn_edited_published_and_walked(
    page: Page, sign_in: SignIn, cast: Cast, live_server: Any, check_page: CheckPage
) -> None:
    tree = knee()
    sign_in(cast.manager)
    page.goto(f"{live_server.url}/trees/{tree.pk}/draft/")
    page.get_by_label("Edit Q2").press("Enter")
    page.get_by_label("Answer 3", exact=True).fill("Not sure")
    page.locator("#id_answers-2-to").select_option("new-nurse")
    check_page(page)
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator("#node-o4")).to_contain_text("Hand over to a nurse now")
    page.get_by_label("What changed, and who agreed").fill("Not sure goes to the nurse")
    page.get_by_role("button", name="Publish version 1").click()
    expect(page.locator(".toasts")).to_contain_text("Version 1 is published.")
    check_page(page)

    page.goto(f"{live_server.url}/trees/walk/")
    page.get_by_label("Why do they call?").fill("my kene hurts")
    page.keyboard.press("Enter")
    page.get_by_text("found by knee").wait_for()
    page.get_by_role("button", name="Start Knee pain").click()
    page.locator("legend", has_text="How old is the patient?").wait_for()
    page.keyboard.press("2")
    page.locator("legend", has_text="Did it begin with an injury?").wait_for()
    check_page(page)
    page.keyboard.press("1")
    expect(page.locator("#run")).to_contain_text("New orthopedics")
    assert TreeRun.objects.get().at_node == "o2"


def test_the_catalog_and_the_turns_are_clean(
    page: Page, sign_in: SignIn, cast: Cast, live_server: Any, check_page: CheckPage
) -> None:
    kind = VisitTypeFactory.create()
    sign_in(cast.manager)
    page.goto(f"{live_server.url}/visit-types/{kind.pk}/")
    page.get_by_text("Add a look-alike").click()
    check_page(page)
    page.goto(f"{live_server.url}/new-patients/")
    check_page(page)
