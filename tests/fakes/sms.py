"""A carrier in memory: takes texts, keeps opt-outs, and fails when a test says so."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

import pytest
from pytest_django import Settings

from outreach.ports import OutgoingText, RecipientOptedOut, SentText


class FakeSms:
    """A gateway whose state is the class's, so that a setting can name it by path.

    `texts` is what has left, in order. `trouble` holds what happens to the next texts: an
    exception raised before the carrier has the text; wrap it in `after_taking` for one that is
    raised although the carrier has it.
    """

    sender: ClassVar[str] = "+16025550100"
    segments_per_second: ClassVar[float | None] = None
    texts: ClassVar[list[tuple[str, OutgoingText]]] = []
    trouble: ClassVar[deque[Exception]] = deque()
    blocked: ClassVar[set[str]] = set()
    on_send: ClassVar[Callable[[OutgoingText], None] | None] = None

    @classmethod
    def reset(cls) -> None:
        cls.texts, cls.trouble, cls.blocked = [], deque(), set()
        cls.segments_per_second, cls.on_send = None, None

    def send(self, text: OutgoingText) -> SentText:
        if text.to in self.blocked:
            raise RecipientOptedOut("The recipient has opted out.", code="21610")
        error = self.trouble.popleft() if self.trouble else None
        if error is not None and not isinstance(error, after_taking):
            raise error
        carrier_id = f"FK{len(self.texts):032x}"
        self.texts.append((carrier_id, text))
        if FakeSms.on_send is not None:
            FakeSms.on_send(text)
        if isinstance(error, after_taking):
            raise error.error
        return SentText(carrier_id)

    def find(self, text: OutgoingText, *, since: dt.datetime) -> Sequence[SentText]:
        return [
            SentText(carrier_id)
            for carrier_id, sent in reversed(self.texts)
            if (sent.to, sent.body) == (text.to, text.body)
        ]


class after_taking(Exception):  # noqa: N801 reads as a phrase where it is used
    """`FakeSms.trouble.append(after_taking(SmsUnknown("…")))`."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


@pytest.fixture
def carrier(settings: Settings) -> Iterator[type[FakeSms]]:
    """The carrier that texts go to in this test. Import it into a `conftest.py`."""
    settings.SMS_GATEWAY = "tests.fakes.sms.FakeSms"
    FakeSms.reset()
    yield FakeSms
    FakeSms.reset()
