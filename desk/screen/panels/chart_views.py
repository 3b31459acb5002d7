"""What an agent does in the panels of a chart: asks the EHR again, and asks the clinic."""

from __future__ import annotations

import datetime as dt

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm import clock
from crm.actions.chart import ask_for_chart
from crm.actions.chart_requests import ask_about_lab
from crm.actions.contacts import note_step
from crm.models import LabReport
from crm.permissions import can_take_calls
from crm.queries.chart import medications
from crm.rules.chart_labs import LabAct
from crm.saying import translated
from crm.states import ChartPart, StepKind, WaitsFor
from crm.web import actor, allowed_to
from desk.actions.safety import ask_for_refill_safely
from desk.screen.contact import DeskContact
from desk.screen.panels import labs, refills
from desk.screen.panels.answers import answer_panel, in_panel
from desk.screen.panels.chart import read_head, shown_to, today_of
from desk.screen.panels.portal import text_portal
from desk.screen.panels.refill_form import RefillForm
from desk.screen.panels.sending_texts import NoTextMayGo
from desk.states import CHART_PANELS


@never_cache
@require_POST
@allowed_to(can_take_calls)
def ask(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Ask the EHR for one part now, however new it is."""
    if name not in CHART_PANELS:
        raise Http404
    return in_panel(name)(_ask)(request, pk, name)


def _ask(request: HttpRequest, contact: DeskContact, name: str) -> HttpResponse:
    assert contact.patient is not None  # noqa: S101 by `in_panel`
    by, at = actor(request), clock.now()
    ask_for_chart(
        patient_id=contact.patient.pk, parts=(CHART_PANELS[name],), anew=True, by=by, at=at
    )
    note_step(
        contact=contact.interaction,
        kind=StepKind.LOOK,
        code=name,
        waits_for=WaitsFor.EHR,
        by=by,
        at=at,
    )
    return answer_panel(request, contact, name)


@never_cache
@require_POST
@allowed_to(can_take_calls)
@in_panel("labs")
def about_lab(request: HttpRequest, contact: DeskContact, lab_pk: int) -> HttpResponse:
    """Have the clinic do what goes with how the report stands now, whatever the screen showed."""
    at = clock.now()
    if not read_head(contact, ChartPart.LABS, name="labs").is_open:
        raise Http404
    found = get_object_or_404(LabReport, pk=lab_pk, patient=contact.patient)
    shown, _hidden = shown_to(contact, [found])
    if not shown:
        raise Http404
    advice = labs.advice_of(found, at=at)
    if labs.is_in_portal(advice):
        return _text_link(request, contact, at=at)
    act = advice.act
    if act is LabAct.NOTHING:
        notice = _("It stands otherwise by now. Nothing was asked of the clinic.")
        return answer_panel(request, contact, "labs", status=409, notice=notice)
    ask_about_lab(contact=contact.interaction, lab=found, act=act, by=actor(request), at=at)
    return answer_panel(request, contact, "labs")


def _text_link(request: HttpRequest, contact: DeskContact, *, at: dt.datetime) -> HttpResponse:
    try:
        text_portal(contact=contact.interaction, by=actor(request), at=at)
    except NoTextMayGo as refused:
        notice = f"{translated(str(refused))} {_('Say where the portal is instead.')}"
        return answer_panel(request, contact, "labs", status=409, notice=notice)
    return answer_panel(request, contact, "labs")


@never_cache
@require_POST
@allowed_to(can_take_calls)
@in_panel("refills")
def refill(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """Who gets the request, the policy decides; it stands in the panel with what to say."""
    assert contact.patient is not None  # noqa: S101 by `in_panel`
    at = clock.now()
    if not read_head(contact, ChartPart.MEDICATIONS, name="refills").is_open:
        raise Http404
    known, _ = shown_to(contact, medications(contact.patient.pk, limit=refills.MOST))
    form = RefillForm(request.POST, medications=known)
    if not form.is_valid():
        first = next(iter(form.errors.values()))[0]
        return answer_panel(request, contact, "refills", status=422, notice=str(first), form=form)
    ask_for_refill_safely(
        contact=contact.interaction,
        medication=form.chosen,
        drug=form.cleaned_data["drug"],
        pharmacy=form.cleaned_data["pharmacy"],
        days_left=form.days,
        by=actor(request),
        at=at,
        on=today_of(contact, at=at),
    )
    return answer_panel(request, contact, "refills")
