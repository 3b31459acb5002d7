"""Filters of the inbox page: states and kinds in words."""

from __future__ import annotations

from django import template

from integrations.inbox import words
from integrations.states import InboxStatus

register = template.Library()


@register.filter
def inbox_chip(status: str) -> words.Chip:
    return words.STATES[status]


@register.filter
def kind_word(kind: str) -> str:
    return words.KINDS[kind]


@register.filter
def or_what(outcome: str, status: InboxStatus) -> str:
    """The outcome; what the state means where there is none."""
    return outcome or words.WITHOUT_OUTCOME.get(status, "")
