"""Saying what happens as it happens, with the time since the cancellation."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO, TypeVar

Seen = TypeVar("Seen")

#: How often the tables are looked at, and how long a step of the story may take (seconds).
LOOK_EVERY = 0.02
PATIENCE = 30.0


class StoryBroke(Exception):
    """The story did not come true; the text says which part, and where to look."""


class Narrator:
    """Writes lines such as `  214 ms  Wave 1: 4 texts sent`."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self.out = out
        self.began = time.monotonic()

    def title(self, text: str) -> None:
        self.out.write(f"\n{text}\n")
        self.out.flush()

    def start_clock(self) -> None:
        self.began = time.monotonic()

    @property
    def elapsed_ms(self) -> int:
        return round((time.monotonic() - self.began) * 1000)

    def say(self, text: str, *, more: bool = False) -> None:
        """One line; `more` leaves out the time, for what belongs to the line above."""
        stamp = " " * 12 if more else f"{self.elapsed_ms:>7,} ms  "
        self.out.write(f"{stamp}{text}\n")
        self.out.flush()

    def wait(
        self, what: str, look: Callable[[], Seen | None], *, patience: float = PATIENCE
    ) -> Seen:
        """What `look` sees, once it sees something.

        :raises StoryBroke: when it has seen nothing for `patience` seconds.
        """
        until = time.monotonic() + patience
        while time.monotonic() < until:
            seen = look()
            if seen:
                return seen
            time.sleep(LOOK_EVERY)
        raise StoryBroke(
            f"Waited {patience:.0f} s for this, and it did not come: {what}. "
            "`make logs` shows what the processes say; /readyz says which of them is unwell."
        )
