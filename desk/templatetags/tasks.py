"""Filters of the page of tasks: kinds, states and readings in words."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from crm.saying import translated
from desk import alert_words
from desk import task_words as words

register = template.Library()


@register.filter
def kind_words(kind: str) -> words.Kind:
    kind_of = words.KINDS[kind]
    return kind_of._replace(word=_(kind_of.word), advice=_(kind_of.advice))


@register.filter
def task_chip(status: str) -> words.Chip:
    chip = words.STATES[status]
    return chip._replace(word=_(chip.word))


@register.filter
def reading_word(reading: str) -> str:
    """ "read as a question"; a reading that is new to this page as it is called."""
    return translated(words.READINGS.get(reading, reading))


@register.filter
def language_word(code: str) -> str:
    """ "Spanish"; other languages by the code that the EHR gave."""
    return translated(words.LANGUAGES.get(code, code))


@register.filter
def level_words(level: str) -> alert_words.LevelWords:
    found = alert_words.LEVELS[level]
    return found._replace(word=_(found.word), advice=_(found.advice))


@register.filter
def help_line(line: str) -> str:
    """ "Poison Help, 1-800-222-1222"."""
    return translated(alert_words.LINES[line])


@register.filter
def doubt_word(doubt: str) -> str:
    return translated(alert_words.DOUBTS[doubt])


@register.filter
def outcome_word(outcome: str) -> str:
    return translated(alert_words.OUTCOMES[outcome])


@register.filter
def intent_words(reading: str) -> tuple[str, str]:
    """What a held text also asked for, and the button that has it done."""
    said, button = alert_words.INTENTS[reading]
    return _(said), _(button)
