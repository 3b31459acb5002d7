"""`{% inventory_menu as pages %}`: the pages under "Inventory" that somebody may see."""

from __future__ import annotations

from typing import Any

from django import template

from desk.navigation import Link, inventory_links

register = template.Library()


@register.simple_tag(takes_context=True)
def inventory_menu(context: dict[str, Any]) -> list[Link]:
    """None of them on an error page, which knows no request."""
    request = context.get("request")
    return inventory_links(request.user, request.path) if request else []
