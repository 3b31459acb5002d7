"""Calling somebody back: each try is one press, and whoever is reached is a contact. And the way
from a task to its contact."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from crm import clock
from crm.actions import TaskClosed
from crm.actions.callbacks import Logged, log_attempt
from crm.actions.calling_back import reach
from crm.models import Task
from crm.permissions import can_take_calls, can_work_tasks
from crm.saying import reads_in, translated
from crm.states import AttemptOutcome, TaskKind
from crm.web import actor, allowed_to, note_views
from desk.queries.task_contact import find_contact_of, find_text_of
from desk.screen import page
from desk.screen.callback_reading import ShownCallback, read_callback
from outreach.actions import ThreadTaken, take_thread
from outreach.rules.times import say_time
from triage.permissions import can_work_alerts

#: As the buttons say it, with their icons.
OUTCOMES: Final = {
    AttemptOutcome.REACHED: (pgettext_lazy("try", "Reached"), "circle-check"),
    AttemptOutcome.NO_ANSWER: (pgettext_lazy("try", "No answer"), "phone-off"),
    AttemptOutcome.BUSY: (pgettext_lazy("try", "Busy"), "phone-pause"),
    AttemptOutcome.VOICEMAIL: (pgettext_lazy("try", "Left a message"), "message"),
    AttemptOutcome.WRONG_NUMBER: (pgettext_lazy("try", "Wrong number"), "user-x"),
}


class TryForm(forms.Form):
    """How one try ended."""

    outcome = forms.ChoiceField(
        choices=[(one.value, said) for one, (said, _) in OUTCOMES.items()],
        error_messages={"required": gettext_lazy("Say how the try ended.")},
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Kept with the task. No diagnoses."),
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_work_tasks)
def callback(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom to call and where, what was tried, and how this try ended."""
    rows = Task.objects.select_related("patient", "callback__phone", "callback__interaction")
    task = rows.filter(pk=pk, kind=TaskKind.CALL_BACK).first()
    if task is None:
        raise Http404
    shown, at = read_callback(task, page.user_of(request)), clock.now()
    form = TryForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, shown, form, status=422 if form.is_bound else 200)
    if form.cleaned_data["outcome"] == AttemptOutcome.VOICEMAIL and not shown.voicemail:
        form.add_error(
            "outcome", _("No message may be left for them. Hang up, and try again later.")
        )
        return _page(request, shown, form, status=422)
    outcome = AttemptOutcome(form.cleaned_data["outcome"])
    told: dict[str, Any] = {"note": form.cleaned_data["note"], "zone": shown.zone}
    told |= {"task_id": pk, "by": actor(request), "at": at}
    try:
        if outcome is AttemptOutcome.REACHED:
            _task, contact = reach(agent=page.user_of(request), **told)
            return redirect("desk:screen-contact", contact.pk)
        logged = log_attempt(outcome=outcome, **told)
    except TaskClosed as closed:
        form.add_error(None, translated(str(closed)))
        return _page(request, shown, form, status=409)
    messages.success(request, say_next(logged, shown.zone))
    return redirect("desk:task", pk)


def _page(
    request: HttpRequest, shown: ShownCallback, form: TryForm, *, status: int
) -> HttpResponse:
    at: dt.datetime = clock.now()
    seen = [shown.task.patient_id] if shown.task.patient_id else []
    note_views(request, what=f"callback {shown.task.pk}", patient_ids=seen, at=at)
    outcomes = [(one.value, *said) for one, said in OUTCOMES.items()]
    context = {"shown": shown, "form": form, "outcomes": outcomes, "now": at}
    return render(request, "screen/callback.html", context, status=status)


def say_next(logged: Logged, zone: str) -> str:
    """What comes of a try, in a sentence."""
    if logged.next_at is not None:
        when = say_time(logged.next_at, zone, reads_in())
        return _("Written down. Due again %(when)s.") % {"when": when}
    if logged.next_task is None:
        return _("Written down, and closed: nobody is known to write to.")
    return _("Written down, and closed. A task was made: “%(title)s”.") % {
        "title": translated(logged.next_task.title)
    }


@never_cache
@require_POST
@allowed_to(can_take_calls)
def from_task(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the contact that a task belongs to; of a text, take its thread to the desk."""
    task = Task.objects.filter(pk=pk).first()
    if task is None:
        raise Http404
    text = find_text_of(task)
    if text is None:
        contact = find_contact_of(task)
        if contact is None:
            raise Http404
        return redirect("desk:screen-contact", contact.pk)
    if text.is_for_nurses and not can_work_alerts(request.user):
        raise Http404
    by, user = actor(request), page.user_of(request)
    try:
        taken = take_thread(message_id=text.pk, agent=user, by=by, at=clock.now())
    except ThreadTaken as refused:
        context = {"part": "screen/handoff_over.html", "said": translated(str(refused))}
        return render(request, "screen/part_page.html", context, status=409)
    return redirect("desk:screen-contact", taken.pk)
