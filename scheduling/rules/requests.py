"""How long a booking that a person must make is waited for."""

from __future__ import annotations

import datetime as dt

#: How long a patient waits for a clinic to confirm a request: half of what is left until the
#: notice that the visit needs, so that somebody else can still have it; never more than a day.
LONGEST_REQUEST = dt.timedelta(hours=24)
SHORTEST_REQUEST = dt.timedelta(minutes=30)


def request_lapses_at(*, now: dt.datetime, last_at: dt.datetime) -> dt.datetime:
    """Until when a booking that a person must make is waited for.

    :param last_at: the last moment at which the visit can be taken; the answer is never later,
        unless that has passed: then a person still gets the shortest time.
    """
    wait = min(max((last_at - now) / 2, SHORTEST_REQUEST), LONGEST_REQUEST)
    return min(now + wait, max(last_at, now + SHORTEST_REQUEST))
