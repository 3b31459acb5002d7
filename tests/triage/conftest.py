"""Triage's texts come in through outreach, and its answers go to a carrier in memory."""

from tests.fakes.sms import carrier

__all__ = ["carrier"]
