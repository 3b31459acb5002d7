"""Places, people and rules of the clinics; slots, visits and EHR writes to look at."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from unfold.admin import TabularInline

from crm import clock
from crm.admin import Kept, KeptOfPatients, LookOnly, OfPatients
from crm.engine import Actor
from scheduling.actions import set_fill_mode
from scheduling.forms import ClinicPolicyForm, ServiceRequestForm
from scheduling.models import (
    AcceptedCoverage,
    Appointment,
    Clinic,
    ClinicPolicy,
    EhrWrite,
    FrequencyLimit,
    Location,
    NoFeePayer,
    Provider,
    ProviderLicense,
    ProviderRole,
    ProviderRule,
    Room,
    ServiceRequest,
    Slot,
    SourceCode,
    VisitType,
)
from scheduling.queries import mode_changes
from scheduling.states import FillMode


class RoomLines(TabularInline):
    model = Room
    extra = 0
    can_delete = False


@admin.register(Location)
class LocationAdmin(Kept):
    """Sites. The short name stands in texts: neutral, without a specialty."""

    list_display = ("name", "short_name", "zone", "city", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name",)
    inlines = (RoomLines,)


@admin.register(Clinic)
class ClinicAdmin(Kept):
    """How far each clinic lets Firstcall go, and the rule that it has signed."""

    list_display = ("name", "location", "specialty", "mode", "siu_rule_signed_at")
    list_filter = ("mode", "location")
    list_select_related = ("location",)
    search_fields = ("name",)
    filter_horizontal = ("visit_types",)
    autocomplete_fields = ("siu_rule_signed_by",)
    readonly_fields = ("mode_history",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 Django's signature
        """The mode is switched by its action, so that the trail has it and openings follow."""
        to = FillMode(obj.mode)
        obj.mode = form.initial.get("mode", FillMode.OFF) if change else FillMode.OFF
        super().save_model(request, obj, form, change)
        by = Actor.user(request.user)  # type: ignore[arg-type]
        set_fill_mode(clinic_id=obj.pk, to=to, by=by, at=clock.now())
        obj.mode = to

    @admin.display(description="Mode changes")
    def mode_history(self, clinic: Clinic) -> str:
        """The latest first, in UTC: the page of a clinic's mode says it in the site's zone."""
        changes = mode_changes(clinic.pk) if clinic.pk else ()
        return (
            format_html_join(
                mark_safe("<br>"),
                "{} UTC: {} to {}, {}{}",
                (
                    (
                        f"{change.at.astimezone(dt.UTC):%Y-%m-%d %H:%M}",
                        change.was,
                        change.now,
                        change.by,
                        f" ({change.reason})" if change.reason else "",
                    )
                    for change in changes
                ),
            )
            or "Never changed."
        )


@admin.register(ClinicPolicy)
class ClinicPolicyAdmin(Kept):
    """Notice, missed visits and late arrivals by clinic. Nothing here limits anybody by itself."""

    form = ClinicPolicyForm
    list_display = ("clinic", "late_cancel_hours", "missed_limit", "missed_fee", "grace_minutes")
    list_select_related = ("clinic",)
    autocomplete_fields = ("clinic",)
    search_fields = ("clinic__name",)


@admin.register(NoFeePayer)
class NoFeePayerAdmin(Kept):
    """Payers that forbid a fee for a missed visit, and where they say so."""

    list_display = ("payer", "source", "is_active")
    search_fields = ("payer",)


@admin.register(VisitType)
class VisitTypeAdmin(Kept):
    """Kinds of visit. A sensitive one is never named or hinted at in a text."""

    list_display = ("name", "code", "specialty", "minutes", "modality", "is_group", "is_sensitive")
    list_filter = ("specialty", "modality", "is_sensitive")
    search_fields = ("name", "code")
    filter_horizontal = ("stands_in_for",)


class LicenseLines(TabularInline):
    model = ProviderLicense
    extra = 0


@admin.register(Provider)
class ProviderAdmin(Kept):
    """Clinicians, and the states in which they may treat by video and phone."""

    list_display = ("__str__", "npi", "is_active")
    list_filter = ("is_active",)
    search_fields = ("family_name", "given_name", "npi")
    inlines = (LicenseLines,)


@admin.register(ProviderRole)
class ProviderRoleAdmin(Kept):
    list_display = ("provider", "clinic", "is_active")
    list_filter = ("is_active", "clinic")
    list_select_related = ("provider", "clinic")
    search_fields = ("provider__family_name", "clinic__name")
    autocomplete_fields = ("provider", "clinic")


@admin.register(ProviderRule)
class ProviderRuleAdmin(Kept):
    """What a clinician takes, and how much of it in a day. Managers edit them in /rules/."""

    list_display = ("id", "kind", "provider", "role", "clinic", "visit_type", "reason", "is_active")
    list_filter = ("is_active", "kind", "visit_type")
    list_select_related = ("provider", "role__provider", "role__clinic", "clinic", "visit_type")
    autocomplete_fields = ("provider", "role", "clinic", "visit_type", "test")
    ordering = ("-pk",)


@admin.register(AcceptedCoverage)
class AcceptedCoverageAdmin(Kept):
    """Payers that a clinic takes. Without a line it takes them all."""

    list_display = ("payer", "plan", "clinic", "role", "is_active")
    list_filter = ("is_active", "clinic")
    list_select_related = ("clinic", "role__provider", "role__clinic")
    search_fields = ("payer",)
    autocomplete_fields = ("clinic", "role")


@admin.register(FrequencyLimit)
class FrequencyLimitAdmin(Kept):
    """How soon the same visit is paid for again."""

    list_display = ("visit_type", "payer", "months", "days", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("visit_type",)
    search_fields = ("payer", "visit_type__name")
    autocomplete_fields = ("visit_type",)


@admin.register(ServiceRequest)
class ServiceRequestAdmin(KeptOfPatients):
    """Orders and referrals with their authorizations, and what must come before."""

    form = ServiceRequestForm
    list_display = ("id", "patient", "visit_type", "not_before_on", "valid_until_on", "is_active")
    list_filter = ("is_active", "visit_type")
    list_select_related = ("patient", "visit_type")
    search_fields = ("patient__identifiers__value__iexact", "authorization__iexact")
    search_help_text = "By a whole record number, or the number of the authorization."
    autocomplete_fields = ("visit_type",)
    raw_id_fields = ("patient", "appointment", "follows")
    readonly_fields = ("source", "source_id")
    ordering = ("-pk",)


@admin.register(SourceCode)
class SourceCodeAdmin(Kept):
    """What each outside system calls our places, people and kinds of visit."""

    list_display = ("source", "kind", "code", "stands_for")
    list_filter = ("source", "kind")
    list_select_related = (
        "provider",
        "location",
        "room__location",
        "visit_type",
        "role__provider",
        "role__clinic",
    )
    search_fields = ("code",)

    @admin.display(description="Stands for")
    def stands_for(self, code: SourceCode) -> str:
        targets = (code.provider, code.location, code.room, code.visit_type, code.role)
        return next((str(target) for target in targets if target is not None), "")


@admin.register(Slot)
class SlotAdmin(LookOnly):
    """The clinic's schedule, as the EHR owns it."""

    list_display = ("id", "starts_at", "role", "visit_type", "status", "taken", "restriction")
    list_filter = ("status", "restriction", "modality")
    list_select_related = ("role__provider", "role__clinic", "visit_type")
    search_fields = ("source_id__iexact",)
    date_hierarchy = "starts_at"
    ordering = ("-starts_at", "-pk")


@admin.register(Appointment)
class AppointmentAdmin(OfPatients):
    """Visits. They are booked and cancelled through actions, and in the EHR."""

    list_display = ("id", "starts_at", "patient", "provider", "status", "origin", "booked_by")
    list_filter = ("status", "origin", "cancelled_by")
    list_select_related = ("patient", "provider")
    search_fields = ("source_id__iexact",)
    date_hierarchy = "starts_at"
    ordering = ("-starts_at", "-pk")


@admin.register(EhrWrite)
class EhrWriteAdmin(OfPatients):
    """What an EHR was told, or has still to be told."""

    patient_path = "appointment.patient_id"
    list_display = ("id", "operation", "appointment", "status", "tries", "answer", "due_at")
    list_filter = ("status", "operation")
    list_select_related = ("appointment",)
    ordering = ("-pk",)
