"""Filters of the opening page: times at the site, spans, and states in words."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django import template

from outreach.rules.times import say_time
from scheduling.rules.words import say_day, say_minutes
from waitlist import opening_words as words

register = template.Library()


@register.filter
def at_site(at: dt.datetime, zone: str) -> str:
    """ "Tue Dec 1, 9:40 AM"."""
    return say_time(at, zone, "en")


@register.filter
def day_at(at: dt.datetime, zone: str) -> str:
    """ "Tue Dec 1"."""
    return say_day(at.astimezone(ZoneInfo(zone)).date())


@register.filter
def clock_at(at: dt.datetime, zone: str) -> str:
    """ "9:40 AM"."""
    return words.say_clock(at, zone)


@register.filter
def zone_at(at: dt.datetime, zone: str) -> str:
    """ "MST"."""
    return words.say_zone(at, zone)


@register.filter
def ago(at: dt.datetime, now: dt.datetime) -> str:
    """ "40 s ago"; `app.js` keeps it up in a `<time data-ago>`."""
    return f"{words.say_span((now - at).total_seconds())} ago"


@register.filter
def until(at: dt.datetime, now: dt.datetime) -> str:
    """ "in 2 h 10 min", or "now"; `app.js` keeps it up in a `<time data-until>`."""
    seconds = (at - now).total_seconds()
    return f"in {words.say_span(seconds)}" if seconds > 0 else "now"


@register.filter
def is_near(at: dt.datetime, now: dt.datetime) -> bool:
    """Less than an hour away, or past."""
    return at - now < dt.timedelta(hours=1)


@register.filter
def elapsed(span: dt.timedelta) -> str:
    """ "41.2 s"."""
    return words.say_elapsed(span)


@register.filter
def opening_chip(status: str) -> words.Chip:
    return words.OPENING[status]


@register.filter
def offer_chip(status: str) -> words.Chip:
    return words.OFFER[status]


@register.filter
def text_chip(status: str) -> words.Chip:
    return words.TEXT[status]


@register.filter
def write_chip(status: str) -> words.Chip:
    return words.WRITE[status]


@register.filter
def visit_word(status: str) -> str:
    return words.VISIT[status]


@register.filter
def mode_chip(mode: str) -> words.Chip:
    return words.MODE[mode]


@register.filter
def outcome_chip(outcome: str) -> words.Chip:
    return words.OUTCOME[outcome]


@register.filter
def minutes_word(minutes: int) -> str:
    """ "2 h 30 min"."""
    return say_minutes(minutes)


@register.filter
def mode_means(mode: str) -> str:
    """What a mode does, in a sentence or two."""
    return words.MODE_MEANS[mode]


@register.filter
def cause_word(cause: str) -> str:
    return words.CAUSE[cause]


@register.filter
def cancelled_by_word(who: str) -> str:
    return words.CANCELLED_BY[who]


@register.filter
def modality_word(modality: str) -> str:
    return words.MODALITY[modality]


@register.filter
def rule_word(name: str) -> str:
    """ "Opted out of texts" for "contact:opted-out"."""
    return words.say_rule(name)
