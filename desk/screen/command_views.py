"""The command bar: any patient, action or article by a few letters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseLocation

from crm import clock
from crm.actions.contacts import identify_contact, open_contact
from crm.models import Patient
from crm.permissions import can_take_calls
from crm.queries.finding import find_patients
from crm.rules.names import plain
from crm.states import Channel
from crm.web import actor, allowed_to, htmx_of, note_views
from desk.actions.safety import check_reason_again
from desk.knowledge_views import article_links
from desk.screen import page
from desk.screen.contact import find_contact
from desk.screen.people import careful_name, stands

#: What can be done from anywhere: its words, its icon, and where it is.
ACTIONS: Final = (
    ("Find a slot", "calendar-plus", "desk:slots"),
    ("Tasks", "list-check", "desk:tasks"),
    ("Openings and offers", "calendar-time", "waitlist:openings"),
    ("Demand that found no time", "chart-bar", "desk:demand"),
    ("Decision trees", "route", "desk:trees"),
    ("Treatment plans", "report-medical", "desk:plans"),
    ("Schedules", "calendar", "desk:schedules"),
    ("Knowledge", "book", "desk:knowledge"),
    ("Who is working, live", "broadcast", "desk:live"),
    ("Records that may be one person", "git-merge", "desk:records"),
)
#: So many of each kind.
MOST: Final = 6


@dataclass(frozen=True, slots=True)
class Deed:
    """An action that fits what was typed."""

    word: str
    icon: str
    url: str


class FindForm(forms.Form):
    said = forms.CharField(max_length=160, required=False)


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
    said = form.cleaned_data["said"].strip() if form.is_valid() else ""
    at = clock.now()
    people = find_patients(said) if len(said) > 1 else ()
    note_views(request, what="desk search", patient_ids=[one.pk for one in people], at=at)
    context = {
        "said": said,
        "people": [(one.pk, careful_name(one)) for one in people[:MOST]],
        "deeds": deeds(said),
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
    if shown is not None and shown.mine(user) and not shown.is_over and shown.patient is None:
        key = shown.pk
    else:
        key = open_contact(channel=Channel.DESK, agent=user, by=by, at=at).pk
    identify_contact(contact_id=key, patient=chosen, by=by, at=at)
    check_reason_again(contact_id=key, by=by, at=at)
    where = reverse("desk:screen-contact", args=[key])
    if htmx_of(request):
        return HttpResponseLocation(where, target="#desk-work", swap="innerHTML")
    return redirect(where)


def deeds(said: str) -> tuple[Deed, ...]:
    """Actions each of whose typed words begins one of theirs."""
    words = plain(said).split()
    found = []
    for word, icon, name in ACTIONS if words else ():
        if all(any(each.startswith(one) for each in plain(word).split()) for one in words):
            try:
                found.append(Deed(word, icon, reverse(name)))
            except NoReverseMatch:  # a page that this installation does not have
                continue
    return tuple(found[:MOST])
