"""Staff, patients and the trail, for administrators. Thin: states change through actions only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from crm import clock
from crm.actions import record_views
from crm.engine import Actor, record
from crm.engine.audit import subject_type
from crm.models import (
    AuditEntry,
    ConsentEntry,
    Coverage,
    Event,
    EventDelivery,
    Interaction,
    Journey,
    Patient,
    PatientIdentifier,
    PatientPhone,
    Phone,
    Proxy,
    Task,
    User,
)
from crm.permissions import can_keep_patient_needs, can_manage_staff, can_view_patients
from crm.states import Role, choices

admin.site.unregister(Group)  # rights come with roles


class _Guarded:
    """Who may open it; Django's own model permissions are not asked."""

    def may(self, user: object) -> bool:
        return can_manage_staff(user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is deleted here: rows are switched off, ended or kept as they were."""
        return False


class LookOnly(_Guarded, ModelAdmin):
    """Rows to look at: nobody adds, changes or deletes them here."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OfPatients(LookOnly):
    """Rows that name a patient: whoever reads one, or a page of them, leaves a trace."""

    #: From the row to the patient's key; a dotted path where the row itself has none.
    patient_path = "patient_id"

    def may(self, user: object) -> bool:
        return can_view_patients(user)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer: HttpResponse = super().changelist_view(request, *args, **kwargs)
        listed = (getattr(answer, "context_data", None) or {}).get("cl")
        if listed is not None and answer.status_code == 200:
            self._note(request, list(listed.result_list), "list")
        return answer

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer: HttpResponse = super().changeform_view(request, *args, **kwargs)
        row = self.get_object(request, str(kwargs.get("object_id") or args[0]))
        if row is not None and answer.status_code == 200:
            self._note(request, [row], str(row.pk))
        return answer

    def _note(self, request: HttpRequest, rows: list[Model], which: str) -> None:
        patients = {pk for pk in map(self._patient_of, rows) if pk is not None}
        if patients:
            what = f"admin, {subject_type(rows[0])} {which}"
            by = Actor.user(request.user)  # type: ignore[arg-type]
            record_views(patients, by=by, at=clock.now(), what=what)

    def _patient_of(self, row: Any) -> int | None:
        for name in self.patient_path.split("."):
            row = getattr(row, name, None)
        pk: int | None = row
        return pk


class Kept(_Guarded, ModelAdmin):
    """Rows that administrators keep up; each change is in the trail."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request.user)

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:  # noqa: FBT001 Django's signature
        super().save_model(request, obj, form, change)
        by = Actor.user(request.user)  # type: ignore[arg-type]
        verb = f"{subject_type(obj)}.{'changed' if change else 'added'}"
        record(verb, obj, by=by, at=clock.now(), fields=sorted(form.changed_data))


class KeptOfPatients(Kept, OfPatients):
    """Rows that name a patient, and that whoever runs a schedule keeps up.

    Who looks is in the trail, and what is changed.
    """

    def may(self, user: object) -> bool:
        return can_view_patients(user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return can_keep_patient_needs(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_keep_patient_needs(request.user)


class _Lines(TabularInline):
    """Rows below another, to look at."""

    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # whoever sees the row above

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


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


class IdentifierLines(_Lines):
    model = PatientIdentifier


class PhoneLines(_Lines):
    model = PatientPhone
    fk_name = "patient"


class ProxyLines(_Lines):
    model = Proxy
    fk_name = "patient"


class CoverageLines(_Lines):
    model = Coverage


#: What an EHR seldom tells, and a desk hears: kept here.
KEPT_OF_PATIENTS = ("needs_interpreter", "spoken_language", "needs_transport")


@admin.register(Patient)
class PatientAdmin(KeptOfPatients):
    """What the EHRs told of a patient. It is mended there, but for how they talk and travel."""

    patient_path = "pk"
    list_display = ("id", "family_name", "given_name", "birth_on", "language", "zone")
    list_display_links = ("id", "family_name")
    search_fields = ("family_name__istartswith", "identifiers__value__iexact")
    search_help_text = "By the beginning of the family name, or a whole record number."
    inlines = (IdentifierLines, PhoneLines, ProxyLines, CoverageLines)
    exclude = ("phones",)
    ordering = ("pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = [*Patient._meta.fields, *Patient._meta.many_to_many]
        return [f.name for f in fields if f.name not in {*KEPT_OF_PATIENTS, "id", "phones"}]


@admin.register(Coverage)
class CoverageAdmin(KeptOfPatients):
    """Insurance as last known. Never a reason to be asked sooner or later."""

    list_display = ("id", "patient", "payer", "plan", "starts_on", "ends_on", "checked_at")
    list_select_related = ("patient",)
    search_fields = ("patient__identifiers__value__iexact",)
    search_help_text = "By a whole record number."
    raw_id_fields = ("patient",)
    ordering = ("-pk",)


@admin.register(Phone)
class PhoneAdmin(OfPatients):
    patient_path = "nobody"  # a number alone names nobody
    list_display = ("id", "number", "can_text", "cannot_text_reason")
    list_filter = ("can_text",)
    search_fields = ("number__iexact",)
    ordering = ("pk",)


@admin.register(ConsentEntry)
class ConsentEntryAdmin(OfPatients):
    """The ledger. What is written in it stays."""

    list_display = ("at", "phone", "patient", "channel", "purpose", "decision", "source")
    list_filter = ("decision", "purpose", "source")
    list_select_related = ("phone", "patient")
    search_fields = ("phone__number__iexact",)
    ordering = ("-at", "-pk")


@admin.register(Journey)
class JourneyAdmin(OfPatients):
    list_display = ("id", "patient", "need", "status", "opened_at", "resolved_at")
    list_filter = ("status",)
    list_select_related = ("patient",)
    ordering = ("-opened_at", "-pk")


@admin.register(Interaction)
class InteractionAdmin(OfPatients):
    list_display = ("id", "patient", "channel", "summary", "started_at")
    list_filter = ("channel",)
    list_select_related = ("patient",)
    ordering = ("-started_at", "-pk")


@admin.register(Task)
class TaskAdmin(OfPatients):
    """Tasks are worked on their own page."""

    list_display = ("id", "kind", "title", "status", "owner", "due_at")
    list_filter = ("status", "kind")
    list_select_related = ("owner", "patient")
    ordering = ("-created_at", "-pk")


@admin.register(AuditEntry)
class AuditEntryAdmin(LookOnly):
    """The trail. A trigger in the database keeps it as it was written."""

    list_display = ("at", "actor_label", "verb", "subject_type", "subject_id", "moved", "reason")
    list_filter = ("actor_kind", "subject_type")
    search_fields = ("verb__istartswith", "actor_label__istartswith", "subject_id__exact")
    search_help_text = "By the beginning of what was done or of who did it, or a row's number."
    date_hierarchy = "at"
    ordering = ("-pk",)

    @admin.display(description="Moved")
    def moved(self, entry: AuditEntry) -> str:
        return f"{entry.from_status} → {entry.to_status}" if entry.to_status else ""


@admin.register(Event)
class EventAdmin(LookOnly):
    list_display = ("id", "created_at", "name", "subject_type", "subject_id")
    list_filter = ("subject_type",)
    search_fields = ("name__istartswith", "subject_id__exact")
    ordering = ("-pk",)


@admin.register(EventDelivery)
class EventDeliveryAdmin(LookOnly):
    """Events that somebody has not handled yet; those that keep failing have many attempts."""

    list_display = ("id", "subscriber", "event", "attempts", "due_at")
    list_filter = ("subscriber",)
    list_select_related = ("event",)
    search_fields = ("subscriber__icontains", "event__name__istartswith")
    ordering = ("-attempts", "due_at", "pk")
