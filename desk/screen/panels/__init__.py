"""The answers on the right of the desk, each from its own module, in this order.

A panel is a function of the contact that gives its template what it needs; it is asked for only
once the caller is verified.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, Protocol, cast

from django.utils.translation import gettext_noop

from desk.screen.contact import DeskContact

#: What is heard waits so long for more of it, and gives way to the answer of an act of one's own,
#: which the stream tells of a moment before or after: one look, not two.
ECHO: Final = "delay:400ms"


class PanelFunction(Protocol):
    """What `desk/screen/panels/<name>.py` calls `panel`."""

    def __call__(self, contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Panel:
    """`name` is its module, its template, its address and its `id`."""

    name: str
    title: str
    icon: str
    #: After what happened to which row, or in which app to whom, it is looked at again, by the
    #: names of static/js/live.js: "crm.patient:{patient}", "scheduling:patient:{patient}". Never an
    #: event of everybody: five hundred desks would ask at once.
    hears: tuple[str, ...] = ()
    #: Whether it may be different after anything that is done in the conversation.
    follows: bool = False
    #: Whether it shows before two identifiers: it holds nothing of the patient.
    before_proof: bool = False

    @property
    def template(self) -> str:
        return f"screen/panels/{self.name}.html"

    def triggers(self, contact: DeskContact) -> str:
        """For `hx-trigger`."""
        keys = {"patient": contact.interaction.patient_id, "contact": contact.pk}
        events = [f"live:{row.format(**keys)} from:body {ECHO}" for row in self.hears]
        if self.follows:
            events.append("contact:changed from:body")
        return ", ".join(["live:resync from:body", *events])

    def read(self, contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
        module = import_module(f"desk.screen.panels.{self.name}")
        return cast("PanelFunction", module.panel)(contact, at=at)


_PATIENT = ("crm.patient:{patient}",)
_VISITS = ("scheduling:patient:{patient}",)
_TEXTS = ("outreach:patient:{patient}",)
PANELS: tuple[Panel, ...] = (
    # An offer comes with its text.
    Panel(
        "appointments",
        gettext_noop("Appointments"),
        "calendar-time",
        hears=(*_VISITS, *_TEXTS, "waitlist:patient:{patient}"),
        follows=True,
    ),
    Panel("plan", gettext_noop("Treatment plan"), "clipboard-list"),
    Panel("labs", gettext_noop("Lab and imaging"), "flask"),
    Panel("visits", gettext_noop("Previous visits"), "history"),
    Panel("refills", gettext_noop("Medicines"), "pill"),
    Panel("coverage", gettext_noop("Coverage"), "credit-card"),
    Panel(
        "sending", gettext_noop("To send or read out"), "send", (*_VISITS, *_TEXTS), follows=True
    ),
    Panel("interpreter", gettext_noop("Language"), "language", ("crm.interaction:{contact}",)),
    Panel("details", gettext_noop("How to reach them"), "id-badge-2", _PATIENT),
    Panel("social", gettext_noop("Social needs"), "heart-handshake"),
    # Looks again by itself: not under the eyes of whoever reads.
    Panel("knowledge", gettext_noop("Knowledge"), "book", before_proof=True),
    Panel("timeline", gettext_noop("Timeline"), "chart-dots", (*_VISITS, *_TEXTS), follows=True),
)
BY_NAME = {panel.name: panel for panel in PANELS}
