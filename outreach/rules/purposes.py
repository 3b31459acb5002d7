"""What a text's purpose decides: its place in line, the budget, and the hour."""

from __future__ import annotations

import datetime as dt
from typing import Final

from crm.states import Purpose

COUNTED: Final = frozenset({Purpose.OFFER, Purpose.REMINDER, Purpose.RECALL, Purpose.MARKETING})
"""What nobody waits for counts against the contact budget."""

PLACES: Final = {
    Purpose.ANSWER: 0,
    Purpose.CONFIRMATION: 0,
    Purpose.UPDATE: 1,
    Purpose.OFFER: 1,
    Purpose.REMINDER: 2,
    Purpose.RECALL: 3,
    Purpose.MARKETING: 4,
}
"""Lower goes first when a sender has more to say than its rate allows: fills before recalls."""

CONVERSATION: Final = dt.timedelta(hours=1)
"""Somebody who texted us so lately is awake and waits."""

CONFIRM_OPT_OUT_WITHIN: Final = dt.timedelta(minutes=5)
"""One text that confirms an opt-out may follow it (47 CFR 64.1200(a)(12))."""

CONFIRMS_OPT_OUT: Final = frozenset({"stop_confirm", "wrong_number_ack"})
"""Keys of the texts that do so, and say nothing else."""

_AWAITED: Final = frozenset({Purpose.ANSWER, Purpose.CONFIRMATION, Purpose.UPDATE})


def goes_at_any_hour(purpose: Purpose, *, heard_at: dt.datetime | None, at: dt.datetime) -> bool:
    """Whether quiet hours let this text through because its receiver asked for it just now.

    Quiet hours protect from what nobody asked for (47 CFR 64.1200(c)(1) speaks of
    solicitations): a person who texts YES at 22:00 and hears nothing till morning would call,
    or think that it did not work. What is known only hours later, since the EHR was down, waits
    for the morning, however new our text is; so does what answers a tap on a page, where the
    outcome is shown.

    :param heard_at: when that phone last texted us.
    """
    return purpose in _AWAITED and heard_at is not None and at - heard_at < CONVERSATION


def confirms_opt_out(template: str, *, created_at: dt.datetime, at: dt.datetime) -> bool:
    """Whether this text may go to a phone that has just opted out, to tell that it has."""
    return template in CONFIRMS_OPT_OUT and at - created_at <= CONFIRM_OPT_OUT_WITHIN
