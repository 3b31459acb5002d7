"""Staff and their roles."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from crm import clock
from crm.admin.kinds import Kept
from crm.engine import Actor, record
from crm.models import (
    User,
)
from crm.states import Role, choices


class StaffForm(UserChangeForm):
    roles = forms.MultipleChoiceField(
        choices=choices(Role), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )


@admin.register(User)
class UserAdmin(Kept, DjangoUserAdmin):  # type: ignore[type-arg]
    """Staff and their roles. Who is above all is made on the server (`first_admin_link`)."""

    form, add_form = StaffForm, UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "said_roles", "is_active", "last_login")
    list_filter = ("is_active", "is_staff")
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Rights", {"fields": ("is_active", "is_staff", "roles")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An administrator by role cannot take over somebody who is above all roles."""
        above = (
            obj is not None and obj.is_superuser and not getattr(request.user, "is_superuser", 0)
        )
        return super().has_change_permission(request, obj) and not above

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002 Django's signature
        form_url: str = "",
    ) -> HttpResponse:
        """Whose password it was, and who set it, are in the trail."""
        with transaction.atomic():
            was = self.get_object(request, unquote(id))
            answer = super().user_change_password(request, id, form_url)
            now = self.get_object(request, unquote(id))
            if was and now and was.password != now.password:
                by = Actor.user(request.user)  # type: ignore[arg-type]
                record("crm.user.password-changed", now, by=by, at=clock.now())
        return answer

    @admin.display(description="Roles")
    def said_roles(self, user: User) -> str:
        return "everything" if user.is_superuser else ", ".join(user.roles)
