"""The contact center: queues, lines and agents are kept here; what happened is to look at."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from crm import clock
from crm.admin.kinds import Kept, Lines, OfPatients
from crm.models import (
    Agent,
    Answer,
    Call,
    Handoff,
    InteractionStep,
    PhoneLine,
    Queue,
    QueueEntry,
    Verification,
    WrapUp,
)
from crm.permissions import can_oversee_desk
from crm.rules.calls import check_menu


class StepLines(Lines):
    model = InteractionStep
    fields = ("at", "ended_at", "kind", "code", "waits_for", "user")


class AnswerLines(Lines):
    model = Answer
    fields = ("at", "key", "value", "was_asked", "user")


class KeptByOverseers(Kept):
    """Whoever oversees the desk sets it up."""

    def may(self, user: object) -> bool:
        return can_oversee_desk(user)


@admin.register(Queue)
class QueueAdmin(KeptByOverseers):
    list_display = ("name", "code", "skills", "answer_seconds", "rank", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "code")
    ordering = ("rank", "name")


class LineForm(forms.ModelForm):  # type: ignore[type-arg]  # no generic at run time
    """A line whose menu can be read."""

    class Meta:
        model = PhoneLine
        fields = (
            *("number", "name", "specialty", "location_id", "language", "queue"),
            *("greeting", "call_types", "menu", "is_active"),
        )

    def clean_menu(self) -> Any:
        menu = self.cleaned_data["menu"]
        codes = set(Queue.objects.values_list("code", flat=True))
        fault = check_menu(menu, queues=codes)
        if fault:
            raise ValidationError(fault)
        return menu


@admin.register(PhoneLine)
class PhoneLineAdmin(KeptByOverseers):
    form = LineForm
    list_display = ("name", "number", "queue", "specialty", "language", "is_active")
    list_filter = ("is_active", "language", "queue")
    list_select_related = ("queue",)
    search_fields = ("name", "number")
    ordering = ("name",)


@admin.register(Agent)
class AgentAdmin(KeptByOverseers):
    """Skills, team and extension. What they are doing they say at the desk."""

    list_display = ("user", "team", "skills", "extension", "status", "since")
    list_filter = ("status", "team")
    list_select_related = ("user",)
    search_fields = ("user__username__istartswith", "user__last_name__istartswith", "extension")
    autocomplete_fields = ("user",)
    ordering = ("user__last_name", "pk")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["status", "since"] + (["user"] if obj else [])

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 Django's signature
        if not change:
            obj.since = clock.now()
        super().save_model(request, obj, form, change)


@admin.register(QueueEntry)
class QueueEntryAdmin(OfPatients):
    patient_path = "interaction.patient_id"
    list_display = ("id", "queue", "interaction", "status", "acuity", "entered_at", "claimed_by")
    list_filter = ("status", "queue", "acuity")
    list_select_related = ("queue", "interaction", "claimed_by")
    ordering = ("-entered_at", "-pk")


@admin.register(Call)
class CallAdmin(OfPatients):
    patient_path = "interaction.patient_id"
    list_display = ("id", "line", "phone", "status", "aid", "rang_at", "answered_at", "ended_at")
    list_filter = ("status", "aid", "is_outbound", "line")
    list_select_related = ("line", "phone", "interaction")
    search_fields = ("source_id__exact", "phone__number__iexact")
    ordering = ("-rang_at", "-pk")


@admin.register(Verification)
class VerificationAdmin(OfPatients):
    list_display = ("at", "patient", "speaker", "matched", "missed", "passed", "by")
    list_filter = ("passed", "speaker")
    list_select_related = ("patient", "by")
    ordering = ("-at", "-pk")


@admin.register(Handoff)
class HandoffAdmin(OfPatients):
    patient_path = "interaction.patient_id"
    list_display = ("id", "to", "to_user", "queue", "status", "acuity", "offered_by", "offered_at")
    list_filter = ("status", "to")
    list_select_related = ("to_user", "queue", "offered_by", "interaction")
    ordering = ("-offered_at", "-pk")


@admin.register(WrapUp)
class WrapUpAdmin(OfPatients):
    patient_path = "interaction.patient_id"
    list_display = ("id", "interaction", "disposition", "status", "at", "by")
    list_filter = ("status", "disposition")
    list_select_related = ("interaction", "by")
    ordering = ("-at", "-pk")
