"""Forms of the way in."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import SetPasswordMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _

from crm.models import User


class FirstAdminForm(SetPasswordMixin, forms.Form):  # type: ignore[type-arg]  # no runtime generic
    """The first administrator's name and password, behind a one-time link."""

    username = forms.CharField(
        label=_("Username"), max_length=150, validators=[UnicodeUsernameValidator()]
    )
    password1, password2 = SetPasswordMixin.create_password_fields()

    def clean(self) -> dict[str, object]:
        """Django's own password rules, with the name that is being chosen."""
        self.validate_passwords()
        self.validate_password_for_user(User(username=self.cleaned_data.get("username", "")))
        return super().clean() or self.cleaned_data
