"""How long a hand-off waits for an answer, and whom it goes to when nobody gives one. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from crm.states import Acuity, HandoffTo

#: Seconds until it goes further, for what cannot wait and for everything else. A start of ours,
#: not a norm: the caller hears silence meanwhile, while a page has to find a phone and a place to
#: talk. A center sees its own figures in the time ribbon of its contacts (waits for a colleague).
WAITS: Final[Mapping[HandoffTo, tuple[int, int]]] = {
    HandoffTo.PERSON: (20, 45),
    HandoffTo.NURSE: (30, 90),
    HandoffTo.QUEUE: (30, 120),
    HandoffTo.PROVIDER: (300, 600),
    HandoffTo.MANAGER: (60, 180),
}
#: A task for what nobody took is due in so long.
LAPSED_DUE_IN: Final = (dt.timedelta(minutes=10), dt.timedelta(hours=1))


def is_urgent(acuity: Acuity) -> bool:
    """911 or a nurse now: nobody waits politely."""
    return acuity.rank <= Acuity.NURSE_NOW.rank


def time_to_answer(to: HandoffTo, acuity: Acuity) -> dt.timedelta:
    """How long whoever is asked has before others are asked."""
    urgent, else_ = WAITS[to]
    return dt.timedelta(seconds=urgent if is_urgent(acuity) else else_)


def due_after_lapse(acuity: Acuity) -> dt.timedelta:
    urgent, else_ = LAPSED_DUE_IN
    return urgent if is_urgent(acuity) else else_


def goes_next_to(to: HandoffTo, *, is_named: bool, more_on_call: bool) -> HandoffTo | None:
    """Whom it goes to when `to` does not answer; None where there is nobody further.

    A person's silence brings it to the queue, one nurse's to all nurses, a page's to whoever is
    on call next; what is left comes to the managers.

    :param is_named: one nurse was asked, not all of them.
    :param more_on_call: somebody is still to be paged, or to be paged again.
    """
    if to is HandoffTo.PERSON:
        return HandoffTo.QUEUE
    if to is HandoffTo.NURSE and is_named:
        return HandoffTo.NURSE
    if to is HandoffTo.PROVIDER and more_on_call:
        return HandoffTo.PROVIDER
    return None if to is HandoffTo.MANAGER else HandoffTo.MANAGER
