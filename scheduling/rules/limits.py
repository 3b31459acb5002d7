"""How often somebody without a login may try. Pure.

Counted from rows, so that a cache that is flushed opens nothing. Networks are shared (a clinic's
own, a carrier's), so what comes from one address is limited widely, and what goes to one phone
narrowly.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final, NamedTuple


class Limit(NamedTuple):
    """At most so many within that time."""

    most: int
    within: dt.timedelta


_HOUR: Final = dt.timedelta(hours=1)
_DAY: Final = dt.timedelta(days=1)

#: A code of six digits, five tries each, eight codes a day: 40 chances in a million.
CODE_DIGITS: Final = 6
CODE_TRIES: Final = 5
CODE_LASTS: Final = dt.timedelta(minutes=10)
#: A second tap on "send me a code" is the first one.
CODE_AGAIN_AFTER: Final = dt.timedelta(seconds=20)
CODES_PER_PHONE: Final = (Limit(3, dt.timedelta(minutes=15)), Limit(8, _DAY))
CODES_PER_ADDRESS: Final = (Limit(20, _HOUR),)
#: For everybody together: somebody who buys numbers to earn on texts stops here.
CODES_IN_ALL: Final = (Limit(600, _HOUR),)
SESSIONS_PER_ADDRESS: Final = (Limit(60, _HOUR),)
#: Names and birth dates that one phone may try.
PEOPLE_PER_SESSION: Final = 5
PEOPLE_PER_PHONE: Final = (Limit(10, _DAY),)
#: Nobody goes on with a session for so long: it is closed.
QUIET: Final = dt.timedelta(minutes=30)


def is_over(times: Iterable[dt.datetime], limits: Iterable[Limit], *, at: dt.datetime) -> bool:
    """Whether one more at `at` would be too many. `times` are aware, in any order."""
    known = list(times)
    return any(sum(at - time < limit.within for time in known) >= limit.most for limit in limits)
