"""An agent's hands on the desk: what they do in a real browser, and how long it takes them.

The keystroke-level model (Card, Moran and Newell, "The keystroke-level model for user performance
time with interactive systems", Communications of the ACM 23, 1980): the time of an expert without
errors is the sum of keystrokes (K), pointing (P), moving a hand between keyboard and mouse (H),
mental preparation (M), and the answers of the system that have to be waited for (R).

- K is 0.28 s, an average non-secretary typist's 40 words a minute: no agent is flattered.
- P is 1.10 s, H is 0.40 s, M is 1.35 s. The press of the mouse's button is a K.
- M stands before every interaction but Enter after a typed field, which belongs to the field
  (their rules 1 and 3).
- R is measured, from the press until the page shows what the press was for.

An interaction is one deliberate act: a typed field counts once, and so does a key or a click that
acts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Error, Frame, Locator, Page, expect

K, P, H, M = 0.28, 1.10, 0.40, 1.35
#: So long is waited for what a press is for (milliseconds).
PATIENCE: Final = 15_000


class CannotBeDone(Exception):
    """The screen has no way to do this part of the call; the sentence says which."""


@dataclass(slots=True)
class Count:
    """What a call took. `operators` in seconds by the model, `waited` as measured."""

    keystrokes: int = 0
    clicks: int = 0
    loads: int = 0
    interactions: int = 0
    operators: float = 0.0
    waited: float = 0.0

    @property
    def seconds(self) -> float:
        return self.operators + self.waited


class Hand:
    """One agent at one page. Every act says what shows when it is done, and waits for it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = Count()
        self._on_mouse = False
        page.on("domcontentloaded", self._loaded)

    def begin(self) -> None:
        """Forget what was counted: a call begins, with both hands on the keys."""
        self.count, self._on_mouse = Count(), False

    def pick_up(self, ring: Callable[[], None], shows: Locator) -> None:
        """Answer on the telephone: one press, and the contact has to open by itself."""
        self._act(operators=M + K, keystrokes=1)
        with self._waiting(shows, "the ring did not open the contact"):
            ring()

    def wait(self, does: Callable[[], None], shows: Locator, *, else_: str) -> None:
        """Somebody else acts, and the page has to show it: no act of the agent's."""
        with self._waiting(shows, else_):
            does()

    def type(self, text: str) -> None:
        """Into whatever has the focus, which has to be a field."""
        field = self.page.locator("input:focus, textarea:focus")
        self._need(field, f"no field has the focus to type “{text}” into")
        self._to_keys()
        self._act(operators=M + K * len(text), keystrokes=len(text))
        self.page.keyboard.type(text)

    def fill(self, text: str) -> None:
        """One field of a form, and the Tab to the next one, which belongs to it."""
        self.type(text)
        self.count.keystrokes += 1
        self.count.operators += K
        self.page.keyboard.press("Tab")

    def choose(self, letters: str) -> None:
        """A line of the list that has the focus, by its first letters, and on to the next field."""
        self._need(self.page.locator("select:focus"), f"no list has the focus to choose {letters}")
        self._to_keys()
        self._act(operators=M + K * (len(letters) + 1), keystrokes=len(letters) + 1)
        self.page.keyboard.type(letters)
        self.page.keyboard.press("Tab")

    def enter(self, shows: Locator, *, else_: str) -> None:
        """The Enter of what was just typed, or of the button that has the focus."""
        typed = self.page.locator("input:focus, textarea:focus").count() > 0
        self._press("Enter", shows, else_, prepared=typed)

    def press(self, key: str, shows: Locator, *, else_: str) -> None:
        """A shortcut of the screen."""
        self._press(key, shows, else_, prepared=False)

    def click(self, what: Locator, shows: Locator, *, else_: str) -> None:
        """With the mouse, where no key leads."""
        self._need(what.first, else_)
        self._act(operators=M + (0 if self._on_mouse else H) + P + K, clicks=1)
        self._on_mouse = True
        with self._waiting(shows, else_):
            what.first.click()

    def _press(self, key: str, shows: Locator, else_: str, *, prepared: bool) -> None:
        self._to_keys()
        self._act(operators=K + (0 if prepared else M), keystrokes=1)
        with self._waiting(shows, else_):
            self.page.keyboard.press(key)

    def _act(self, *, operators: float, keystrokes: int = 0, clicks: int = 0) -> None:
        self.count.interactions += 1
        self.count.operators += operators
        self.count.keystrokes += keystrokes
        self.count.clicks += clicks

    def _to_keys(self) -> None:
        if self._on_mouse:
            self.count.operators += H
        self._on_mouse = False

    def _need(self, what: Locator, else_: str) -> None:
        try:
            expect(what).to_be_visible(timeout=PATIENCE)
        except AssertionError as missing:
            raise CannotBeDone(else_) from missing

    @contextmanager
    def _waiting(self, shows: Locator, else_: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
            expect(shows.first).to_be_visible(timeout=PATIENCE)
        except (AssertionError, Error) as missing:
            raise CannotBeDone(else_) from missing
        self.count.waited += time.perf_counter() - began

    def _loaded(self, _: Page | Frame) -> None:
        self.count.loads += 1
