"""Icons of the sprite. Every template has this tag: settings name the module as a builtin."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
SPRITE = "vendor/tabler-icons-3.51.0/sprite.svg"
_SILENT = SafeString('aria-hidden="true"')


@register.simple_tag
def icon(name: str, *, label: str = "", size: str = "") -> SafeString:
    """`{% icon "phone" %}` beside a word; with a `label` where it stands alone.

    :param name: as in static/vendor/icons.txt.
    :param size: "lg" for a larger one.
    """
    return _draw(str(name), str(label), size)


@lru_cache(maxsize=2048)
def _draw(name: str, label: str, size: str) -> SafeString:
    """A page has hundreds, of a few dozen kinds; their file is the same while a process lives."""
    said = format_html('role="img" aria-label="{}"', label) if label else _SILENT
    more = f" {size}" if size else ""
    return format_html(
        '<svg class="icon{}" {}><use href="{}#{}"></use></svg>', more, said, static(SPRITE), name
    )
