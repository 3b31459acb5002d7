"""Safety alerts on every page, and what staff do with the texts that they hold."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from crm import clock
from crm.web import actor, allowed_to
from desk.task_acting import answer_conflict, answer_done
from desk.templatetags.alert_bar import alert_bar as waiting_for
from outreach.actions import NotHeld, NurseFirst, carry_out
from outreach.models import Message
from triage.models import Alert
from triage.permissions import can_carry_out_texts, can_hear_escalations


@never_cache
@require_safe
@allowed_to(can_hear_escalations)
def alert_bar(request: HttpRequest) -> HttpResponse:
    """Alerts that wait for a nurse, for the top of every page; nothing while none does."""
    return render(request, "desk/alert_bar.html", waiting_for(request.user))


@never_cache
@require_POST
@allowed_to(can_carry_out_texts)
def carry_out_text(request: HttpRequest, pk: int, message_pk: int) -> HttpResponse:
    """Do what a held text also asked for. `pk` is the task of the alert that holds it."""
    alert = Alert.objects.filter(task=pk).values_list("pk", flat=True).first()
    held = Message.objects.filter(pk=message_pk, subject_type="triage.alert", subject_id=alert)
    if alert is None or not held.exists():
        raise Http404
    try:
        carry_out(message_id=message_pk, by=actor(request), at=clock.now())
    except (NotHeld, NurseFirst) as refused:
        return answer_conflict(request, pk, refused)
    return answer_done(request, pk, _("Carried out, as they asked."))
