"""What staff set aside to have an opening's time taken."""

from __future__ import annotations

from scheduling.actions import SetAside
from scheduling.rules.needs import NEED_NAMES


def past_needs(reason: str) -> SetAside | None:
    """All that an earlier date would break, set aside by staff who read it; None without a reason.

    Booking asks what the visit needs once more, since hours lie between the offer and the yes, and
    holds staff to what their roles may set aside.
    """
    return SetAside(NEED_NAMES, reason) if reason else None
