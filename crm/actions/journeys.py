"""Journeys and interactions: each contact hangs on the need that it is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.db import models, transaction

from crm.engine import Actor, move, publish, record
from crm.engine.audit import subject_type
from crm.locks import lock_patients
from crm.models import Interaction, Journey, Patient
from crm.states import Channel, JourneyStatus


def find_or_open_journey(*, patient: Patient, need: str, by: Actor, at: dt.datetime) -> Journey:
    """The patient's open journey for `need`, or a new one ("An earlier visit")."""
    return find_or_open_journeys(patient_ids=[patient.pk], need=need, by=by, at=at)[patient.pk]


@transaction.atomic(savepoint=False)
def find_or_open_journeys(
    *, patient_ids: Collection[int], need: str, by: Actor, at: dt.datetime
) -> dict[int, Journey]:
    """The same for several patients, by key. Three statements, beside audit and events.

    Locks the patients by key, so that two contacts in the same instant don't open two journeys.
    """
    lock_patients(patient_ids)
    found = Journey.objects.filter(patient__in=patient_ids, need=need, status=JourneyStatus.OPEN)
    # The newest of several comes last, and stays.
    journeys = {journey.patient_id: journey for journey in found.order_by("opened_at", "pk")}
    missing = sorted({*patient_ids} - journeys.keys())
    opened = [Journey(patient_id=pk, need=need, opened_at=at) for pk in missing]
    for journey in Journey.objects.bulk_create(opened):
        journeys[journey.patient_id] = journey
        record("crm.journey.opened", journey, by=by, at=at)
        publish("crm.journey-opened", journey, at=at)
    return journeys


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
    about = [(journey, subject)]
    return open_interactions(about=about, channel=channel, summary=summary, by=by, at=at)[0]


@transaction.atomic(savepoint=False)
def open_interactions(
    *,
    about: Sequence[tuple[Journey, models.Model | None]],
    channel: Channel,
    by: Actor,
    at: dt.datetime,
    summary: str = "",
    specialty: str = "",
) -> list[Interaction]:
    """One contact for each journey with what it is about, in order, in one statement.

    :param specialty: the service line of all of them: what is asked in them goes to its queue.
    """
    made = Interaction.objects.bulk_create(
        Interaction(
            journey=journey,
            patient_id=journey.patient_id,
            channel=channel,
            started_at=at,
            summary=summary[:300],
            specialty=specialty[:80],
            subject_type=subject_type(subject) if subject else "",
            subject_id=subject.pk if subject else None,
        )
        for journey, subject in about
    )
    for interaction in made:
        record("crm.interaction.opened", interaction, by=by, at=at, channel=channel)
    return made


@transaction.atomic
def resolve_journey(*, journey: Journey, by: Actor, at: dt.datetime, reason: str = "") -> Journey:
    """Close the journey: the need is met, or no longer there. Publishes `crm.journey-resolved`.

    :raises MovedMeanwhile: when somebody resolved it since it was read.
    """
    move(journey, to=JourneyStatus.RESOLVED, by=by, at=at, reason=reason, resolved_at=at)
    publish("crm.journey-resolved", journey, at=at)
    return journey
