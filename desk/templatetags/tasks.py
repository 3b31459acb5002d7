"""Filters of the page of tasks: kinds, states and readings in words."""

from __future__ import annotations

from django import template

from desk import task_words as words

register = template.Library()


@register.filter
def kind_words(kind: str) -> words.Kind:
    return words.KINDS[kind]


@register.filter
def task_chip(status: str) -> words.Chip:
    return words.STATES[status]


@register.filter
def reading_word(reading: str) -> str:
    """ "read as a question"; a reading that is new to this page as it is called."""
    return words.READINGS.get(reading, reading)


@register.filter
def language_word(code: str) -> str:
    """ "Spanish"; other languages by the code that the EHR gave."""
    return words.LANGUAGES.get(code, code)
