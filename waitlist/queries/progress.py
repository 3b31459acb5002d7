"""What happened to an opening since its slot was freed, step by step, from the audit trail.

In the language of the page; a reason stands as it was written down.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _

from crm.models import AuditEntry, Event
from outreach.rules.times import say_time
from scheduling.states import AppointmentStatus
from waitlist.models import Opening
from waitlist.queries.tallies import tally_of
from waitlist.states import OfferStatus, OpeningStatus, PlanStatus


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline. `since` is the time that had passed since the slot was freed."""

    at: dt.datetime
    since: dt.timedelta
    text: str
    by: str = ""
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """What the steps name: people by offer, visits by key, and how answers came in."""

    opening: Opening
    freed_at: dt.datetime
    names: Mapping[int, str]
    answered_by: Mapping[int, str]
    visits: Mapping[int, tuple[dt.datetime, str]]  # given up: when, and in which zone
    wave_numbers: Mapping[int, int]
    plan_sizes: Mapping[int, int]  # planned waves: so many people
    first_delivered_at: dt.datetime | None


#: Said by how an answer came in.
_CHANNELS = {
    "sms": gettext_noop("by text"),
    "web": gettext_noop("on the offer page"),
    "desk": gettext_noop("to the desk"),
}
#: These come in crowds: one line says how many.
_CROWDS = frozenset({OfferStatus.CLOSED, OfferStatus.EXPIRED})
_REQUESTED = "scheduling.appointment.requested"
_TAKES_SLOT = frozenset({OfferStatus.ACCEPTED, OpeningStatus.TAKEN})


def freed_at(opening: Opening) -> dt.datetime:
    """When the slot was freed: the event that led to the opening. One query."""
    freed = Event.objects.filter(
        name="scheduling.slot-freed",
        subject_type="scheduling.slot",
        subject_id=opening.slot_id,
        created_at__lte=opening.opened_at,
    )
    at = freed.order_by("-pk").values_list("created_at", flat=True).first()
    return at or opening.opened_at


def list_steps(story: Story, *, visit_ids: Collection[int]) -> tuple[Step, ...]:
    """The timeline, the latest first. One query.

    :param visit_ids: bookings of the slot, and the visits that are given up for them.
    """
    rows = AuditEntry.objects.filter(
        Q(subject_type="waitlist.opening", subject_id=story.opening.pk)
        | Q(subject_type="waitlist.wave", subject_id__in=list(story.wave_numbers))
        | Q(subject_type="waitlist.plannedwave", subject_id__in=list(story.plan_sizes))
        | Q(subject_type="waitlist.offer", subject_id__in=list(story.names))
        | Q(subject_type="scheduling.appointment", subject_id__in=list(visit_ids)),
        at__gte=story.freed_at,
    ).order_by("pk")
    steps = [_step(story, story.freed_at, _("Slot freed")), *_told_steps(story, list(rows))]
    if story.first_delivered_at is not None:
        steps.append(_step(story, story.first_delivered_at, _("First text delivered")))
    steps.sort(key=lambda step: step.at)  # stable: of one instant, in the order of the trail
    return tuple(reversed(steps))


def _told_steps(story: Story, rows: list[AuditEntry]) -> Iterator[Step]:
    crowds = Counter((row.at, row.to_status) for row in rows if _in_crowd(row))
    for row in _causes_first(rows):
        if _in_crowd(row):
            number = crowds.pop((row.at, row.to_status), 0)
            if number:
                yield _step(story, row.at, _say_crowd(row.to_status, number))
            continue
        step = _told_step(story, row)
        if step is not None:
            yield step


def _say_crowd(status: str, number: int) -> str:
    if status == OfferStatus.CLOSED:
        words = ngettext("%(n)s open offer closed", "%(n)s open offers closed", number)
    else:
        words = ngettext(
            "%(n)s offer not answered in time", "%(n)s offers not answered in time", number
        )
    return words % {"n": number}


def _causes_first(rows: list[AuditEntry]) -> list[AuditEntry]:
    """A yes takes the slot before it is written down as a yes; told, it is the other way round."""
    asked = {row.at: row for row in rows if row.verb == _REQUESTED}
    told: list[AuditEntry] = []
    for row in rows:
        if row.verb == _REQUESTED:
            continue
        told.append(row)
        if row.to_status in _TAKES_SLOT and row.at in asked:
            told.append(asked.pop(row.at))
    return told + list(asked.values())


def _in_crowd(row: AuditEntry) -> bool:
    return row.subject_type == "waitlist.offer" and row.to_status in _CROWDS


def _told_step(story: Story, row: AuditEntry) -> Step | None:
    if row.subject_type == "waitlist.opening":
        return _of_opening(story, row)
    if row.subject_type == "waitlist.offer":
        return _of_offer(story, row)
    if row.subject_type == "waitlist.wave":
        return _of_wave(story, row)
    if row.subject_type == "waitlist.plannedwave":
        return _of_plan(story, row)
    return _of_visit(story, row)


def _of_wave(story: Story, row: AuditEntry) -> Step:
    size = row.detail.get("size", 0)
    by = row.actor_label if row.actor_kind == "user" else ""
    words = ngettext(
        "Wave %(wave)s: %(n)s person offered it", "Wave %(wave)s: %(n)s people offered it", size
    )
    told = {"wave": story.wave_numbers[row.subject_id], "n": size}
    return _step(story, row.at, words % told, by=by)


def _of_plan(story: Story, row: AuditEntry) -> Step | None:
    by = row.actor_label if row.actor_kind == "user" else ""
    size = story.plan_sizes[row.subject_id]
    if row.verb == "waitlist.plan.watched":
        words = ngettext(
            "Shadow: %(n)s person would have been asked",
            "Shadow: %(n)s people would have been asked",
            size,
        )
        return _step(story, row.at, words % {"n": size})
    if row.verb == "waitlist.plan.proposed":
        words = ngettext(
            "A wave for %(n)s person waits for a person",
            "A wave for %(n)s people waits for a person",
            size,
        )
        return _step(story, row.at, words % {"n": size})
    if row.to_status == PlanStatus.LAPSED:
        return _step(story, row.at, _because(_("That wave was not sent: %(why)s"), row), by=by)
    if row.to_status == PlanStatus.PUT_OFF:
        return _step(story, row.at, _("Not now"), by=by)
    return None


def _of_opening(story: Story, row: AuditEntry) -> Step | None:
    opening = story.opening
    text, by = _of_mode(row), row.actor_label if row.actor_kind == "user" else ""
    match row.from_status, row.to_status:
        case _, "" if row.verb == "waitlist.opening.opened":
            text = _("Opening made")
        case OpeningStatus.MATCHING, OpeningStatus.OFFERING | OpeningStatus.WATCHING:
            text = tally_of(opening).told
        case OpeningStatus.PAUSED, OpeningStatus.MATCHING | OpeningStatus.OFFERING:
            text = _("Resumed")
        case OpeningStatus.CLAIMED, OpeningStatus.OFFERING | OpeningStatus.PAUSED:
            text = _because(_("Open again: %(why)s"), row)
        case _, OpeningStatus.PAUSED:
            text = _("Paused")
        case _, OpeningStatus.FILLED:
            text = _("Filled")
        case _, OpeningStatus.TAKEN:
            text, by = _because(_("Closed: %(why)s"), row), ""
        case _, OpeningStatus.WITHDRAWN:
            text = _because(_("Withdrawn: %(why)s"), row)
        case _, OpeningStatus.EXPIRED:
            return _step(story, row.at, _("Its deadline passed"), is_bad=True)
    return _step(story, row.at, text, by=by) if text else None


def _of_mode(row: AuditEntry) -> str:
    """What the clinic's own rules did to an opening: its mode, and the day that it keeps."""
    match row.from_status, row.to_status:
        case _, "" if row.verb == "waitlist.opening.mode-changed":
            return _("Mode of the clinic: %(mode)s") % {"mode": row.detail["now"]}
        case OpeningStatus.LATER, OpeningStatus.MATCHING:
            return _("Its own day or week has come")
        case OpeningStatus.OFFERING | OpeningStatus.PAUSED, OpeningStatus.WATCHING:
            return _because(_("Only watched from now on: %(why)s"), row)
        case OpeningStatus.WATCHING, OpeningStatus.OFFERING:
            return _because(_("Offered for real from now on: %(why)s"), row)
    return ""


def _of_offer(story: Story, row: AuditEntry) -> Step | None:
    how = _CHANNELS.get(story.answered_by.get(row.subject_id, ""), "")
    told = {"name": story.names[row.subject_id], "how": _(how)}
    by = row.actor_label if row.actor_kind == "user" else ""
    match row.to_status:
        case OfferStatus.ACCEPTED if row.from_status == OfferStatus.NEXT_IN_LINE:
            return _step(story, row.at, _("%(name)s, next in line, has it now") % told)
        case OfferStatus.ACCEPTED:
            return _step(story, row.at, (_("%(name)s said yes %(how)s") % told).strip(), by=by)
        case OfferStatus.NEXT_IN_LINE:
            words = _("%(name)s said yes, too, and is next in line")
            return _step(story, row.at, words % told, by=by)
        case OfferStatus.DECLINED:
            return _step(story, row.at, (_("%(name)s said no %(how)s") % told).strip(), by=by)
        case OfferStatus.UNREACHED:
            return _step(story, row.at, _("%(name)s could not be texted") % told, is_bad=True)
        case _:
            return None


def _of_visit(story: Story, row: AuditEntry) -> Step | None:
    given_up = story.visits.get(row.subject_id)
    if given_up is not None:
        if row.to_status != AppointmentStatus.CANCELLED:
            return None
        told = {"time": say_time(*given_up, get_language() or "en")}
        return _step(story, row.at, _("Gave back %(time)s") % told)
    if row.verb == _REQUESTED:
        return _step(story, row.at, _("Booking asked of the EHR"))
    said = (
        {
            AppointmentStatus.BOOKED: _("Booked in the EHR and read back"),
            AppointmentStatus.REFUSED: _because(_("The EHR would not book it: %(why)s"), row),
            AppointmentStatus.CANCELLED: _("The new visit was cancelled"),
        }.get(AppointmentStatus(row.to_status))
        if row.to_status
        else None
    )
    if said is None:
        return None
    return _step(story, row.at, said, is_bad=row.to_status != AppointmentStatus.BOOKED)


def _because(words: str, row: AuditEntry) -> str:
    return words % {"why": row.reason}


def _step(story: Story, at: dt.datetime, text: str, *, by: str = "", is_bad: bool = False) -> Step:
    return Step(at=at, since=at - story.freed_at, text=text, by=by, is_bad=is_bad)
