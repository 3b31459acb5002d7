"""Filters of the inventory's pages."""

from __future__ import annotations

from django import template

from desk import inventory_words as words
from scheduling.rules.inventory import Figure
from scheduling.states import Holiday

register = template.Library()


@register.filter
def figure_said(figure: Figure) -> words.FigureWords:
    return words.FIGURES[figure]


@register.filter
def how_word(modality: str) -> str:
    """ "video"; nothing of what is usual."""
    return "" if modality == "in-person" else words.MODALITIES[modality]


@register.filter
def visit_word(status: str) -> str:
    return words.VISITS.get(status, status)


@register.filter
def holiday_word(holiday: Holiday) -> str:
    return words.HOLIDAYS[holiday]


@register.filter
def restriction_word(restriction: str) -> str:
    return words.RESTRICTIONS.get(restriction, restriction)
