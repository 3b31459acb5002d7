"""The opening page in a browser: by mouse and by keyboard, live, on a phone, and without script."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect

from crm.live.channel import Notice
from crm.models import AuditEntry
from tests.browser.conftest import PHONE, CheckPage, SignIn
from tests.browser.test_base import forgive
from tests.cast import Cast
from tests.crm.live_server import Bus, Server
from tests.fakes.sms import carrier
from tests.waitlist.conftest import scene
from tests.waitlist.opening_desk import first_offer
from tests.waitlist.scene import Scene
from waitlist.models import Offer, Opening
from waitlist.states import OfferStatus, OpeningStatus

__all__ = ["carrier", "scene"]
_ids = count(1)


@pytest.fixture
def opening(scene: Scene, sign_in: SignIn, cast: Cast) -> Iterator[Opening]:
    """Offered to three, not to Dora; the front desk is signed in, at the time of the scene."""
    sign_in(cast.front_desk)
    for name in ("Ana", "Beatriz", "Carla"):
        scene.add_candidate(given_name=name, family_name="Quintero")
    scene.add_candidate(given_name="Dora", family_name="Pinto", wants_earlier_offers=False)
    made = scene.free()
    with time_machine.travel(scene.at, tick=True):
        yield made


@pytest.fixture
def desk(page: Page, opening: Opening, scene: Scene, live_server: Any, errors: list[str]) -> Page:
    """The list, with nothing chosen."""
    page.clock.set_system_time(scene.at)
    page.goto(f"{live_server.url}/openings/")
    return page


@pytest.fixture
def chosen(desk: Page, opening: Opening) -> Page:
    """The opening, chosen from the list. `stays` fails when the page is loaded anew after that."""
    desk.locator(f"#line-{opening.pk}").click()
    expect(desk.locator("#opening-title")).to_be_visible()
    settled(desk)
    desk.evaluate("window.sameDocument = true")
    return desk


def settled(page: Page) -> None:
    """What htmx has put in listens only some milliseconds later; until then a form is a form."""
    busy = page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")
    expect(busy).to_have_count(0)


def stays(page: Page) -> None:
    assert page.evaluate("window.sameDocument") is True


def state(page: Page, words: str) -> None:
    expect(page.locator(".work-state .chip")).to_have_text(words)
    settled(page)


def tell(bus: Bus, opening: Opening) -> None:
    """What the dispatcher does when something has happened to the opening."""
    bus.publish(Notice(next(_ids), "waitlist.wave-sent", "waitlist.opening", opening.pk))


# --- looking ---------------------------------------------------------------------------


def test_the_list_and_an_opening_are_clean(
    desk: Page, opening: Opening, check_page: CheckPage
) -> None:
    check_page(desk)
    desk.locator(f"#line-{opening.pk}").click()
    desk.locator(".candidate summary").first.click()
    expect(desk.locator(".sms").first).to_be_visible()
    check_page(desk)


def test_an_empty_list_is_clean(
    page: Page, live_server: Any, as_agent: None, check_page: CheckPage
) -> None:
    page.goto(f"{live_server.url}/openings/")
    expect(page.get_by_text("No time is open now")).to_be_visible()
    check_page(page)


def test_dialogs_are_clean(chosen: Page, check_page: CheckPage) -> None:
    for button in ("#withdraw", "#book-first", "#rule-1"):
        chosen.locator(button).click()
        expect(chosen.get_by_role("dialog")).to_be_visible()
        check_page(chosen)
        chosen.keyboard.press("Escape")
        expect(chosen.get_by_role("dialog")).to_be_hidden()


def test_choosing_keeps_the_list_and_gives_the_opening_an_address(
    chosen: Page, opening: Opening
) -> None:
    stays(chosen)
    assert f"/openings/{opening.pk}/" in chosen.url
    expect(chosen.locator(f"#line-{opening.pk}")).to_have_attribute("aria-current", "true")
    chosen.reload()
    expect(chosen.locator("#opening-title")).to_contain_text("Sat Nov 21, 9:00 AM")
    chosen.go_back()
    expect(chosen.get_by_text("Choose an opening")).to_be_visible()


def test_the_keyboard_walks_the_list_and_opens(desk: Page, opening: Opening) -> None:
    desk.keyboard.press("j")
    expect(desk.locator(f"#line-{opening.pk}")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator("#opening-title")).to_be_visible()
    expect(desk.locator(f"#line-{opening.pk}")).to_be_focused()


def test_filters_change_the_list_beside_the_opening(chosen: Page, opening: Opening) -> None:
    chosen.locator("#state-filled").click()
    expect(chosen.locator(f"#line-{opening.pk}")).to_have_count(0)
    expect(chosen.locator("#state-filled")).to_have_attribute("aria-current", "true")
    expect(chosen.locator("#opening-title")).to_be_visible()
    assert f"/openings/{opening.pk}/?state=filled" in chosen.url
    stays(chosen)


def test_explains_why_somebody_is_not_offered_it(chosen: Page) -> None:
    chosen.keyboard.press("/")
    chosen.keyboard.type("pinto")
    chosen.keyboard.press("Enter")
    expect(chosen.locator("#why-not")).to_contain_text("Does not want offers of earlier times")
    stays(chosen)


# --- acting ----------------------------------------------------------------------------


def test_pauses_and_resumes_by_key(chosen: Page) -> None:
    chosen.keyboard.press("p")
    state(chosen, "Paused")
    expect(chosen.get_by_text("Paused. A yes to a text that is out counts.")).to_be_visible()
    chosen.keyboard.press("p")
    state(chosen, "Offering")
    stays(chosen)


def test_withdraws_with_a_reason(chosen: Page, opening: Opening, errors: list[str]) -> None:
    chosen.keyboard.press("w")
    dialog = chosen.get_by_role("dialog")
    dialog.get_by_role("button", name="Withdraw it").click()
    expect(dialog).to_contain_text("Choose a reason.")
    dialog.get_by_label("The clinician is out").check()
    dialog.get_by_role("button", name="Withdraw it").click()
    expect(dialog).to_be_hidden()
    state(chosen, "Withdrawn")
    expect(chosen.locator(".bar")).to_have_count(0)
    stays(chosen)
    forgive(errors, 422)


def test_books_the_first_in_two_keys_and_follows_it_to_the_end(
    live: Server, desk: Page, opening: Opening, scene: Scene, bus: Bus
) -> None:
    desk.locator(f"#line-{opening.pk}").click()
    expect(desk.locator("#opening-title")).to_be_visible()
    expect(desk.locator("#live")).to_have_attribute("data-state", "open", timeout=15_000)
    winner = first_offer(opening).patient
    desk.keyboard.press("b")
    expect(desk.get_by_role("dialog")).to_contain_text(f"Book {winner}")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("dialog")).to_be_hidden()
    state(desk, "Confirming")
    scene.settle(minutes=2)
    tell(bus, opening)
    state(desk, "Filled")
    expect(desk.locator(".opening-says")).to_contain_text(f"{winner} has it, and was told.")


def test_a_conflict_is_told_in_the_dialog(
    chosen: Page, opening: Opening, scene: Scene, errors: list[str]
) -> None:
    offer = first_offer(opening)
    Offer.objects.filter(pk=offer.pk).delete()
    chosen.keyboard.press("b")
    dialog = chosen.get_by_role("dialog")
    dialog.get_by_role("button", name="Book Sat Nov 21").wait_for()
    scene.cancel_in_ehr(scene.later_visit(offer.patient))
    dialog.get_by_role("button", name="Book Sat Nov 21").click()
    expect(dialog.get_by_role("alert")).to_contain_text("It has just changed.")
    opening.refresh_from_db()
    assert opening.status == OpeningStatus.OFFERING
    forgive(errors, 409)


def test_a_link_that_closes_the_dialog_goes_nowhere(chosen: Page) -> None:
    chosen.keyboard.press("w")
    chosen.get_by_role("link", name="Keep it open").click()
    expect(chosen.get_by_role("dialog")).to_be_hidden()
    stays(chosen)


# --- by itself -------------------------------------------------------------------------


@pytest.fixture
def live_desk(live: Server, chosen: Page) -> Page:
    """The chosen opening, hearing of what happens."""
    chosen.reload()
    chosen.evaluate("window.sameDocument = true")
    expect(chosen.locator("#live")).to_have_attribute("data-state", "open", timeout=15_000)
    return chosen


#: A row glows until the next refresh, which may come before we look.
NOTE_WHAT_GLOWS = """() => {
  window.glowed = [];
  const note = () => document.querySelectorAll(".candidate.changed")
    .forEach((row) => window.glowed.push(row.id));
  const what = { subtree: true, childList: true, attributes: true };
  new MutationObserver(note).observe(document.body, what);
}"""


def test_follows_what_happens_and_keeps_what_was_unfolded_and_typed(
    live_desk: Page, opening: Opening, scene: Scene, bus: Bus
) -> None:
    offer = first_offer(opening)
    row = live_desk.locator(f"#candidate-{offer.candidate_id}")
    row.locator("summary").click()
    live_desk.locator("#why-not-q").fill("half a na")
    live_desk.evaluate(NOTE_WHAT_GLOWS)
    looks = AuditEntry.objects.filter(verb="crm.patient.viewed").count()
    scene.reply(offer.patient, "no gracias")
    tell(bus, opening)
    expect(row).to_contain_text("Said no")
    assert f"candidate-{offer.candidate_id}" in live_desk.evaluate("window.glowed")
    expect(row.locator(".sms.theirs")).to_be_visible()
    expect(live_desk.locator("#why-not-q")).to_have_value("half a na")
    expect(live_desk.locator("#opening-side")).to_contain_text(f"{offer.patient} said no by text")
    assert AuditEntry.objects.filter(verb="crm.patient.viewed").count() == looks
    stays(live_desk)


def test_leaves_the_page_alone_while_nothing_has_changed(
    live_desk: Page, opening: Opening, bus: Bus
) -> None:
    live_desk.evaluate("window.was = document.getElementById('work-center')")
    with live_desk.expect_response(lambda answer: "/live/" in answer.url) as answered:
        tell(bus, opening)
    assert answered.value.status == 204
    assert live_desk.evaluate("window.was === document.getElementById('work-center')")


def test_a_burst_of_events_is_one_look_and_the_last_is_seen(
    live_desk: Page, opening: Opening, bus: Bus
) -> None:
    asked: list[str] = []
    live_desk.on("request", lambda r: asked.append(r.url) if "/live/" in r.url else None)
    for _ in range(20):
        tell(bus, opening)
    Offer.objects.filter(opening=opening).update(status=OfferStatus.DECLINED)
    tell(bus, opening)
    expect(live_desk.locator(".candidate .chip").first).to_have_text("Said no")
    assert len(asked) <= 4


def test_keeps_its_place_while_it_refreshes(live_desk: Page, opening: Opening, bus: Bus) -> None:
    live_desk.set_viewport_size({"width": 1280, "height": 420})
    center = live_desk.locator(".work-center")
    center.evaluate("element => element.scrollTo(0, 160)")
    Offer.objects.filter(opening=opening).update(status=OfferStatus.DECLINED)
    tell(bus, opening)
    expect(live_desk.locator(".candidate .chip").first).to_have_text("Said no")
    assert center.evaluate("element => element.scrollTop") == 160


# --- elsewhere -------------------------------------------------------------------------


def test_on_a_phone_it_is_the_list_then_the_opening(desk: Page, opening: Opening) -> None:
    desk.set_viewport_size(PHONE)  # type: ignore[arg-type]
    desk.locator(f"#line-{opening.pk}").click()
    expect(desk.locator("#opening-title")).to_be_visible()
    expect(desk.locator("#work-list")).to_be_hidden()
    desk.get_by_role("link", name="Openings").last.click()
    expect(desk.locator(f"#line-{opening.pk}")).to_be_visible()
    expect(desk.locator("#opening-title")).to_have_count(0)


def test_an_agent_sees_it_all_and_can_press_nothing(
    desk: Page, opening: Opening, sign_in: SignIn, cast: Cast
) -> None:
    sign_in(cast.agent)
    desk.goto(f"{desk.url}{opening.pk}/")
    expect(desk.locator(".candidate")).to_have_count(3)
    for key in ("p", "w", "b"):
        desk.keyboard.press(key)
    expect(desk.get_by_role("dialog")).to_be_hidden()
    state(desk, "Offering")


def test_everything_works_without_script(
    browser: Browser, desk: Page, opening: Opening, live_server: Any, scene: Scene
) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(desk.context.cookies())  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{live_server.url}/openings/")
    page.locator(f"#line-{opening.pk}").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused. A yes to a text that is out counts.")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    state(page, "Offering")
    page.locator("#rule-1").click()
    expect(page.get_by_text("Dora Pinto")).to_be_visible()
    page.get_by_role("link", name="Back to the opening").click()
    page.locator("#withdraw").click()
    page.get_by_role("link", name="Keep it open").click()
    winner = first_offer(opening).patient
    page.locator("#book-first").click()
    page.get_by_role("button", name="Book Sat Nov 21").click()
    expect(page.get_by_text(f"Requested for {winner}")).to_be_visible()
    scene.settle(minutes=2)
    page.reload()
    state(page, "Filled")
    context.close()
