"""The menu of the inventory's pages. A new page adds its line here, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_noop as _

from crm.permissions import (
    can_book_slots,
    can_run_openings,
    can_view_catalog,
    can_view_demand,
    can_view_knowledge,
    can_view_openings,
    can_view_patients,
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the menu: its name there, its URL's name, its icon, and who may see it.

    The name is translated where it is shown.
    """

    word: str
    view: str
    icon: str
    can: Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class Link:
    """A page as one person's menu shows it."""

    word: str
    url: str
    icon: str
    is_current: bool


#: In the order of the menu. A page that this installation does not have is left out.
INVENTORY = (
    Page(_("Find a slot"), "desk:slots", "search", can_book_slots),
    Page(_("Visits to work on"), "desk:visit-work", "list-check", can_view_patients),
    Page(_("Plans"), "desk:plans", "route", can_book_slots),
    Page(_("Inventory"), "desk:inventory", "chart-dots", can_view_openings),
    Page(_("Schedules"), "desk:schedules", "calendar-repeat", can_view_openings),
    Page(_("Rules"), "desk:rules", "adjustments-horizontal", can_view_openings),
    Page(_("Visit types"), "desk:visit-types", "list-details", can_view_catalog),
    Page(_("Decision trees"), "desk:trees", "route", can_view_catalog),
    Page(_("Knowledge and scripts"), "desk:knowledge", "book", can_view_knowledge),
    Page(_("New patients"), "desk:ramp", "scale", can_view_catalog),
    Page(_("Booking links"), "book-links:links", "link", can_view_openings),
    Page(_("Lost demand"), "desk:demand", "target-arrow", can_view_demand),
    Page(_("Mass rescheduling"), "desk:mass", "switch-horizontal", can_run_openings),
)


def inventory_links(user: object, path: str) -> list[Link]:
    """What `user` finds in the menu while at `path`."""
    found = []
    for page in INVENTORY:
        try:
            url = reverse(page.view)
        except NoReverseMatch:
            continue
        if page.can(user):
            found.append(Link(page.word, url, page.icon, is_current=path.startswith(url)))
    return found
