"""Outreach talks to a carrier in memory."""

from tests.fakes.sms import carrier

__all__ = ["carrier"]
