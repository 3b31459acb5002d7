"""Filters of the opening page: times at the site, spans, and states in words.

All in the language of the page; the words themselves are kept in English (`opening_words`).
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django import template
from django.utils import dateformat
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from outreach.rules.times import say_time
from scheduling.rules.words import say_minutes
from waitlist import opening_words as words

register = template.Library()


def _said(chip: words.Chip) -> words.Chip:
    return chip._replace(word=_(chip.word))


@register.filter
def at_site(at: dt.datetime, zone: str) -> str:
    """ "Tue Dec 1, 9:40 AM"."""
    return say_time(at, zone, get_language() or "en")


@register.filter
def day_at(at: dt.datetime, zone: str) -> str:
    """ "Tue Dec 1"."""
    return dateformat.format(at.astimezone(ZoneInfo(zone)), _("D M j"))


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
    return _("%(span)s ago") % {"span": words.say_span((now - at).total_seconds())}


@register.filter
def until(at: dt.datetime, now: dt.datetime) -> str:
    """ "in 2 h 10 min", or "now"; `app.js` keeps it up in a `<time data-until>`."""
    seconds = (at - now).total_seconds()
    return _("in %(span)s") % {"span": words.say_span(seconds)} if seconds > 0 else _("now")


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
    return _said(words.OPENING[status])


@register.filter
def offer_chip(status: str) -> words.Chip:
    return _said(words.OFFER[status])


@register.filter
def text_chip(status: str) -> words.Chip:
    return _said(words.TEXT[status])


@register.filter
def write_chip(status: str) -> words.Chip:
    return _said(words.WRITE[status])


@register.filter
def visit_word(status: str) -> str:
    return _(words.VISIT[status])


@register.filter
def mode_chip(mode: str) -> words.Chip:
    return _said(words.MODE[mode])


@register.filter
def outcome_chip(outcome: str) -> words.Chip:
    return _said(words.OUTCOME[outcome])


@register.filter
def minutes_word(minutes: int) -> str:
    """ "2 h 30 min"."""
    return say_minutes(minutes)


@register.filter
def mode_means(mode: str) -> str:
    """What a mode does, in a sentence or two."""
    return _(words.MODE_MEANS[mode])


@register.filter
def cause_word(cause: str) -> str:
    return _(words.CAUSE[cause])


@register.filter
def cancelled_by_word(who: str) -> str:
    return _(words.CANCELLED_BY[who])


@register.filter
def modality_word(modality: str) -> str:
    return _(words.MODALITY[modality])


@register.filter
def rule_word(name: str) -> str:
    """ "Opted out of texts" for "contact:opted-out"."""
    return _(words.say_rule(name))
