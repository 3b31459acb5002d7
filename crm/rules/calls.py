"""What a telephone system tells of a call, put together: pure, in whatever order it comes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import phonenumbers

from crm.states import Acuity, Aid, CallStatus

#: What networks send in place of a number that a caller keeps to themselves.
_WITHHELD: Final = frozenset({"", "anonymous", "blocked", "private", "restricted", "withheld"})


class CallNews(StrEnum):
    """One thing that a telephone system tells; of what happened in one instant, in this order."""

    RANG = "rang"  # with an extension: at that telephone
    MISSED = "missed"  # nobody answered at that extension; the call goes on
    PRESSED = "pressed"  # a key of the menu
    ANSWERED = "answered"  # or put through to somebody else
    HELD = "held"
    RESUMED = "resumed"
    ABANDONED = "abandoned"  # hung up before anybody answered
    ENDED = "ended"


_ORDER: Final = {news: place for place, news in enumerate(CallNews)}
_TALKED: Final = frozenset({CallNews.ANSWERED, CallNews.HELD, CallNews.RESUMED})
_OVER: Final = frozenset({CallNews.ABANDONED, CallNews.ENDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTold:
    """One piece of news about one call, as it comes from outside."""

    source: str  # the telephone system
    source_id: str  # its key for the call
    news: CallNews
    at: dt.datetime  # when it happened, aware
    caller: str = ""  # who calls, as written there; empty or "anonymous": withheld
    called: str = ""  # the number that was called; empty: not told
    extension: str = ""  # of ours: where it rings, who answered (or who calls out)
    key: str = ""  # that was pressed
    aid: Aid = Aid.NONE
    is_outbound: bool = False

    @property
    def heard(self) -> Heard:
        ours = self.caller if self.is_outbound else self.called
        return Heard(self.news, self.at, self.extension, self.key, names_line=bool(ours))


@dataclass(frozen=True, slots=True)
class Heard:
    """What is kept of one piece of news. The same one twice is one."""

    news: CallNews
    at: dt.datetime
    extension: str = ""
    key: str = ""
    names_line: bool = False  # it says which of our numbers it is about

    def as_json(self) -> dict[str, str | bool]:
        return {
            "news": str(self.news),
            "at": self.at.astimezone(dt.UTC).isoformat(),
            "extension": self.extension,
            "key": self.key,
            "names_line": self.names_line,
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Heard:
        at = dt.datetime.fromisoformat(kept["at"])
        news, names_line = CallNews(kept["news"]), bool(kept["names_line"])
        return cls(news, at, kept["extension"], kept["key"], names_line)


@dataclass(frozen=True, slots=True)
class Held:
    """The caller was put on hold; `ended_at` is None while they still are."""

    at: dt.datetime
    ended_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class CallStory:
    """A call as far as we have been told of it. Every time is the telephone system's."""

    status: CallStatus
    rang_at: dt.datetime
    answered_at: dt.datetime | None  # first
    put_through_at: dt.datetime | None  # to whoever has it now
    ended_at: dt.datetime | None
    extension: str  # of whoever has it now
    pressed: tuple[str, ...]
    holds: tuple[Held, ...]
    names_line: bool
    #: Extensions at which it rings still, in their order; none once it was answered or is over.
    rings_at: tuple[str, ...] = ()

    @property
    def held_since(self) -> dt.datetime | None:
        return next((hold.at for hold in self.holds if hold.ended_at is None), None)

    @property
    def held_seconds(self) -> int:
        """Of the holds that are over."""
        over = (hold.ended_at - hold.at for hold in self.holds if hold.ended_at is not None)
        return round(sum(over, dt.timedelta()).total_seconds())

    @property
    def waited(self) -> dt.timedelta:
        """From the first ring until somebody answered, or the caller hung up."""
        until = self.answered_at or self.ended_at
        return until - self.rang_at if until else dt.timedelta()


def put_together(
    heard: Iterable[Heard], *, is_outbound: bool = False, was_taken: bool = False
) -> CallStory:
    """The call that all of this tells of: the same whatever came first, and twice is once.

    A call that is over and that nobody answered was abandoned, whichever word the system has for
    it. One held or resumed was answered, even if that news is still under way.

    :param heard: at least one.
    :param was_taken: somebody at the desk has taken it on: an answer that no telephone told of.
    """
    told = sorted(set(heard), key=lambda one: (one.at, _ORDER[one.news], one.extension, one.key))
    ended_at = next((one.at for one in told if one.news in _OVER), None)
    talks = [one for one in told if one.news in _TALKED]
    answers = [one for one in told if one.news is CallNews.ANSWERED] or talks[:1]
    on_line = [one for one in (told if is_outbound else answers) if one.extension]
    holds = _holds(talks, ended_at)
    waits_on_hold = any(hold.ended_at is None for hold in holds)
    status = _status(
        is_over=ended_at is not None,
        was_answered=bool(talks) or was_taken or is_outbound,
        is_talking=bool(talks),
        is_held=waits_on_hold,
    )
    return CallStory(
        status=status,
        rang_at=told[0].at,
        answered_at=_first(answers[:1], ended_at),
        put_through_at=_first(answers[-1:], ended_at),
        ended_at=ended_at,
        extension=on_line[-1].extension if on_line else "",
        pressed=tuple(one.key for one in told if one.news is CallNews.PRESSED and one.key),
        holds=holds,
        names_line=any(one.names_line for one in told),
        rings_at=_ringing(told) if status is CallStatus.RINGING else (),
    )


def _ringing(told: Iterable[Heard]) -> tuple[str, ...]:
    """Where it rang last, and was not missed since."""
    found: dict[str, bool] = {}
    for one in told:
        if one.extension and one.news in {CallNews.RANG, CallNews.MISSED}:
            found[one.extension] = one.news is CallNews.RANG
    return tuple(sorted(extension for extension, rings in found.items() if rings))


def _status(*, is_over: bool, was_answered: bool, is_talking: bool, is_held: bool) -> CallStatus:
    if is_over:
        return CallStatus.ENDED if was_answered else CallStatus.ABANDONED
    if not is_talking:
        return CallStatus.RINGING
    return CallStatus.ON_HOLD if is_held else CallStatus.TALKING


def _first(answers: Sequence[Heard], ended_at: dt.datetime | None) -> dt.datetime | None:
    """Of a call that is over, no later than its end: clocks of two servers may differ."""
    if not answers:
        return None
    return min(answers[0].at, ended_at) if ended_at else answers[0].at


def _holds(talks: Iterable[Heard], ended_at: dt.datetime | None) -> tuple[Held, ...]:
    """Each from its beginning to whatever ended it. A call that is over holds nobody."""
    holds: list[Held] = []
    since: dt.datetime | None = None
    for one in talks:
        if ended_at is not None and one.at > ended_at:
            break
        if one.news is CallNews.HELD:
            since = since or one.at
        elif since is not None:
            holds.append(Held(since, one.at))
            since = None
    if since is not None:
        holds.append(Held(since, ended_at))
    return tuple(holds)


@dataclass(frozen=True, slots=True)
class Meant:
    """What the keys that were pressed say about the call; empty where they say nothing."""

    says: str = ""  # in the menu's words: "appointments"
    call_type: str = ""
    queue: str = ""  # its code, where a key leads to another one than the line's
    acuity: Acuity = Acuity.ROUTINE


def meant_by(menu: Mapping[str, Mapping[str, Any]], pressed: Collection[str]) -> Meant:
    """What a line's menu makes of these keys, in order; a later key says it better.

    A key of a second level may stand in the menu behind the first ("21"), else it means there
    what it means alone.
    """
    said: dict[str, Any] = {}
    path = ""
    for key in pressed:
        path += key
        said |= menu.get(path) or menu.get(key) or {}
    acuity = str(said.get("acuity", ""))
    return Meant(
        says=str(said.get("says", "")),
        call_type=str(said.get("call_type", "")),
        queue=str(said.get("queue", "")),
        acuity=Acuity(acuity) if acuity in set(Acuity) else Acuity.ROUTINE,
    )


_SAYS: Final = frozenset({"says", "call_type", "queue", "acuity"})


def check_menu(menu: object, *, queues: Collection[str]) -> str:
    """What is wrong with a line's menu, for whoever writes it; empty where nothing is.

    :param queues: codes of those that a key may lead to.
    """
    if not isinstance(menu, dict):
        return 'A menu is written so: {"2": {"says": "appointments", "call_type": "book"}}.'
    for key, meant in menu.items():
        if not key or set(key) - set("0123456789*#"):
            return f"“{key}” is no key of a telephone."
        if not isinstance(meant, dict) or set(meant) - _SAYS:
            return f"Key {key} may have: {', '.join(sorted(_SAYS))}."
        if meant.get("queue", "") not in {"", *queues}:
            return f"Key {key} leads to a queue that does not exist."
        if meant.get("acuity", "") not in {"", *Acuity}:
            return f"Key {key} has an acuity that does not exist. Known: {', '.join(Acuity)}."
    return ""


def read_number(words: str) -> str | None:
    """E.164 of a number as telephone systems write it ("+16025550142", "(602) 555-0142").

    None for what is no telephone number: withheld, a name, too short.
    """
    try:
        parsed = phonenumbers.parse(words, "US")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def caller_kind(words: str) -> str:
    """ "known" for a number, "withheld" where the caller keeps it, else "unreadable"."""
    if words.strip().lower() in _WITHHELD:
        return "withheld"
    return "known" if read_number(words) else "unreadable"


def lasted(length: dt.timedelta) -> str:
    """1:10, or 1:02:03 from an hour on."""
    seconds = max(0, int(length.total_seconds()))
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
