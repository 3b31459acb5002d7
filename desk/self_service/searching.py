"""Open times for a session, by the search that staff use; nothing hidden is ever offered here."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self, TypedDict
from urllib.parse import urlencode

from django.http import QueryDict

from crm.models import Patient
from desk.self_service.words import BookWords
from scheduling.models import SelfServiceSession
from scheduling.queries.search import left_out, search_slots
from scheduling.queries.search_page import Cursor, Found
from scheduling.queries.self_service import online_visits
from scheduling.rules.search import Criteria, PartOfDay, Window
from scheduling.states import Lack

_WINDOWS = {Window.FIRST: "times_first", Window.THREE_DAYS: "times_3", Window.TWO_WEEKS: "times_14"}
_PARTS = {"": "any_hour", PartOfDay.MORNING: "morning", PartOfDay.AFTERNOON: "afternoon"}
#: A page may lose times to clinics that are not open online; it is looked on so often.
MOST_LOOKS = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the buttons above the times."""

    name: str
    query: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """Which days and hours, and from where on, as the address has it: nothing of a patient."""

    window: Window
    part: PartOfDay | None
    after: Cursor | None

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        """What is not understood sets no limit."""
        window, part = query.get("days", ""), query.get("hours", "")
        return cls(
            Window(window) if window in set(Window) else Window.FIRST,
            PartOfDay(part) if part in set(PartOfDay) else None,
            Cursor.parse(query.get("after", "")),
        )

    def _query(self, window: Window, part: PartOfDay | str | None, after: Cursor | None) -> str:
        said = {"days": str(window), "hours": str(part or ""), "after": str(after or "")}
        return "?" + urlencode({name: value for name, value in said.items() if value})

    def after_this(self, after: Cursor) -> str:
        """The query of the next page."""
        return self._query(self.window, self.part, after)

    def choices(self, words: BookWords) -> dict[str, list[Choice]]:
        """The buttons for days and for hours."""
        return {
            "days": [
                Choice(words[key], self._query(window, self.part, None), window is self.window)
                for window, key in _WINDOWS.items()
            ],
            "hours": [
                Choice(
                    words[key], self._query(self.window, part, None), (part or None) == self.part
                )
                for part, key in _PARTS.items()
            ],
        }


@dataclass(frozen=True, slots=True)
class Times:
    """What can be had, and where the next page begins.

    `hidden` counts what each rule left out, where nothing could be shown.
    """

    criteria: Criteria
    slots: tuple[Found, ...]
    after: Cursor | None
    hidden: Mapping[str, int]

    @property
    def lack(self) -> Lack | None:
        """What the search was short of, for the lost-demand ledger."""
        if self.slots:
            return None
        if self.hidden:
            return Lack.HIDDEN
        wishes = self.criteria.parts_of_day or self.criteria.provider_id
        return Lack.WISHES if wishes else Lack.NO_TIMES


def find_times(session: SelfServiceSession, asked: Asked, *, at: dt.datetime) -> Times:
    """Times that this session's patient can book as they are, at clinics that are open online."""
    criteria = _criteria(session, asked)
    rows = online_visits(session).filter(visit_type=criteria.visit_type_id)
    clinics = set(rows.values_list("clinic", flat=True))
    own = (session.hold_id,) if session.hold_id else ()
    whose: _Whose = {"patient": session.patient, "own_hold_ids": own, "at": at}
    kept: list[Found] = []
    after = asked.after
    for _ in range(MOST_LOOKS):
        found = search_slots(criteria, after=after, **whose)
        kept += [one for one in found.all if one.is_open and one.slot.role.clinic_id in clinics]
        after = found.after
        if kept or after is None:
            break
    hidden = Counter[str]()
    if not kept and asked.after is None:
        for one in left_out(criteria, **whose):
            hidden[str(one.stopping[0].rule)] += 1
    return Times(criteria, tuple(kept), after, hidden)


class _Whose(TypedDict):
    patient: Patient | None
    own_hold_ids: tuple[int, ...]
    at: dt.datetime


def _criteria(session: SelfServiceSession, asked: Asked) -> Criteria:
    assert session.visit_type_id is not None  # noqa: S101 for the type checker
    return Criteria(
        visit_type_id=session.visit_type_id,
        window=asked.window,
        parts_of_day=frozenset({asked.part}) if asked.part else frozenset(),
        location_id=session.location_id,
        provider_id=session.role.provider_id if session.role else None,
    )
