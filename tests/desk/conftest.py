"""The clock that the desk's pages read, and the carrier that its texts go to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from tests.factories import NOW
from tests.fakes.sms import carrier  # noqa: F401 a fixture


@pytest.fixture(autouse=True)
def _at_now(carrier: object) -> Iterator[None]:  # noqa: F811
    with time_machine.travel(NOW, tick=False):
        yield
