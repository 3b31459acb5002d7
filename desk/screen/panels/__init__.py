"""The answers on the right of the desk, each from its own module, in this order.

A panel is a function of the contact that gives its template what it needs; it is asked for only
once the caller is verified.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, cast

from desk.screen.contact import DeskContact


class PanelFunction(Protocol):
    """What `desk/screen/panels/<name>.py` calls `panel`."""

    def __call__(self, contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Panel:
    """`name` is its module, its template, its address and its `id`."""

    name: str
    title: str
    icon: str
    #: Events after which it is looked at again.
    hears: tuple[str, ...] = ()

    @property
    def template(self) -> str:
        return f"screen/panels/{self.name}.html"

    @property
    def triggers(self) -> str:
        """For `hx-trigger`."""
        events = ("contact:changed", "live:resync", *(f"live:{name}" for name in self.hears))
        return ", ".join(f"{event} from:body" for event in events)

    def read(self, contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
        module = import_module(f"desk.screen.panels.{self.name}")
        return cast("PanelFunction", module.panel)(contact, at=at)


PANELS: tuple[Panel, ...] = (
    Panel("appointments", "Appointments", "calendar-time", ("scheduling.appointment-changed",)),
    Panel("plan", "Treatment plan", "clipboard-list"),
    Panel("labs", "Lab and imaging", "flask"),
    Panel("visits", "Previous visits", "history"),
    Panel("refills", "Medicines", "pill"),
    Panel("coverage", "Coverage", "credit-card"),
    Panel("timeline", "This journey", "chart-dots"),
)
BY_NAME = {panel.name: panel for panel in PANELS}
