"""Who is on call, kept up by administrators."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from phonenumber_field.formfields import PhoneNumberField

from crm.admin.kinds import Kept
from crm.models import OnCall, Phone


class OnCallForm(forms.ModelForm):  # type: ignore[type-arg]  # no generic at run time
    """With the number itself: a clinician's pager stands in no patient's record."""

    number = PhoneNumberField(
        region="US",
        required=False,
        label="Texts go to",
        help_text="The number that they gave for it. None: they are asked on their screen alone.",
    )

    class Meta:
        model = OnCall
        fields = ("user", "number", "specialty", "location_id", "level", "starts_at", "ends_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        phone = self.instance.phone
        self.fields["number"].initial = phone.number if phone else None

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        starts, ends = found.get("starts_at"), found.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", "A turn ends after it starts.")
        return found

    def save(self, commit: bool = True) -> OnCall:  # noqa: FBT001 Django's signature
        number = self.cleaned_data["number"]
        self.instance.phone = Phone.objects.get_or_create(number=number)[0] if number else None
        made: OnCall = super().save(commit)
        return made


@admin.register(OnCall)
class OnCallAdmin(Kept):
    """Turns on call. A turn that is over stays, for whoever asks later who was paged."""

    form = OnCallForm
    list_display = ("user", "specialty", "level", "starts_at", "ends_at")
    list_filter = ("specialty", "level")
    autocomplete_fields = ("user",)
    date_hierarchy = "starts_at"
