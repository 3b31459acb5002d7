"""When to try again to call somebody back, and what may be said to a machine. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Final
from zoneinfo import ZoneInfo

from crm.states import AttemptOutcome, Sensitivity

#: How long to wait after the first try, the second, and every later one: the same day at another
#: hour, then the next days. A start of ours.
PAUSES: Final = (dt.timedelta(hours=2), dt.timedelta(hours=20))
#: A busy line is free again sooner.
AFTER_BUSY: Final = dt.timedelta(minutes=15)
#: Hours at which people are called back, where they are: within 47 CFR 64.1200(c)(1)'s 8 to 21.
FIRST_HOUR, LAST_HOUR = 9, 20
#: A label after which no machine hears that we called: who plays it back may be somebody else.
SILENT: Final = frozenset({Sensitivity.DOMESTIC_VIOLENCE, Sensitivity.ADOLESCENT})
#: Ends the trying whatever the count.
FINAL: Final = frozenset({AttemptOutcome.REACHED, AttemptOutcome.WRONG_NUMBER})


def next_try_at(at: dt.datetime, *, tries: int, outcome: AttemptOutcome, zone: str) -> dt.datetime:
    """The earliest time for the next try after `tries` of them, the last at `at`.

    In daytime where the person is; a zone that nobody knows is taken as UTC.
    """
    pause = PAUSES[min(tries, len(PAUSES)) - 1]
    wanted = at + (AFTER_BUSY if outcome is AttemptOutcome.BUSY else pause)
    there = wanted.astimezone(ZoneInfo(zone or "UTC"))
    if there.hour < FIRST_HOUR:
        there = there.replace(hour=FIRST_HOUR, minute=0, second=0, microsecond=0)
    elif there.hour >= LAST_HOUR:
        following = there.date() + dt.timedelta(days=1)
        there = dt.datetime.combine(following, dt.time(FIRST_HOUR), tzinfo=there.tzinfo)
    return there.astimezone(dt.UTC)


def is_over(outcome: AttemptOutcome, *, tries: int, limit: int) -> bool:
    """Whether nobody tries any more after this one."""
    return outcome in FINAL or tries >= limit


_VOICEMAIL: Final = {
    "en": "Hello, this is {caller} from {organization}, for {name}. Please call us back at "
    "{phone}. Thank you.",
    "es": "Hola, le habla {caller} de {organization}, para {name}. Por favor, llámenos al "
    "{phone}. Gracias.",
}


def voicemail_words(
    *,
    caller: str,
    organization: str,
    phone: str,
    name: str,
    labels: Collection[str] = (),
    language: str = "en",
) -> str:
    """What to leave on a machine, word for word; empty where no message may be left.

    Who called, for whom, and a number: no health word, no clinic, no specialty, no reason
    (45 CFR 164.502(b) and 164.510(b); HHS FAQ 198: leave no more than name and number, and
    whatever is needed to be called back).

    :param caller: the agent's first name.
    :param organization: under a name that gives nothing away.
    :param name: of the person asked for; empty where nobody is known.
    """
    if SILENT & set(labels):
        return ""
    body = _VOICEMAIL["es" if language.startswith("es") else "en"]
    if not name:
        body = body.replace(", for {name}", "").replace(", para {name}", "")
    return body.format(caller=caller, organization=organization, phone=phone, name=name)
