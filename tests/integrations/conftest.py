"""Servers that stand for the outside world, started when a test first asks for them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integrations.ehr_server import EhrServer, run_practice_ehr


@pytest.fixture(scope="session")
def practice_ehr() -> Iterator[EhrServer]:
    """One practice EHR for all tests of this worker. Call its `calm()` before relying on it."""
    with run_practice_ehr() as server:
        yield server
