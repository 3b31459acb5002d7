"""Keeping weekly patterns, what differs from them, leave and holidays.

None of it touches a slot: that is shown first, and applied (`actions.templates`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction

from crm.engine import Actor, insert_or_none, publish, record
from scheduling import locks
from scheduling.models import (
    Absence,
    Location,
    PatternException,
    ProviderRole,
    SiteHoliday,
    WeeklyPattern,
)
from scheduling.queries.schedules import pattern_facts
from scheduling.rules.templates import clash
from scheduling.states import Holiday


class SessionsClash(Exception):
    """The clinician would be in two sessions at once; the text says which other it is."""


class NotOurSchedule(Exception):
    """The clinic's EHR owns its schedule: changes are proposals."""


class SameAgain(Exception):
    """That date has its exception already."""


def save_pattern(*, pattern: WeeklyPattern, by: Actor, at: dt.datetime) -> WeeklyPattern:
    """Store a new or changed pattern. Locks the clinician's roles, so that no two are saved that
    clash, at whichever clinics.

    Publishes `scheduling.pattern-saved`.

    :raises NotOurSchedule: when the clinic's EHR owns the schedule.
    :raises SessionsClash: when the clinician has another session then.
    """
    if not pattern.role.clinic.owns_schedule:
        raise NotOurSchedule("The clinic’s EHR owns this schedule: propose the change.")  # noqa: RUF001
    with transaction.atomic():
        theirs = ProviderRole.objects.filter(provider=pattern.role.provider_id)
        locks.lock_roles(theirs.values_list("pk", flat=True))
        _check_clash(pattern)
        is_new = pattern.pk is None
        pattern.save()
        verb = "added" if is_new else "changed"
        record(f"scheduling.pattern.{verb}", pattern, by=by, at=at)
        publish("scheduling.pattern-saved", pattern, at=at)
    return pattern


def _check_clash(pattern: WeeklyPattern) -> None:
    """At all the clinician's clinics: nobody is at two sites at once."""
    mine = pattern_facts(pattern)
    others = WeeklyPattern.objects.filter(
        role__provider=pattern.role.provider_id, weekday=pattern.weekday
    ).exclude(pk=pattern.pk)
    for other in others.select_related("role__clinic", "release_rule"):
        if clash(mine, pattern_facts(other)):
            hours = f"{other.starts_time:%H:%M} to {other.ends_time:%H:%M}"
            raise SessionsClash(
                f"The clinician has another session then: {other.get_weekday_display()}, {hours}, "
                f"{other.role.clinic.name}."
            )


def end_pattern(
    *, pattern: WeeklyPattern, last_on: dt.date, by: Actor, at: dt.datetime
) -> WeeklyPattern:
    """Let a pattern hold until `last_on`, included; what it made until then stays.

    Publishes `scheduling.pattern-saved`.
    """
    with transaction.atomic():
        locks.lock_roles([pattern.role_id])
        pattern.valid_until_on = max(last_on, pattern.valid_from_on)
        pattern.save(update_fields=["valid_until_on"])
        record("scheduling.pattern.ended", pattern, by=by, at=at, last_on=str(last_on))
        publish("scheduling.pattern-saved", pattern, at=at)
    return pattern


def add_exception(*, exception: PatternException, by: Actor, at: dt.datetime) -> PatternException:
    """One date on which a pattern differs. Publishes `scheduling.pattern-saved`.

    :raises SameAgain: when that date has its exception already.
    """
    with transaction.atomic():
        made = insert_or_none(exception)
        if made is None:
            raise SameAgain("That date has its exception already. Remove it first.")
        pattern = made.pattern
        record(
            "scheduling.pattern.exception-added",
            pattern,
            by=by,
            at=at,
            reason=made.reason,
            on=str(made.on),
            kind=made.kind,
        )
        publish("scheduling.pattern-saved", pattern, at=at)
    return made


def remove_exception(*, exception: PatternException, by: Actor, at: dt.datetime) -> None:
    """That date is like the others again. Publishes `scheduling.pattern-saved`."""
    with transaction.atomic():
        pattern, on = exception.pattern, str(exception.on)
        exception.delete()
        record("scheduling.pattern.exception-removed", pattern, by=by, at=at, on=on)
        publish("scheduling.pattern-saved", pattern, at=at)


def add_absence(*, absence: Absence, by: Actor, at: dt.datetime) -> Absence:
    """Leave of a clinician, or the closing of a site. Publishes `scheduling.absence-added`."""
    with transaction.atomic():
        absence.save(force_insert=True)
        record("scheduling.absence.added", absence, by=by, at=at, reason=absence.reason)
        publish("scheduling.absence-added", absence, at=at)
    return absence


def remove_absence(*, absence: Absence, by: Actor, at: dt.datetime) -> None:
    """Called off. Publishes `scheduling.absence-removed`."""
    with transaction.atomic():
        record("scheduling.absence.removed", absence, by=by, at=at, reason=absence.reason)
        publish("scheduling.absence-removed", absence, at=at)
        absence.delete()


def keep_holidays(
    *, location: Location, holidays: Collection[Holiday], by: Actor, at: dt.datetime
) -> None:
    """On which federal holidays a site is closed, each year."""
    with transaction.atomic():
        locks.lock_names(f"holidays of {location.pk}")  # of two lists one holds, never both
        kept = SiteHoliday.objects.filter(location=location)
        kept.exclude(holiday__in=holidays).delete()
        SiteHoliday.objects.bulk_create(
            [SiteHoliday(location=location, holiday=holiday) for holiday in holidays],
            ignore_conflicts=True,
        )
        said = sorted(str(holiday) for holiday in holidays)
        record("scheduling.location.holidays-set", location, by=by, at=at, holidays=said)
