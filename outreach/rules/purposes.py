"""What a text's purpose decides, read off the table of `crm.rules.law`."""

from __future__ import annotations

import datetime as dt
from typing import Final

from crm.rules.law import CONFIRM_OPT_OUT_WITHIN, CONFIRMS_OPT_OUT, CONVERSATION, LAW, Hours
from crm.states import Purpose

COUNTED: Final = frozenset(purpose for purpose, law in LAW.items() if law.counts)
"""What nobody waits for counts against the contact budget."""

PLACES: Final = {purpose: law.place for purpose, law in LAW.items()}
"""Lower goes first when a sender has more to say than its rate allows: fills before recalls."""


def depends_on_talk(purpose: Purpose) -> bool:
    """Whether it matters for this text when its receiver last texted us."""
    return LAW[purpose].hours is Hours.IN_CONVERSATION


def goes_at_any_hour(purpose: Purpose, *, heard_at: dt.datetime | None, at: dt.datetime) -> bool:
    """Whether quiet hours let this text through because its receiver asked for it just now.

    Quiet hours protect from what nobody asked for (47 CFR 64.1200(c)(1) speaks of
    solicitations): a person who texts YES at 22:00 and hears nothing till morning would call,
    or think that it did not work. What is known only hours later, since the EHR was down, waits
    for the morning, however new our text is; so does what answers a tap on a page, where the
    outcome is shown.

    :param heard_at: when that phone last texted us.
    """
    if depends_on_talk(purpose):
        return heard_at is not None and at - heard_at < CONVERSATION
    return LAW[purpose].hours is Hours.ANY


def confirms_opt_out(template: str, *, created_at: dt.datetime, at: dt.datetime) -> bool:
    """Whether this text may go to a phone that has just opted out, to tell that it has."""
    return template in CONFIRMS_OPT_OUT and at - created_at <= CONFIRM_OPT_OUT_WITHIN
