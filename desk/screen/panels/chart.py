"""What the panels of a chart share: who may hear it, how old it is, and how it is asked anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from django.utils.translation import gettext_noop

from crm.models.chart import ChartRow
from crm.queries.chart import PartOfChart
from crm.saying import translated
from crm.states import ChartPart
from desk.screen.contact import DeskContact

Row = TypeVar("Row", bound=ChartRow)
NOT_THEIRS: Final = gettext_noop(
    "Not for whoever speaks: say nothing of it, not even whether there is any."
)


@dataclass(frozen=True, slots=True)
class Head:
    """The top of a panel. `why_not` where nothing of it may be told to whoever speaks."""

    name: str  # of the panel
    part: PartOfChart
    patient_id: int
    why_not: str = ""

    @property
    def is_open(self) -> bool:
        return not self.why_not

    @property
    def hears(self) -> str:
        """For `hx-trigger`: when this very part has been read; while it is being, every few
        seconds as well, so that its age is true and a lost stream is no matter."""
        pk = self.part.pk
        read = f"live:crm.chart-read:patient:{self.patient_id}"  # while none has been asked for
        event = f"live:crm.chartfetch:{pk}" if pk else read
        again = ", every 5s" if self.part.freshness.is_asking else ""
        return f"{event} from:body{again}"


def read_head(contact: DeskContact, part: ChartPart, *, name: str) -> Head:
    """The head of the panel `name`. The patient of a verified contact is known."""
    patient_id = contact.interaction.patient_id or 0
    why_not = "" if contact.hears(part) else translated(NOT_THEIRS)
    return Head(name, contact.chart[part], patient_id, why_not)


def shown_to(contact: DeskContact, rows: Sequence[Row]) -> tuple[list[Row], int]:
    """Those that may be named to whoever speaks, and how many others there are."""
    if may_name_all(contact):
        return list(rows), 0
    shown = [row for row in rows if not row.is_sensitive]
    return shown, len(rows) - len(shown)


def may_name_all(contact: DeskContact) -> bool:
    """Whether what is sensitive may be named to whoever speaks."""
    return contact.names_all


def today_of(contact: DeskContact, *, at: dt.datetime) -> dt.date:
    """The day where the patient is."""
    return contact.day_of(at)
