"""The ten calls of docs/standard-calls.md, as an agent who knows the desk does them by hand.

Each begins when the call rings and ends when it is wrapped up, or when a nurse has it: she wraps it
up. What the screen can't do ends the call where it stands, with what was missing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from playwright.sync_api import Locator

from bench.desk_callers import Caller, Callers
from bench.desk_hand import CannotBeDone, Hand

DAY: Final = dt.timedelta(days=1)
#: Of nobody on record.
STRANGER: Final = "+14155550123"


class Telephone(Protocol):
    """Rings the desk, and has the agent answer."""

    def ring(self, number: str) -> None: ...


class Nurse(Protocol):
    """Takes what she is asked to take, on a screen of her own."""

    def accept(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """An agent at the screen, the telephone beside it, a nurse, and those who call."""

    hand: Hand
    telephone: Telephone
    nurse: Nurse
    callers: Callers

    def find(self, selector: str, *, has: str = "") -> Locator:
        found = self.hand.page.locator(selector)
        return found.filter(has_text=has) if has else found

    def answer(self, number: str) -> None:
        self.hand.begin()
        self.hand.pick_up(lambda: self.telephone.ring(number), self.find("#talk .desk-who"))

    def know(self, caller: Caller) -> None:
        """Choose them by a key, then type what they say of themselves."""
        self.answer(caller.number)
        self.hand.press("1", self.find(".desk-verify"), else_="their number names nobody to choose")
        self.hand.type(caller.said)
        self.hand.enter(
            self.find(".desk-strip .chip.good"), else_="a birth date and a ZIP code do not verify"
        )

    def reason(self, words: str, kind: str) -> None:
        self.hand.type(words)
        read = self.find(".desk-reason .mut", has=kind)
        self.hand.enter(read, else_=f"“{words}” is not read as {kind.lower()}")

    def hold_and_book(self) -> None:
        self.hand.press("b", self.find("#do-next:not([disabled])[type=submit]"), else_="no hold")
        self.hand.enter(self.find(".desk-foot", has="Asked the EHR"), else_="it was not booked")

    def ask_the_questions(self, *keys: str) -> None:
        """The decision tree that the words lead to, up to the times."""
        question = self.find("dialog .ask legend")
        self.hand.enter(question, else_="no decision tree is proposed")
        for key in keys:
            ended = self.find("dialog .ended")
            if ended.count():
                break
            self.hand.page.evaluate("document.getElementById('run').dataset.old = 'yes'")
            self.hand.press(key, self.find("#run:not([data-old])"), else_=f"no answer {key}")
        times = self.find("#times .desk-hold")
        self.hand.enter(times, else_="the questions end at no visit with times")

    def choose(self, option: str) -> None:
        """An option of the script's question; the first one has the focus."""
        pill = self.find(f".desk-script .pills button:text-is('{option}')")
        if pill.and_(self.find("button:focus")).count():
            self.hand.enter(self.changed(), else_=f"“{option}” was not kept")
        else:
            self.hand.click(pill, self.changed(), else_=f"the script does not offer “{option}”")

    def write(self, words: str) -> None:
        """Into the script's question."""
        self.hand.type(words)
        self.hand.enter(self.changed(), else_=f"“{words}” was not kept")

    def tick(self, words: str) -> None:
        """A step of the script that was done."""
        done = self.find(".desk-script form .line", has=words).locator("button")
        else_ = f"the script has no step “{words}”"
        if done.and_(self.find("button:focus")).count():
            self.hand.enter(self.changed(), else_=else_)
        else:
            self.hand.click(done, self.changed(), else_=else_)

    def leave_task(self, words: str) -> None:
        """The task that a step of the script asks for, as its form has it."""
        asks = self.find(".desk-script .line", has=words).locator("a")
        left = self.find("dialog button.primary:focus", has="Leave the task")
        self.hand.click(asks, left, else_=f"the script asks for no task “{words}”")
        self.hand.enter(self.changed(), else_="the task was not left")

    def hand_to(self, whom: str, question: str) -> None:
        self.hand.press("t", self.find("dialog h2:text-is('Hand off')"), else_="T opens nothing")
        chosen = self.find("dialog label.item", has=whom)
        if not chosen.locator("input:checked").count():
            self.hand.click(chosen, chosen.locator("input:checked"), else_=f"{whom} is not offered")
            field = self.find("dialog textarea")
            self.hand.click(field, self.find("dialog textarea:focus"), else_="no question is asked")
        self.hand.type(question)
        send = self.find("dialog button.primary")
        waits = self.find("#handoff-state", has="Waiting for")
        self.hand.click(send, waits, else_="the hand-off was not offered")

    def hand_to_nurse(self, question: str) -> None:
        """She accepts; the agent has done their part once the screen says that it is hers."""
        self.hand_to("A nurse", question)
        hers = self.find(".desk-strip .chip", has="With ")
        self.hand.wait(self.nurse.accept, hers, else_="the nurse's yes does not show")

    def wrap_up(self, ending: str = "") -> None:
        """`ending` where the screen proposes none that fits."""
        heading = self.find("dialog h2:text-is('Wrap up')")
        if self.find("#talk input:focus").count():
            free = self.find("body:not(:has(#talk input:focus))")
            self.hand.press("Escape", free, else_="Escape does not leave the field")
        self.hand.press("e", heading, else_="E does not open the wrap-up")
        refused = self.find("dialog .notice.warning")
        if refused.count():
            raise CannotBeDone(f"wrap-up is refused: {refused.first.inner_text().strip()}")
        if not self.find("dialog input[name=disposition]:checked").count():
            pill = self.find("dialog label.pill", has=ending)
            self.hand.click(pill, pill.locator("input:checked"), else_=f"no ending “{ending}”")
        over = self.find("#talk [aria-label='Wrapped up']")
        if self.find("dialog button.primary:focus").count():
            self.hand.enter(over, else_="it is not wrapped up")
        else:
            self.hand.click(self.find("dialog button.primary"), over, else_="it is not wrapped up")

    def changed(self) -> Locator:
        """The conversation, once the answer to the next act has come."""
        self.hand.page.evaluate("document.getElementById('talk').dataset.old = 'yes'")
        return self.find("#talk:not([data-old])")


def book_the_same_doctor(desk: Desk) -> None:
    caller = desk.callers.who_came_to()
    assert caller.visit
    assert caller.visit.location
    month = caller.visit.starts_at.astimezone(caller.visit.location.tz).strftime("%B")
    desk.know(caller)
    desk.reason(f"appointment with same doctor as in {month}", "Book")
    desk.hold_and_book()
    desk.wrap_up("Booked")


def move(desk: Desk) -> None:
    caller = desk.callers.who_comes(after=20 * DAY, before=50 * DAY)
    desk.know(caller)
    desk.reason("move my appointment sooner", "Move")
    button = desk.find("#panel-appointments a", has="Move")
    times = desk.find("#times form[action*='moves=']")
    desk.hand.click(button, times, else_="Move shows no times")
    desk.hold_and_book()
    desk.wrap_up("Moved")


def cancel(desk: Desk) -> None:
    caller = desk.callers.who_comes(after=2 * DAY, before=20 * DAY)
    desk.know(caller)
    desk.reason("cancel, my car broke down", "Cancel")
    desk.tick("They mean this visit")
    desk.choose("No")
    desk.choose("No way to get here")
    button = desk.find("#panel-appointments a:text-is('Cancel')")
    form = desk.find("dialog form")
    desk.hand.click(button, form, else_="Cancel opens nothing")
    desk.hand.page.locator("dialog select[name=code]").focus()
    desk.hand.choose("no")
    desk.hand.click(
        desk.find("dialog button.primary"), desk.changed(), else_="it was not cancelled"
    )
    desk.wrap_up("Cancelled")


def running_late(desk: Desk) -> None:
    caller = desk.callers.who_comes(after=0 * DAY, before=2 * DAY)
    desk.know(caller)
    desk.reason("running late, traffic", "Late")
    desk.choose("15 to 30")
    desk.leave_task("Tell the clinic")
    desk.wrap_up("The clinic decides and calls")


def results(desk: Desk) -> None:
    desk.know(desk.callers.who_has("DiagnosticReport"))
    desk.reason("did my blood test come back", "Results")
    desk.tick("Open lab and imaging")
    desk.choose("Text the link")
    link = desk.find("#panel-labs button", has="Text link")
    texted = desk.find("#panel-labs", has="Link to the portal:")
    desk.hand.click(link, texted, else_="no result is in the portal")
    desk.wrap_up("Texted the link to the portal")


def refill_that_cannot_wait(desk: Desk) -> None:
    desk.know(desk.callers.who_has("MedicationRequest"))
    desk.reason("refill, out of my blood thinner since yesterday", "Refill")
    desk.tick("Open refills")
    desk.write("warfarin")
    desk.choose("None")
    desk.choose("Yes")
    desk.hand_to_nurse("Out of warfarin since yesterday. What now?")


def next_step_of_the_plan(desk: Desk) -> None:
    desk.know(desk.callers.who_has("ServiceRequest", nothing_ahead=True))
    desk.reason("next step of my treatment plan", "Plan")
    button = desk.find("#panel-plan a:text-is('Book')")
    desk.hand.click(button, desk.changed(), else_="the plan has nothing to book")
    desk.hold_and_book()
    desk.wrap_up("The next step is booked")


def register_and_book(desk: Desk) -> None:
    desk.answer(STRANGER)
    desk.hand.type("Nadia Bergstrom 4/9/1991")
    desk.hand.enter(desk.find(".desk-who [role=status]"), else_="the search does not say nobody")
    form = desk.find("dialog h2:text-is('Register them')")
    register = desk.find(".desk-who a", has="New")
    desk.hand.click(register, form, else_="the screen registers nobody")
    for field in ("Nadia", "Bergstrom", "4/9/1991"):
        desk.hand.fill(field)
    desk.hand.choose("f")
    desk.hand.choose("e")
    desk.hand.fill("4155550123")
    desk.hand.type("85016")
    verified = desk.find(".desk-strip .chip.good")
    desk.hand.enter(verified, else_="they are not registered and verified")
    desk.reason("first visit, wellness checkup", "Book")
    desk.ask_the_questions("1", "2")
    desk.hold_and_book()
    desk.wrap_up("Booked")


def pharmacy(desk: Desk) -> None:
    desk.answer(STRANGER)
    _go_to_reason(desk)
    desk.reason("pharmacy, about the dose on a script", "Pharmacy")
    desk.write("Sam, Walgreens on McDowell")
    desk.write("602 555 0133")
    desk.write("Rosa Delgado 3/14/1980")
    desk.choose("The prescription itself")
    desk.hand_to_nurse("Walgreens asks about the dose. Which is it?")


def critical_result(desk: Desk) -> None:
    desk.answer(STRANGER)
    _go_to_reason(desk)
    desk.reason("critical result, potassium", "Critical result")
    desk.write("Lee, Desert Laboratory")
    desk.write("602 555 0144")
    desk.write("Rosa Delgado 3/14/1980, Dr. Park")
    desk.hand_to_nurse("Potassium 6.8, Dr. Park's patient: who takes it?")


def _go_to_reason(desk: Desk) -> None:
    """While nobody is known the search has the focus."""
    free = desk.find("body:not(:has(#talk input:focus))")
    desk.hand.press("Escape", free, else_="Escape does not leave the field")
    desk.hand.press("r", desk.find("input[name=reason]:focus"), else_="R leads to no reason")


CALLS: Final[Mapping[str, Callable[[Desk], None]]] = {
    "book the same doctor as in January": book_the_same_doctor,
    "move a visit to an earlier day": move,
    "cancel, and keep the need": cancel,
    "running late": running_late,
    "are my results in?": results,
    "a refill that cannot wait": refill_that_cannot_wait,
    "the next step of the plan": next_step_of_the_plan,
    "a new patient, registered and booked": register_and_book,
    "a pharmacy with a question": pharmacy,
    "a critical result": critical_result,
}
