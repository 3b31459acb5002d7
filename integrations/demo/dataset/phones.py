"""Phone numbers that belong to nobody.

The North American Numbering Plan keeps 555-0100 to 555-0199 of each area code for fiction
(ATIS-0300115), so a demo that is wired to a real carrier by mistake reaches no one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

ARIZONA = ("602", "480", "623", "520", "928")
#: People keep the number of where they lived before, most often the Pacific coast. Its clock is
#: never ahead of Arizona's, so texts may go till 21:00 to these, too.
ELSEWHERE = (
    *("206", "209", "213", "253", "310", "323", "360", "408", "415", "425", "503", "509", "510"),
    *("530", "541", "559", "562", "619", "626", "650", "661", "702", "707", "714", "760", "775"),
    *("805", "818", "831", "858", "909", "916", "925", "949", "951"),
    *("303", "312", "505", "512", "612", "773", "801"),
)
#: Numbers that follow their owner wherever they live (NANP 5XX, personal communications): what
#: the families abroad have. They name no place, so only the address says what time it is there.
FOLLOW_ME = ("500", "521", "522", "525", "526", "527", "528", "529", "533", "544", "566", "577")
#: 0100 to 0109 of these are the lines of the health system.
OURS = frozenset({"602", "520"})
OUR_LINES = 10
LINES_OF_AN_AREA = 100
LOCAL_SHARE = 0.5


class NumberPool:
    """Hands each fictional number out once."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._local = _mixed(ARIZONA, rng)
        self._other = _mixed(ELSEWHERE, rng)
        self._abroad = _mixed(FOLLOW_ME, rng)

    def take(self, *, abroad: bool) -> str:
        """A new number in E.164. :raises StopIteration: when there are no more."""
        if abroad:
            return next(self._abroad)
        local = next(self._local, None) if self._rng.random() < LOCAL_SHARE else None
        return local or next(self._other)


def _mixed(areas: tuple[str, ...], rng: random.Random) -> Iterator[str]:
    numbers = [
        f"+1{area}55501{line:02d}"
        for area in areas
        for line in range(OUR_LINES if area in OURS else 0, LINES_OF_AN_AREA)
    ]
    rng.shuffle(numbers)
    return iter(numbers)
