"""Filters of the inbox page: states and kinds in words."""

from __future__ import annotations

from django import template

from crm.saying import translated
from integrations.inbox import words
from integrations.inbox.said import say_chosen, say_outcome
from integrations.states import InboxStatus

register = template.Library()
register.filter("outcome", say_outcome)
register.filter("chosen_words", say_chosen)


@register.filter
def inbox_chip(status: str) -> words.Chip:
    return words.STATES[status]


@register.filter
def kind_word(kind: str) -> str:
    return translated(words.KINDS[kind])


@register.filter
def or_what(outcome: str, status: InboxStatus) -> str:
    """The outcome; what the state means where there is none."""
    return say_outcome(outcome or words.WITHOUT_OUTCOME.get(status, ""))


@register.filter
def replay_word(status: str) -> str:
    return translated(words.REPLAYS[status])


@register.filter
def door_word(door: str) -> str:
    return translated(words.DOORS[door])
