"""Patients, and what hangs on them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from crm.admin.center import AnswerLines, StepLines
from crm.admin.kinds import KeptOfPatients, Lines, OfPatients
from crm.models import (
    ConsentEntry,
    Coverage,
    Interaction,
    Journey,
    Patient,
    PatientIdentifier,
    PatientPhone,
    Phone,
    Proxy,
    Task,
)


class IdentifierLines(Lines):
    model = PatientIdentifier


class PhoneLines(Lines):
    model = PatientPhone
    fk_name = "patient"


class ProxyLines(Lines):
    model = Proxy
    fk_name = "patient"


class CoverageLines(Lines):
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
    inlines = (StepLines, AnswerLines)
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
