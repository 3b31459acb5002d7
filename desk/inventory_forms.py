"""What the inventory's pages are asked for."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from urllib.parse import urlencode

from django import forms

from scheduling.queries.inventory import By, Supply
from scheduling.rules.inventory import Figure

SPANS: Final = (7, 14, 28)
DEFAULT_SPAN: Final = 14
_NUMBER: Final = 2**62


class MapForm(forms.Form):
    """Which supply to show, and which cell of it is open. What is not understood is left out."""

    by = forms.ChoiceField(choices=[(b.value, b.value) for b in By], required=False)
    figure = forms.ChoiceField(choices=[(f.value, f.value) for f in Figure], required=False)
    clinic = forms.IntegerField(required=False, min_value=1, max_value=_NUMBER)
    since = forms.DateField(required=False)
    days = forms.TypedChoiceField(
        choices=[(n, n) for n in SPANS], coerce=int, required=False, empty_value=None
    )
    row = forms.CharField(required=False, max_length=40)
    day = forms.DateField(required=False)
    shown = forms.BooleanField(required=False)

    def __init__(self, data: Any, *, today: dt.date) -> None:
        super().__init__(data)
        self.today = today
        self.is_valid()

    @property
    def by_row(self) -> By:
        return By(self._said("by") or By.SITE)

    @property
    def chosen_figure(self) -> Figure:
        return Figure(self._said("figure") or Figure.OPEN)

    @property
    def span(self) -> int:
        return int(self._said("days") or DEFAULT_SPAN)

    @property
    def first_on(self) -> dt.date:
        """Within what a calendar can show on both sides."""
        since: dt.date = self._said("since") or self.today
        return since if abs((since - self.today).days) < 3660 else self.today

    @property
    def supply(self) -> Supply:
        last_on = self.first_on + dt.timedelta(days=self.span - 1)
        return Supply(self.first_on, last_on, self._said("clinic"))

    @property
    def row_key(self) -> str | None:
        return self._said("row") or None

    @property
    def chosen_day(self) -> dt.date | None:
        day: dt.date | None = self._said("day")
        return day if day and self.supply.first_on <= day <= self.supply.last_on else None

    @property
    def is_open(self) -> bool:
        """Whether the slots behind a figure are asked for."""
        return bool(self._said("shown"))

    def query(self, **other: object) -> str:
        """This map as a link carries it on, with `other` instead; None leaves a part out."""
        kept: dict[str, object] = {
            "by": self.by_row.value,
            "figure": self.chosen_figure.value,
            "clinic": self._said("clinic"),
            "since": self.first_on,
            "days": self.span,
        }
        return urlencode({k: v for k, v in (kept | other).items() if v not in {None, ""}})

    def _said(self, name: str) -> Any:
        return self.cleaned_data.get(name)
