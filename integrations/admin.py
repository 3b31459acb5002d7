"""The inbox, and who sends HL7, for those who keep the connections."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from unfold.admin import ModelAdmin
from unfold.forms import ActionForm
from unfold.widgets import UnfoldAdminTextInputWidget

from crm import clock
from crm.admin import Kept
from crm.engine import Actor, record
from crm.permissions import can_see_inbox
from integrations.hl7v2.charset import decode
from integrations.inbox import actions
from integrations.models import Hl7Sender, InboxMessage


class InboxActionForm(ActionForm):
    reason = forms.CharField(
        label="",
        max_length=300,
        required=False,
        widget=UnfoldAdminTextInputWidget(
            attrs={"placeholder": "Reason (to set aside)", "aria-label": "Reason"}
        ),
    )


@admin.register(InboxMessage)
class InboxMessageAdmin(ModelAdmin):
    """What was received, with its outcome. Nobody changes it; it can be tried again."""

    list_display = ("id", "received_at", "kind", "source", "status", "became", "called", "flags")
    list_display_links = ("id", "called")
    list_filter = ("status", "kind", "key_reused", "source")
    search_fields = ("key", "outcome", "refused_field")
    search_help_text = "By key (MSH-10, webhook-id, Appointment/123/…), or words of the outcome."
    date_hierarchy = "received_at"
    ordering = ("-received_at", "-pk")
    list_per_page = 50
    show_full_result_count = False
    actions = ("replay", "set_aside")
    action_form = InboxActionForm
    fields = readonly_fields = (
        "kind",
        "source",
        "key",
        "peer",
        "received_at",
        "status",
        "outcome",
        "refused_field",
        "waits_for",
        "settled_at",
        "repeats",
        "key_reused",
        "attempts",
        "last_error",
        "due_at",
        "received",
        "answered",
    )

    @admin.display(description="Outcome")
    def became(self, message: InboxMessage) -> str:
        place = f"{message.refused_field}: " if message.refused_field else ""
        return Truncator(place + (message.outcome or message.last_error)).chars(90)

    @admin.display(description="Key", ordering="key")
    def called(self, message: InboxMessage) -> str:
        return Truncator(message.key).chars(36)

    @admin.display(description="Flags")
    def flags(self, message: InboxMessage) -> str:
        said = []
        if message.repeats:
            said.append(f"sent {message.repeats + 1} times")
        if message.key_reused:
            said.append("key used for another body")
        return ", ".join(said)

    @admin.display(description="As received")
    def received(self, message: InboxMessage) -> SafeString:
        return as_text(bytes(message.body))

    @admin.display(description="First answer")
    def answered(self, message: InboxMessage) -> SafeString:
        return as_text(bytes(message.answer))

    @admin.action(description="Try again (replay)")
    def replay(self, request: HttpRequest, chosen: QuerySet[InboxMessage]) -> None:
        by, at = Actor.user(request.user), clock.now()  # type: ignore[arg-type]
        keys = list(chosen.order_by("received_at", "pk").values_list("pk", flat=True))
        for pk in keys:
            actions.replay(message_id=pk, by=by, at=at)
        self.message_user(request, f"{len(keys)} message(s) will be tried again in a moment.")

    @admin.action(description="Set aside")
    def set_aside(self, request: HttpRequest, chosen: QuerySet[InboxMessage]) -> None:
        reason = request.POST.get("reason", "").strip()
        if not reason:
            self.message_user(request, "Write a reason beside the action.", messages.ERROR)
            return
        by, at = Actor.user(request.user), clock.now()  # type: ignore[arg-type]
        keys = list(chosen.values_list("pk", flat=True))
        for pk in keys:
            actions.set_aside(message_id=pk, reason=reason, by=by, at=at)
        self.message_user(request, f"{len(keys)} message(s) set aside.")

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A message names a patient: whoever reads one leaves a trace."""
        answer: HttpResponse = super().changeform_view(request, *args, **kwargs)
        message = self.get_object(request, str(kwargs.get("object_id") or args[0]))
        if answer.status_code == 200 and message is not None:
            by = Actor.user(request.user)  # type: ignore[arg-type]
            record("integrations.inbox.viewed", message, by=by, at=clock.now())
        return answer

    def has_module_permission(self, request: HttpRequest) -> bool:
        return can_see_inbox(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_see_inbox(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Hl7Sender)
class Hl7SenderAdmin(Kept):
    """How to read each HL7 sender. After a change, replay what was refused.

    None is deleted: it is switched off instead, for its messages are still here.
    """

    list_display = ("name", "source", "zone", "charset", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "source")


def as_text(raw: bytes) -> SafeString:
    """Bytes as a person reads them, HL7 segments a line each."""
    text, _, _ = decode(raw, declared="", default="utf-8")
    shown = text.replace("\r\n", "\n").replace("\r", "\n")
    return format_html(
        '<pre style="white-space: pre-wrap; overflow-wrap: anywhere">{}</pre>', shown
    )
