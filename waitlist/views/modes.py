"""How far each clinic lets Firstcall go: who may, switches it here, and sees who did before."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crm import clock
from crm.permissions import can_manage_staff
from crm.web import actor, allowed_to
from scheduling.actions import set_fill_mode
from scheduling.models import Clinic
from scheduling.queries import mode_changes
from scheduling.states import FillMode
from waitlist.forms import ModeForm
from waitlist.models import Opening
from waitlist.opening_words import MODE
from waitlist.states import LIVE_OPENING


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_manage_staff)
def switch(request: HttpRequest, clinic_id: int) -> HttpResponse:
    """Choose the mode of one clinic. Live openings follow within seconds."""
    clinic = get_object_or_404(Clinic.objects.select_related("location"), pk=clinic_id)
    form = ModeForm(
        request.POST if request.method == "POST" else None, initial={"mode": clinic.mode}
    )
    if form.is_valid():
        to = FillMode(form.cleaned_data["mode"])
        reason = form.cleaned_data["reason"]
        by, at = actor(request), clock.now()
        set_fill_mode(clinic_id=clinic.pk, to=to, reason=reason, by=by, at=at)
        messages.success(request, f"{clinic.name}: {_(MODE[to].word)}.")
        return redirect("waitlist:report")
    live = Opening.objects.filter(slot__role__clinic=clinic, status__in=LIVE_OPENING)
    context = {
        "clinic": clinic,
        "form": form,
        "changes": mode_changes(clinic.pk),
        "live": live.count(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "waitlist/clinic_mode.html", context, status=status)
