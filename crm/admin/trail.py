"""The trail and the events, to look at."""

from __future__ import annotations

from django.contrib import admin

from crm.admin.kinds import LookOnly
from crm.models import (
    AuditEntry,
    Event,
    EventDelivery,
)


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
