"""Words for codes, in the templates of knowledge."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def named(names: Mapping[str, str], code: str) -> str:
    """The name that goes with a code, or the code where there is none."""
    return names.get(code, code)
