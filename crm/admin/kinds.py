"""Kinds of pages: rows to look at, rows that are kept up, and rows that name a patient."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin, TabularInline

from crm import clock
from crm.actions import record_views
from crm.engine import Actor, record
from crm.engine.audit import subject_type
from crm.permissions import can_keep_patient_needs, can_manage_staff, can_view_patients


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


class Lines(TabularInline):
    """Rows below another, to look at."""

    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # whoever sees the row above

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
