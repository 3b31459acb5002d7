"""What staff do with a pair of records: flag it, merge it, tell them apart, take it back."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from crm import clock
from crm.actions.duplicates import (
    MergeRefused,
    MergeSettled,
    dismiss_duplicate,
    flag_duplicate,
)
from crm.actions.merging import merge_patients, swap_merge, undo_merge
from crm.engine import MovedMeanwhile
from crm.models import Patient, PatientMerge
from crm.permissions import can_merge_records, can_view_patients
from crm.saying import translated
from crm.web import actor, allowed_to, htmx_of
from desk.records_views import pair_page


class FlagForm(forms.Form):
    """Two records, and what whoever flags them saw."""

    one = forms.ModelChoiceField(Patient.objects.all())
    other = forms.ModelChoiceField(Patient.objects.all())
    why = forms.CharField(max_length=300, required=False)


@never_cache
@require_POST
@allowed_to(can_view_patients)
def flag(request: HttpRequest) -> HttpResponse:
    """An agent saw somebody twice: records staff are asked. One click, and the call goes on."""
    form = FlagForm(request.POST)
    if not form.is_valid():
        return HttpResponse(_("Choose two records."), status=422, content_type="text/plain")
    said = form.cleaned_data
    try:
        flag_duplicate(**said, by=actor(request), at=clock.now())
    except MergeRefused as refused:
        return HttpResponse(translated(str(refused)), status=409, content_type="text/plain")
    if htmx_of(request):
        return HttpResponse(_("Flagged. Records staff will look."), content_type="text/plain")
    messages.success(request, _("Flagged. Records staff will look."))
    return redirect("desk:home")


@never_cache
@require_POST
@allowed_to(can_merge_records)
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """They are one person; the record chosen stays."""
    keep = request.POST.get("keep", "")
    if not keep.isdecimal():
        problem = _("Choose whose record stays.")
        return pair_page(request, pk, at=clock.now(), problem=problem, status=422)
    return _do(
        request,
        pk,
        _("Merged: it is one record now. You can undo it at any time."),
        lambda: merge_patients(merge_id=pk, keep=int(keep), by=actor(request), at=clock.now()),
    )


@never_cache
@require_POST
@allowed_to(can_merge_records)
def apart(request: HttpRequest, pk: int) -> HttpResponse:
    """They are two people."""
    return _do(
        request,
        pk,
        _("Noted: they are two people."),
        lambda: dismiss_duplicate(merge_id=pk, by=actor(request), at=clock.now()),
    )


@never_cache
@require_POST
@allowed_to(can_merge_records)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything goes back to whose it was."""
    return _do(
        request,
        pk,
        _("Undone: everything is back where it was. What came since stays with the first."),
        lambda: undo_merge(merge_id=pk, by=actor(request), at=clock.now()),
    )


@never_cache
@require_POST
@allowed_to(can_merge_records)
def swap(request: HttpRequest, pk: int) -> HttpResponse:
    """The other record stands from now on."""
    return _do(
        request,
        pk,
        _("Swapped: the other record stands now."),
        lambda: swap_merge(merge_id=pk, by=actor(request), at=clock.now()),
    )


def _do(request: HttpRequest, pk: int, done: str, act: Callable[[], PatientMerge]) -> HttpResponse:
    """One act on a pair that exists; with htmx the pair again, else a redirect to it."""
    if not PatientMerge.objects.filter(pk=pk).exists():
        return pair_page(request, pk, at=clock.now())
    try:
        now = act()
    except (MergeRefused, MergeSettled) as refused:
        return pair_page(request, pk, at=clock.now(), problem=translated(str(refused)), status=409)
    except MovedMeanwhile:
        problem = _("Somebody has decided this pair just now.")
        return pair_page(request, pk, at=clock.now(), problem=problem, status=409)
    if htmx_of(request) and now.pk == pk:
        return pair_page(request, pk, at=clock.now())
    messages.success(request, done)
    if htmx_of(request):
        return HttpResponseClientRedirect(reverse("desk:record-pair", args=[now.pk]))
    return redirect("desk:record-pair", now.pk)
