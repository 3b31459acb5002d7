"""Contacts, agents and their times in words, for the templates of those who oversee the desk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html

from crm.models import InteractionStep
from crm.saying import translated
from crm.states import StepKind
from desk.anatomy_drawing import Bar, draw
from desk.anatomy_words import VERDICTS, say_call_type, say_seconds, say_step
from desk.live_words import STATE_LOOKS, say_skill
from desk.queries.contact_times import Timed
from desk.screen.words import ACUITY_LOOK, CHANNELS, STATES, say_channel, say_state

register = template.Library()
register.filter("skill", say_skill)
register.filter("as_clock", say_seconds)


@register.simple_tag
def running(since: dt.datetime, at: dt.datetime) -> str:
    """Time that goes on, as "2:41"; app.js keeps it up."""
    words = say_seconds(max(0.0, (at - since).total_seconds()))
    return format_html('<time datetime="{}" data-since>{}</time>', since.isoformat(), words)


@register.filter
def acuity_level(acuity: str) -> str:
    """What `components/acuity.html` takes."""
    return ACUITY_LOOK.get(acuity, "routine")


@register.filter
def channel_word(channel: str) -> str:
    return say_channel(channel)[0]


@register.filter
def channel_icon(channel: str) -> str:
    return CHANNELS[channel][1]


@register.filter
def state_word(state: str) -> str:
    return say_state(state)[0]


@register.filter
def state_icon(state: str) -> str:
    return STATES[state][1]


@register.filter
def state_look(state: str) -> str:
    return STATE_LOOKS.get(state, "")


@register.filter
def call_type(code: str, names: Any = None) -> str:
    """The name of a kind of call; `names` has those that managers gave."""
    return say_call_type(code, names or {})


@register.filter
def of(found: Mapping[Any, Any], key: Any) -> Any:
    """`{{ figures|of:key }}`: a filter, since a dot takes only words."""
    return found.get(key)


@register.filter
def bars(timed: Timed) -> list[Bar]:
    """A contact's ribbon in one line of a list."""
    return draw((piece.spent, piece.seconds) for piece in timed.pieces)


@register.filter
def verdict(found: str) -> str:
    return translated(VERDICTS[found])


@register.filter
def step(row: InteractionStep) -> str:
    return say_step(StepKind(row.kind), row.code)
