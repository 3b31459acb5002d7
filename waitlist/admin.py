"""Openings and offers to look at. They are run on their own page."""

from __future__ import annotations

from django.contrib import admin

from crm.admin import Kept, LookOnly, OfPatients
from waitlist.models import (
    Candidate,
    ImportedScore,
    Offer,
    Opening,
    PlannedWave,
    ScoreWeight,
    WaitlistEntry,
    Wave,
)


@admin.register(WaitlistEntry)
class WaitlistEntryAdmin(OfPatients):
    list_display = ("id", "patient", "kind", "visit_type", "urgency", "status", "created_at")
    list_filter = ("status", "kind", "urgency")
    list_select_related = ("patient", "visit_type")
    ordering = ("-created_at", "-pk")


@admin.register(Opening)
class OpeningAdmin(LookOnly):
    list_display = ("id", "opened_at", "slot", "cause", "status", "deadline_at", "closed_why")
    list_filter = ("status", "cause")
    list_select_related = ("slot__role__provider", "slot__role__clinic")
    date_hierarchy = "opened_at"
    ordering = ("-opened_at", "-pk")


@admin.register(Wave)
class WaveAdmin(LookOnly):
    list_display = ("opening", "number", "size", "sent_at", "why")
    list_select_related = ("opening",)
    ordering = ("-sent_at", "-pk")


@admin.register(PlannedWave)
class PlannedWaveAdmin(LookOnly):
    """Waves that were not sent at once: watched in shadow, or waiting for a person."""

    list_display = ("opening", "number", "status", "planned_at", "settled_by", "why")
    list_filter = ("status",)
    list_select_related = ("opening",)
    ordering = ("-planned_at", "-pk")


@admin.register(Candidate)
class CandidateAdmin(OfPatients):
    list_display = ("opening", "rank", "patient", "score", "left_out_by")
    list_filter = ("kind", "left_out_by")
    list_select_related = ("opening", "patient")
    search_fields = ("opening__pk__exact",)
    ordering = ("-opening_id", "rank", "pk")


@admin.register(Offer)
class OfferAdmin(OfPatients):
    """Without the token: it is the patient's own key to their offer."""

    list_display = ("id", "opening", "patient", "status", "offered_at", "answered_by")
    list_filter = ("status", "answered_by")
    list_select_related = ("opening", "patient")
    exclude = ("token",)
    ordering = ("-offered_at", "-pk")


@admin.register(ImportedScore)
class ImportedScoreAdmin(OfPatients):
    """What outside models said of patients, as it came (`manage.py import_scores`)."""

    list_display = ("id", "patient", "kind", "value", "model", "version", "source", "expires_at")
    list_filter = ("kind", "model")
    list_select_related = ("patient",)
    search_fields = ("patient__identifiers__value__iexact",)
    search_help_text = "By a whole record number."
    date_hierarchy = "imported_at"
    ordering = ("-pk",)


@admin.register(ScoreWeight)
class ScoreWeightAdmin(Kept):
    """What imported scores weigh in the ranking. Without a line they do not count."""

    list_display = ("kind", "model", "clinic", "weight")
    list_filter = ("kind",)
    list_select_related = ("clinic",)
    autocomplete_fields = ("clinic",)
