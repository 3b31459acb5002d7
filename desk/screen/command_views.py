"""The command bar: any patient, action or article by a few letters."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseLocation

from crm import clock
from crm.actions.contacts import ContactOver, identify_contact, open_contact
from crm.models import Patient, User
from crm.permissions import can_take_calls
from crm.queries.finding import find_patients
from crm.states import Channel
from crm.web import actor, allowed_to, htmx_of, note_views
from desk.actions.safety import check_reason_again
from desk.knowledge_views import article_links
from desk.screen import page
from desk.screen.contact import DeskContact, find_contact
from desk.screen.deeds import deeds_for
from desk.screen.people import careful_name, stands
from desk.screen.speaking import says_nothing

#: So many of each kind.
MOST: Final = 6


class FindForm(forms.Form):
    """`shown` is the contact on the screen."""

    said = forms.CharField(max_length=160, required=False)
    shown = forms.IntegerField(required=False)


class PersonForm(forms.Form):
    """`shown` is the contact on the screen."""

    patient = forms.ModelChoiceField(Patient.objects.all())
    shown = forms.IntegerField(required=False)


@never_cache
@require_POST
@allowed_to(can_take_calls)
def find(request: HttpRequest) -> HttpResponse:
    """What fits a few letters; posted, so that no name stands in an address."""
    form = FindForm(request.POST)
    told = form.cleaned_data if form.is_valid() else {}
    said, at = str(told.get("said", "")).strip(), clock.now()
    shown = find_contact(told.get("shown") or 0) if said else None
    people = find_patients(said) if len(said) > 1 else ()
    note_views(request, what="desk search", patient_ids=[one.pk for one in people], at=at)
    context = {
        "said": said,
        "people": [(one.pk, careful_name(one)) for one in people[:MOST]],
        "deeds": deeds_for(said, contact=shown, user=page.user_of(request)),
        "reads_in": shown.pk if shown else None,
        "articles": article_links(said, limit=MOST),
    }
    if htmx_of(request):
        return render(request, "screen/found.html", context)
    screen = page.screen_context(request, None, at=at)
    return render(request, "screen/screen.html", screen | context)


@never_cache
@require_POST
@allowed_to(can_take_calls)
def person(request: HttpRequest) -> HttpResponse:
    """Somebody from the command bar: into the contact in hand while nobody is known there, else
    into a new one."""
    form = PersonForm(request.POST)
    if not form.is_valid():
        return redirect("desk:screen")
    by, at, user = actor(request), clock.now(), page.user_of(request)
    shown = find_contact(form.cleaned_data["shown"] or 0)
    chosen = stands(form.cleaned_data["patient"])
    key = 0
    if (
        shown is not None
        and shown.mine(user)
        and shown.patient is None
        and not says_nothing(shown.kind)
    ):
        with suppress(ContactOver):  # wrapped up, perhaps a moment ago
            made = identify_contact(
                contact_id=shown.pk, patient=chosen, speaker=shown.speaker, by=by, at=at
            )
            key = made.pk
    if not key:
        made = open_contact(channel=Channel.DESK, agent=user, patient=chosen, by=by, at=at)
        key = made.pk
    check_reason_again(contact_id=key, by=by, at=at)
    where = reverse("desk:screen-contact", args=[key])
    if htmx_of(request):
        return HttpResponseLocation(where, target="#desk-work", swap="innerHTML")
    return redirect(where)


def _takes_somebody(shown: DeskContact, user: User) -> bool:
    """It is theirs, nobody is known in it yet, and somebody may be."""
    return shown.mine(user) and shown.patient is None and not says_nothing(shown.kind)
