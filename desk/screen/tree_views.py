"""A decision tree in the conversation: its questions in the dialog, its end at the times."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm import clock
from crm.permissions import can_take_calls
from crm.rules import age_on
from crm.states import Channel
from crm.web import actor, allowed_to, htmx_of
from desk import tree_walking
from desk.queries.known_here import new_or_established
from desk.queries.zone import house_zone
from desk.screen import page
from desk.screen.acting import by_their_agent
from desk.screen.contact import DeskContact
from scheduling.actions.tree_runs import TreeNotPublished, start_run
from scheduling.rules.trees import Facts


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def ask(request: HttpRequest, contact: DeskContact, tree_pk: int) -> HttpResponse:
    """Begin the tree with what is known of the patient; what it ends at is looked for here.

    The reason was read by the safety check when it was given.
    """
    at, patient = clock.now(), contact.heard_patient
    try:
        run = start_run(
            tree_id=tree_pk,
            facts=facts_of(contact, at=at),
            channel=Channel(contact.interaction.channel),
            patient_id=patient.pk if patient else None,
            journey_id=contact.interaction.journey_id,
            by=actor(request),
            at=at,
        )
    except TreeNotPublished as missing:
        return page.conflict(request, contact, str(missing))
    tree_walking.remember_contact(request, run.pk, contact.pk)
    if htmx_of(request):
        return tree_walking.show(request, run.pk)
    return redirect("desk:tree-run", run.pk)


def facts_of(contact: DeskContact, *, at: dt.datetime) -> Facts:
    """Of a patient of whom whoever speaks may not hear nothing."""
    line = contact.call.line if contact.call else None
    patient = contact.heard_patient
    if patient is None:
        return Facts(language=line.language if line else "")
    born = patient.birth_on
    return Facts(
        age=age_on(contact.day_of(at), birth_on=born) if born else None,
        sex=patient.sex,
        patient=new_or_established(patient, at=at),
        hour=at.astimezone(house_zone()).hour,
        language=patient.language,
    )
