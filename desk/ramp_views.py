"""Whose turn the next new patient is and why; and how each panel is to grow."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from crm import clock
from crm.permissions import can_edit_catalog, can_view_catalog
from crm.web import actor, allowed_to, htmx_of
from desk.ramp_forms import RampForm, TurnForm, kinds_for, ramp_initial
from scheduling.actions.ramp import set_ramp
from scheduling.models import ProviderRamp, ProviderRole, RampShare, VisitType
from scheduling.queries.ramp import ramps, suggest_provider
from scheduling.rules.ramp import Turn


@never_cache
@require_safe
@allowed_to(can_view_catalog)
def turn(request: HttpRequest) -> HttpResponse:
    """Who is next, with the sum; and who is left out."""
    at = clock.now()
    form = TurnForm(request.GET if "visit_type" in request.GET else _first(at))
    context: dict[str, Any] = {
        "form": form,
        "ramps": ramps(),
        "roles": _without_ramp(),
        "may_edit": can_edit_catalog(request.user),
    }
    if form.is_valid():
        context["turn"] = _ask(form, at)
    template = "catalog/turn.html#turn" if htmx_of(request) else "catalog/turn.html"
    status = 422 if form.errors and "visit_type" in request.GET else 200
    return render(request, template, context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_edit_catalog)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """How the panel of one clinician in one clinic is to grow. `pk` is the role's."""
    role = ProviderRole.objects.select_related("provider", "clinic__location").filter(pk=pk).first()
    if role is None:
        raise Http404
    ramp = ProviderRamp.objects.prefetch_related("shares").filter(role=role).first()
    at = clock.now()
    today = at.astimezone(role.clinic.location.tz).date()
    initial = ramp_initial(ramp, today=today)
    form = RampForm(request.POST or None, initial=initial, kinds=kinds_for(role))
    if not form.is_valid():
        context = {"form": form, "role": role, "is_new": ramp is None}
        return render(request, "catalog/ramp.html", context, status=422 if form.is_bound else 200)
    said = {name: value for name, value in form.cleaned_data.items() if not name.startswith("mix_")}
    set_ramp(role_id=pk, **said, mix=form.mix, by=actor(request), at=at)
    messages.success(request, "Saved.")
    return redirect("desk:ramp")


def _ask(form: TurnForm, at: dt.datetime) -> Turn:
    kind, clinic = form.cleaned_data["visit_type"], form.cleaned_data["clinic"]
    since, until = form.days
    return suggest_provider(
        visit_type_id=kind.pk,
        from_on=since,
        until_on=until,
        at=at,
        clinic_id=clinic.pk if clinic else None,
        specialty=kind.specialty,
    )


def _first(at: dt.datetime) -> dict[str, Any]:
    """What the page asks before anybody has chosen: two weeks of a kind that new patients take."""
    one = ramps().first()
    share = RampShare.objects.filter(ramp__in=ramps()).order_by("-weight", "pk").first()
    kind = share.visit_type_id if share else None
    if kind is None and one is not None:
        of_theirs = VisitType.objects.filter(specialty=one.role.clinic.specialty)
        kind = of_theirs.values_list("pk", flat=True).first()
    today = at.astimezone(one.role.clinic.location.tz).date() if one else at.date()
    return {
        "visit_type": kind or "",
        "since": today,
        "until": today + dt.timedelta(days=13),
    }


def _without_ramp() -> list[ProviderRole]:
    """Clinicians who do not take turns yet."""
    rows = ProviderRole.objects.filter(is_active=True, provider__is_active=True)
    rows = rows.exclude(pk__in=ramps().values("role"))
    return list(rows.select_related("provider", "clinic").order_by("clinic__name", "pk"))
