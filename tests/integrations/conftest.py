"""Servers that stand for the outside world, started when a test first asks for them."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.integrations.ehr_server import EhrServer, run_practice_ehr


@pytest.fixture(scope="session")
def practice_ehr() -> Iterator[EhrServer]:
    """One practice EHR for all tests of this worker. Call its `calm()` before relying on it."""
    with run_practice_ehr() as server:
        yield server


@pytest.fixture
def vendor(practice_ehr: EhrServer) -> Iterator[httpx.Client]:
    """A vendor's plain client to a calm practice EHR that knows two patients and a clinician."""
    practice_ehr.calm()
    practice_ehr.put(
        {"resourceType": "Patient", "id": "p-1"},
        {"resourceType": "Patient", "id": "p-2"},
        {"resourceType": "Practitioner", "id": "d-1"},
    )
    with practice_ehr.http() as client:
        yield client
    practice_ehr.calm()
