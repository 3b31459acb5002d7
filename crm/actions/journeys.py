"""Journeys and interactions: each contact hangs on the need that it is about."""

from __future__ import annotations

import datetime as dt

from django.db import models, transaction

from crm.engine import Actor, move, publish, record
from crm.engine.audit import subject_type
from crm.locks import lock_patient
from crm.models import Interaction, Journey, Patient
from crm.states import Channel, JourneyStatus


@transaction.atomic(savepoint=False)
def find_or_open_journey(*, patient: Patient, need: str, by: Actor, at: dt.datetime) -> Journey:
    """The patient's open journey for `need`, or a new one ("An earlier visit").

    Locks the patient, so that two contacts in the same instant don't open two journeys.
    """
    lock_patient(patient.pk)
    found = Journey.objects.filter(patient=patient, need=need, status=JourneyStatus.OPEN)
    journey = found.order_by("-opened_at", "-pk").first()
    if journey is not None:
        return journey
    journey = Journey.objects.create(patient=patient, need=need, opened_at=at)
    record("crm.journey.opened", journey, by=by, at=at)
    publish("crm.journey-opened", journey, at=at)
    return journey


@transaction.atomic(savepoint=False)
def open_interaction(
    *,
    journey: Journey,
    channel: Channel,
    by: Actor,
    at: dt.datetime,
    summary: str = "",
    subject: models.Model | None = None,
) -> Interaction:
    """Start a contact on the patient's timeline; `subject` is what it is about (an offer)."""
    interaction = Interaction.objects.create(
        journey=journey,
        patient_id=journey.patient_id,
        channel=channel,
        started_at=at,
        summary=summary[:300],
        subject_type=subject_type(subject) if subject else "",
        subject_id=subject.pk if subject else None,
    )
    record("crm.interaction.opened", interaction, by=by, at=at, channel=channel)
    return interaction


@transaction.atomic
def resolve_journey(*, journey: Journey, by: Actor, at: dt.datetime, reason: str = "") -> Journey:
    """Close the journey: the need is met, or no longer there. Publishes `crm.journey-resolved`.

    :raises MovedMeanwhile: when somebody resolved it since it was read.
    """
    move(journey, to=JourneyStatus.RESOLVED, by=by, at=at, reason=reason, resolved_at=at)
    publish("crm.journey-resolved", journey, at=at)
    return journey
