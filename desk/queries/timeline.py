"""One patient's story on every channel, newest first, a page at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import chain
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.models import Interaction, InteractionStep, Patient
from crm.states import Channel, StepKind
from desk.queries.story import (
    CALLS,
    MOST,
    WEB,
    WRITTEN,
    Place,
    Told,
    contacts,
    tasks,
    texts,
    visits,
)
from desk.screen import words

#: So many lines are one page.
PAGE: Final = MOST - 1
_QUIET: Final = frozenset({StepKind.LOOK, StepKind.QUESTION, StepKind.RING, StepKind.ANSWER})
#: The steps of the contact in hand, among what happened in the same instant.
_STEP: Final = 9


class Only(StrEnum):
    """What of the story is asked for; all of it where none of these is."""

    CALLS = "calls"
    TEXTS = "texts"
    WEB = "web"
    VISITS = "visits"
    TASKS = "tasks"

    @property
    def words(self) -> str:
        return {
            Only.CALLS: pgettext("timeline", "Calls"),
            Only.TEXTS: pgettext("timeline", "Texts"),
            Only.WEB: pgettext("timeline", "Online"),
            Only.VISITS: pgettext("timeline", "Visits"),
            Only.TASKS: pgettext("timeline", "Tasks"),
        }[self]


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One line: `when` in the patient's zone, `said` in words for staff."""

    at: dt.datetime
    when: str
    said: str
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """One page of it. `earlier`: what to ask for the next one by; None at its beginning."""

    lines: tuple[StoryLine, ...]
    earlier: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Whose story, as far as it may be told.

    :param steps: of the contact in hand, the oldest first.
    :param zone: by whose clock its days go.
    :param hears: whether whoever speaks may hear of visits; else nothing but this contact is told.
    :param names_all: whether what is sensitive may be named to them. What was written, in texts,
        notes and tasks, may be; so else none of it is told, nor a visit of a sensitive kind.
    """

    contact: Interaction
    steps: Sequence[InteractionStep]
    zone: ZoneInfo
    hears: bool = True
    names_all: bool = True


def read_story(
    teller: Teller, *, before: Place | None = None, only: Only | None = None, at: dt.datetime
) -> Story:
    """The contact in hand and everything before it, a page at a time. Four statements at most,
    whatever there is and however far back: each source is read from `before` on, by its index.

    :param before: the last line of the page before; None for the newest.
    """
    patient = teller.contact.patient
    if patient is None:
        return Story((), None)
    told = chain.from_iterable(read() for read in _sources(teller, patient, before, only, at=at))
    found = sorted(told, key=lambda one: one.place, reverse=True)
    shown = found[:PAGE]
    lines = tuple(
        StoryLine(
            one.place.at, say_when(one.place.at, at=at, zone=teller.zone), one.said, one.is_now
        )
        for one in shown
    )
    return Story(lines, shown[-1].place if len(found) > PAGE else None)


def say_when(moment: dt.datetime, *, at: dt.datetime, zone: ZoneInfo) -> str:
    """ "Now", "40 s ago", "12 min ago", then the clock of today, then the day."""
    seconds = int((at - moment).total_seconds())
    if seconds < 60:
        return _("Now") if seconds < 5 else _("%(n)s s ago") % {"n": seconds}
    local, today = moment.astimezone(zone), at.astimezone(zone).date()
    if seconds < 3600:
        return _("%(n)s min ago") % {"n": seconds // 60}
    if local.date() == today:
        return dateformat.format(local, "g:i A")
    return dateformat.format(local, _("M j") if local.year == today.year else _("M j, Y"))


def _sources(
    teller: Teller, patient: Patient, before: Place | None, only: Only | None, *, at: dt.datetime
) -> Iterator[Callable[[], Iterator[Told]]]:
    """Those that are asked for and may be told of, each of which reads one more than a page."""
    page: dict[str, Any] = {"patient": patient, "before": before, "most": MOST}
    wants = frozenset(Only) if only is None else frozenset({only})
    if Only.CALLS in wants:
        yield partial(_steps, teller, before)
    if not teller.hears:
        return
    among = [channel for one in wants for channel in _CHANNELS.get(one, ())]
    if among:
        says_what = teller.names_all
        yield partial(contacts, **page, but=teller.contact.pk, among=among, says_what=says_what)
    if Only.VISITS in wants:
        yield partial(visits, **page, zone=teller.zone, names_all=teller.names_all, at=at)
    if Only.TEXTS in wants and teller.names_all:
        yield partial(texts, **page)
    if Only.TASKS in wants and teller.names_all:
        yield partial(tasks, **page)


_CHANNELS: Final[Mapping[Only, frozenset[Channel]]] = {
    Only.CALLS: CALLS,
    Only.TEXTS: WRITTEN,
    Only.WEB: WEB,
}


def _steps(teller: Teller, before: Place | None) -> Iterator[Told]:
    for step in teller.steps:
        place = Place(step.at, _STEP, step.pk)
        if step.kind not in _QUIET and (before is None or place < before):
            yield Told(place, _(words.STEPS.get(step.kind, step.kind)).lower(), is_now=True)
