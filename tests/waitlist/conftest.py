"""The fixture that most tests of the waitlist stand on."""

from __future__ import annotations

import pytest

from tests.fakes.sms import carrier  # noqa: F401 a fixture
from tests.waitlist.opening_desk import agent, fiona, opening  # noqa: F401 fixtures
from tests.waitlist.scene import Scene


@pytest.fixture
def scene(db: None, carrier: object, monkeypatch: pytest.MonkeyPatch) -> Scene:  # noqa: F811
    """A booked slot in a clinic on automatic, with an EHR and a carrier in memory."""
    made = Scene()
    for user in ("tasks", "gateways"):
        monkeypatch.setattr(f"scheduling.{user}.get_ehr", lambda: made.ehr)
    return made
