"""The request for a refill: which medicine, where, and how much is left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Medication

#: The choice of one that is not in the chart.
OTHER: Final = "other"


class RefillForm(forms.Form):
    """Days left must be said, if only that they do not know: a critical drug hangs on it."""

    medication = forms.ChoiceField(
        label=gettext_lazy("Medicine"),
        error_messages={
            "required": gettext_lazy("Choose the medicine."),
            "invalid_choice": gettext_lazy("Choose it again."),
        },
    )
    drug = forms.CharField(
        label=gettext_lazy("If another, as they call it"), max_length=160, required=False
    )
    days_left = forms.IntegerField(
        label=gettext_lazy("Days left"),
        min_value=0,
        max_value=400,
        required=False,
        error_messages={"invalid": gettext_lazy("A number of days; 0 when they are out.")},
    )
    unknown = forms.BooleanField(label=gettext_lazy("Not known"), required=False)
    pharmacy = forms.CharField(label=gettext_lazy("Pharmacy"), max_length=160, required=False)

    def __init__(self, *args: Any, medications: Sequence[Medication], **kwargs: Any) -> None:
        kwargs.setdefault("prefix", "refill")
        super().__init__(*args, **kwargs)
        self._rows = {str(row.pk): row for row in medications}
        choices = [(pk, row.name) for pk, row in self._rows.items()]
        field = self.fields["medication"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 for the type checker
        field.choices = [("", _("Choose…")), *choices, (OTHER, _("Another one"))]
        first = next((row.pharmacy for row in medications if row.pharmacy), "")
        self.fields["pharmacy"].initial = first  # unless they have said one
        for bound in self.visible_fields():
            is_choice = isinstance(bound.field, forms.ChoiceField)
            if not isinstance(bound.field, forms.BooleanField):
                bound.field.widget.attrs["class"] = "form-select" if is_choice else "form-control"

    def clean(self) -> dict[str, Any]:
        """A medicine of either kind, and days left or that they do not know."""
        said = super().clean() or {}
        if said.get("medication") == OTHER and not said.get("drug", "").strip():
            self.add_error("drug", _("Write what they call it."))
        if said.get("days_left") is None and not said.get("unknown") and "days_left" in said:
            self.add_error("days_left", _("Ask how many days are left, or tick “Not known”."))
        return said

    @property
    def chosen(self) -> Medication | None:
        """The medicine of the chart; None for one that only the caller names."""
        return self._rows.get(self.cleaned_data["medication"])

    @property
    def days(self) -> int | None:
        """As the caller says; not knowing outweighs a number that was left standing."""
        said: int | None = self.cleaned_data.get("days_left")
        return None if self.cleaned_data.get("unknown") else said
