"""Plans in words of the desk."""

from __future__ import annotations

import datetime as dt
from typing import Final

from desk.visit_words import Chip
from scheduling.queries.plans import Asked, Look
from scheduling.rules.plans import Lacking, Short, Step
from scheduling.rules.words import say_day, say_list
from scheduling.states import PlanStatus

STATES: Final[dict[PlanStatus, Chip]] = {
    PlanStatus.REQUESTED: Chip("Requested", "clock", "a-6h"),
    PlanStatus.BOOKED: Chip("Booked", "calendar-check", "good"),
    PlanStatus.BROKEN: Chip("One is off", "alert-triangle", "a-2h"),
    PlanStatus.SETTLED: Chip("Left as it is", "check"),
    PlanStatus.CALLED_OFF: Chip("Given up", "calendar-cancel"),
}


def say_gap(step: Step) -> str:
    """ "14 to 21 days later"; empty for a step that sets no days."""
    return say_days(step.least_days, step.most_days)


def say_days(least: int, most: int) -> str:
    if not most:
        return "the same day"
    return f"{least} days later" if least == most else f"{least} to {most} days later"


def say_needs(asked: Asked) -> str:
    return say_list(need.what for need in asked.needs) if asked.needs else ""


def say_lacking(look: Look) -> str:
    """Which visit no way reaches, and why."""
    lacking = look.lacking
    if lacking is None:
        return ""
    asked = look.asked[lacking.step]
    name = asked.rule.name
    match lacking.short:
        case Short.TIMES | Short.DAYS:
            gap = f" {say_gap(asked.rule)}," if lacking.step else ""
            return f"{name}: there is no open time{gap}{_between(lacking)}."
        case Short.CLINICIAN:
            return (
                f"{name}: no open time with the clinician of the visit before{_between(lacking)}."
            )
        case _:
            return (
                f"{name}: there are open times{_between(lacking)}, but never together with "
                f"{say_needs(asked)}."
            )


def _between(lacking: Lacking) -> str:
    if lacking.first_on is None or lacking.last_on is None:
        return ""
    return f" from {_day(lacking.first_on)} to {_day(lacking.last_on)}"


def _day(day: dt.date) -> str:
    return say_day(day)
