"""What staff send from the inbox page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.inbox.queries import Cursor
from integrations.states import InboxKind, InboxStatus


class FilterForm(forms.Form):
    """Which messages to list. What is not understood is left at its default, which is all."""

    status = forms.ChoiceField(choices=[(s.value, s.value) for s in InboxStatus], required=False)
    kind = forms.ChoiceField(choices=[(k.value, k.value) for k in InboxKind], required=False)
    source = forms.CharField(max_length=200, required=False)
    before = forms.CharField(max_length=40, required=False)

    @property
    def chosen(self) -> dict[str, Any]:
        """As `queries.list_messages` takes it."""
        self.is_valid()
        said = self.cleaned_data
        return {
            "status": InboxStatus(said["status"]) if said.get("status") else None,
            "kind": InboxKind(said["kind"]) if said.get("kind") else None,
            "source": said.get("source", ""),
            "after": Cursor.read(said.get("before", "")),
        }


class ActForm(forms.Form):
    """`was` is the message's state as the page showed it."""

    was = forms.CharField(max_length=24, required=False, widget=forms.HiddenInput)


class SetAsideForm(ActForm):
    """Why nothing is to be done with a message."""

    reason = forms.CharField(
        max_length=300,
        label=_("Why nothing is to be done"),
        help_text=_("Kept with the message. Without names."),
        error_messages={"required": _("Say why, in a few words.")},
        widget=forms.TextInput(
            attrs={"class": "form-control", "autocomplete": "off", "autofocus": True}
        ),
    )


class MendForm(forms.Form):
    """The copy of a message, edited."""

    body = forms.CharField(
        max_length=1_000_000,
        strip=False,
        label=_("The copy"),
        help_text=_("A segment a line. What came stays as it is, beside it."),
        error_messages={"required": _("An empty message says nothing; set it aside instead.")},
        widget=forms.Textarea(
            attrs={"class": "form-control inbox-edit", "rows": 14, "spellcheck": "false"}
        ),
    )

    def clean_body(self) -> str:
        """:raises ValidationError: for blanks only"""
        body: str = self.cleaned_data["body"]
        if not body.strip():
            raise forms.ValidationError(self.fields["body"].error_messages["required"])
        return body
