"""How a sender is read, as a person fills it in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.saying import translated
from integrations import validators
from integrations.cancel_reasons import MEANINGS
from integrations.models import Hl7Sender
from scheduling.states import AppointmentStatus


class TableField(forms.CharField):
    """A table of codes as lines: `7 = arrived`."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return "\n".join(f"{code} = {meaning}" for code, meaning in value.items())
        return value

    def to_python(self, value: Any) -> dict[str, str]:  # type: ignore[override]
        """:raises ValidationError: for a line without a meaning."""
        table: dict[str, str] = {}
        for line in (super().to_python(value) or "").splitlines():
            code, equals, meaning = line.rpartition("=")
            if not line.strip():
                continue
            if not (equals and code.strip() and meaning.strip()):
                raise ValidationError(gettext("Write each code on a line: 7 = arrived."))
            table[code.strip()] = meaning.strip()
        return table


def _table(label: Any, meanings: str, check: Any) -> TableField:
    widget = forms.Textarea(
        attrs={"class": "form-control inbox-table", "rows": 4, "spellcheck": "false"}
    )
    return TableField(
        label=label,
        required=False,
        help_text=format_lazy(_("A line each: code = {meanings}."), meanings=meanings),
        validators=[check],
        widget=widget,
    )


#: What an EHR may say of a visit; the other states are ours.
_TOLD = tuple(
    status
    for status in AppointmentStatus
    if status not in {AppointmentStatus.REQUESTED, AppointmentStatus.REFUSED}
)


class SenderForm(forms.ModelForm):  # type: ignore[type-arg]
    """One registration. The name is what messages say in MSH-3 and MSH-4, and stays."""

    statuses = _table(_("Status codes (SCH-25)"), ", ".join(_TOLD), validators.check_statuses)
    cancel_reasons = _table(
        _("Cancel reasons (SCH-6)"), ", ".join(MEANINGS), validators.check_cancel_reasons
    )

    class Meta:
        model = Hl7Sender
        fields = (
            "zone",
            "charset",
            "source",
            "appointment_id_from",
            "visit_type_from",
            "location_from",
            "processing_ids",
            "other_messages",
            "statuses",
            "cancel_reasons",
            "is_active",
        )
        labels = {
            "zone": _("Zone"),
            "charset": _("Character set"),
            "source": _("EHR that it speaks of"),
            "appointment_id_from": _("The visit's id is in"),
            "visit_type_from": _("The visit type is in"),
            "location_from": _("The place is the"),
            "processing_ids": _("Processing ids taken (MSH-11)"),
            "other_messages": _("Results, orders, referrals"),
            "is_active": _("Taken from this sender"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            _translate(field)
            widget = field.widget
            if isinstance(widget, forms.CheckboxInput):
                continue
            kind = "form-select" if isinstance(widget, forms.Select) else "form-control"
            widget.attrs.setdefault("class", kind)


def _translate(field: Any) -> None:
    """What the model says in English, as the admin shows it."""
    field.help_text = translated(str(field.help_text))
    if hasattr(field, "choices"):
        field.choices = [(key, translated(words)) for key, words in field.choices]


class CodeForm(forms.Form):
    """What one code stands for."""

    kind = forms.ChoiceField(choices=[(k, k) for k in ("provider", "location", "visit-type")])
    code = forms.CharField(max_length=120)
    target = forms.IntegerField(min_value=1)
