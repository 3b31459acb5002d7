"""Kinds of call: those of a line, the one that a reason means, and how each may end."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from crm.engine.compiled import compiled
from crm.models import PhoneLine
from desk.models import CallExit, CallType
from desk.rules.reasons import rank_reasons


def find_call_type(code: str) -> CallType | None:
    """The kind of call with this code, also one that is no longer offered."""
    return next(iter(_coded(code=code)), None)


def call_types_for(line: PhoneLine | None, pressed: Iterable[str] = ()) -> tuple[CallType, ...]:
    """Every kind of call that is offered, the likeliest first. One statement.

    :param pressed: keys of the menu: what the last one stands for comes first, then the earlier
        ones, then those of the line, then the others in their own order.
    """
    menu = line.menu if line is not None else {}
    meant = [str(menu.get(key, {}).get("call_type", "")) for key in pressed][::-1]
    first = list(dict.fromkeys([*meant, *(line.call_types if line is not None else [])]))
    rows = _offered()
    place = {code: n for n, code in enumerate(first)}
    return tuple(sorted(rows, key=lambda row: place.get(row.code, len(place))))


def match_call_type(words: str, *, limit: int = 5) -> tuple[CallType, ...]:
    """What a typed reason may mean, best first; one alone where it is plainly meant.

    English and Spanish, misspellings forgiven. Whoever calls has had the safety check read the
    text first (principle 12). One statement.
    """
    rows = {row.code: row for row in _offered()}
    ranked = rank_reasons(words, {code: [row.name, *row.words] for code, row in rows.items()})
    return tuple(rows[code] for code in ranked[:limit])


@compiled
def _offered() -> QuerySet[CallType]:
    return CallType.objects.filter(is_active=True)


@compiled
def _coded(*, code: str) -> QuerySet[CallType]:
    return CallType.objects.filter(code=code)


def exits_of(code: str) -> tuple[CallExit, ...]:
    """How a call of this kind may end, in the order in which it is offered."""
    return tuple(CallExit.objects.filter(call_type__code=code).select_related("call_type"))
