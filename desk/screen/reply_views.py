"""What an agent does with a thread of texts, and with a contact that they took too soon."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseLocation, trigger_client_event

from crm import clock
from crm.actions.queues import NoLongerWaits, OnTheLine, find_wait, release_entry
from crm.permissions import can_take_calls
from crm.saying import translated
from crm.states import EntryStatus
from crm.web import actor, allowed_to, htmx_of
from desk.queries.zone import house_zone
from desk.screen import page
from desk.screen.acting import by_their_agent
from desk.screen.contact import DeskContact
from outreach.actions import (
    CannotReply,
    RepliedMeanwhile,
    find_asked,
    reply_by_text,
    why_not_now,
)
from triage.permissions import can_work_alerts

TRAINING = gettext_noop(
    "This is training: nothing is texted. Say what you would write, and wrap up."
)
NO_QUEUE = gettext_noop("It came from no queue. Hand it off, or wrap it up.")


class ReplyForm(forms.Form):
    """`after` is the newest text that the page showed."""

    words = forms.CharField(
        max_length=320, error_messages={"required": gettext_lazy("Write what they should read.")}
    )
    after = forms.IntegerField(min_value=1)


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def reply(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """Text back in one's own words; what may not stand in a text is named, and nothing is sent."""
    form, at, stop = ReplyForm(request.POST), clock.now(), _why_not(request, contact)
    if stop:
        return page.conflict(request, contact, stop)
    if not form.is_valid():
        said = next(iter(form.errors.values()))[0]
        return _not_sent(request, contact, str(said))
    try:
        made = reply_by_text(
            contact=contact.interaction,
            zone=(contact.patient.zone if contact.patient else "") or house_zone().key,
            by=actor(request),
            at=at,
            **form.cleaned_data,
        )
    except CannotReply as refused:
        return _not_sent(request, contact, translated(str(refused)))
    except RepliedMeanwhile as meanwhile:
        return page.answer(
            request, contact, status=409, **_typed(request, translated(str(meanwhile)))
        )
    waits = why_not_now(made, at=at)
    notice = f"{_('Not sent yet.')} {translated(waits)}" if waits else ""
    return page.answer(request, contact, notice=notice)


def _why_not(request: HttpRequest, contact: DeskContact) -> str:
    if contact.interaction.is_training:
        return TRAINING
    asked = find_asked(contact.interaction)
    if asked is not None and asked.is_for_nurses and not can_work_alerts(request.user):
        return gettext_noop("A nurse answers these texts.")
    return ""


def _not_sent(request: HttpRequest, contact: DeskContact, said: str) -> HttpResponse:
    return page.answer(request, contact, status=422, **_typed(request, said))


def _typed(request: HttpRequest, said: str) -> dict[str, str]:
    """No typed word is lost."""
    return {"reply_error": said, "reply_words": request.POST.get("words", "")[:320]}


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def put_back(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """Back into the queue that it was taken from, in the place that it had."""
    entry = find_wait(contact.interaction)
    if entry is None or entry.status != EntryStatus.CLAIMED:
        return page.conflict(request, contact, NO_QUEUE)
    try:
        release_entry(entry_id=entry.pk, by=actor(request), at=clock.now())
    except (NoLongerWaits, OnTheLine) as refused:
        return page.conflict(request, contact, str(refused))
    if not htmx_of(request):
        return redirect("desk:screen")
    where, work = reverse("desk:screen"), "#desk-work"
    answer = HttpResponseLocation(where, target=work, select=work, swap="outerHTML")
    return trigger_client_event(answer, "screen:left")
