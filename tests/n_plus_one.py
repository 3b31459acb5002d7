"""A request that reads the same relation again and again, row by row, fails its test."""

from __future__ import annotations

from django.conf import settings
from zeal.constants import initialize_app_registry
from zeal.patch import patch

#: Repeated on purpose, each for its reason.
ALLOWED = [
    # Rows that a decision depends on are locked and read again one by one, in order.
    {"model": "*", "field": "get()"},
    # Asked twice for the one slot that an opening is about, never for each of many.
    {"model": "scheduling.VisitType", "field": "stands_in_for"},
    # Each text is composed and sent by itself; a closing opening has a wave or two of them.
    {"model": "waitlist.Offer", "field": "patient"},
    {"model": "waitlist.Offer", "field": "phone"},
    # The admin's own choice lists print each row; a clinic has a dozen roles.
    {"model": "scheduling.ProviderRole", "field": "*"},
]


def watch() -> None:
    """Look at every request that the tests make. The production settings know nothing of it."""
    settings.MIDDLEWARE.append("zeal.middleware.zeal_middleware")
    settings.ZEAL_ALLOWLIST = ALLOWED
    initialize_app_registry()
    patch()
