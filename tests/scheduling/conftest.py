"""The scene of the waitlist's tests serves here, too: a clinic, a visit, an EHR in memory."""

from __future__ import annotations

from tests.fakes.sms import carrier
from tests.waitlist.conftest import scene

__all__ = ["carrier", "scene"]
