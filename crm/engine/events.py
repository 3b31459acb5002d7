"""The outbox: events commit with the change they tell of, and are delivered at least once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from functools import partial

from django.db import models, transaction

from crm.engine import audit, doorbell, together
from crm.engine.inserts import insert_all
from crm.engine.models import Event, EventDelivery
from crm.live.channel import Notice
from crm.live.publish import publish as publish_live

#: Takes the event and the time. Runs after commit, in its own transaction, at least once.
Subscriber = Callable[[Event, dt.datetime], None]

_SUBSCRIBERS: dict[str, dict[str, Subscriber]] = defaultdict(dict)
#: Paths of those for whom somebody waits.
_URGENT: set[str] = set()
DELIVER = "crm.deliver"
#: What a row calls the member of staff whom it concerns, where that is not `agent`.
_STAFF = {
    "crm.agent": "user_id",
    "crm.handoff": "to_user_id",
    "crm.queueentry": "claimed_by_id",
    "crm.task": "owner_id",
}


def subscribe(event_name: str, subscriber: Subscriber, *, urgent: bool = False) -> None:
    """Have `subscriber` called for each event of that name. Called in `AppConfig.ready`.

    `urgent` ones come first where one worker has several to call.
    """
    path = f"{subscriber.__module__}.{subscriber.__qualname__}"
    _SUBSCRIBERS[event_name][path] = subscriber
    if urgent:
        _URGENT.add(path)


def subscriber_for(event_name: str, path: str) -> Subscriber | None:
    """The handler by its stored path; None once the code no longer has it."""
    return _SUBSCRIBERS[event_name].get(path)


def publish(
    name: str, subject: models.Model, *, at: dt.datetime, **payload: int | str | None
) -> Event:
    """Say that `name` happened to `subject`, in the caller's transaction.

    `payload` takes ids and short codes, never patient data: events reach the live stream.
    """
    event = Event(
        name=name,
        subject_type=audit.subject_type(subject),
        subject_id=subject.pk,
        payload=payload,
        created_at=at,
    )
    event.concerns = whom(subject)
    batch = together.current()
    if batch is None:
        event.save(force_insert=True)
        _hand_out([event])
    else:
        batch.events.append(event)
    return event


def whom(subject: models.Model) -> dict[str, int]:
    """The patient, the contact at the desk, its agent and its queue that a row belongs to, by ids.

    Only what was read with the row: nothing is asked of the database.
    """
    kind, known = audit.subject_type(subject), subject.__dict__
    found = {
        "patient": subject.pk if kind == "crm.patient" else known.get("patient_id"),
        "contact": subject.pk if kind == "crm.interaction" else known.get("interaction_id"),
        "agent": known.get(_STAFF.get(kind, "agent_id")),
        "queue": known.get("queue_id"),
    }
    return {key: value for key, value in found.items() if isinstance(value, int)}


def write(events: list[Event]) -> None:
    """Insert the events of a batch, in order, and have them delivered."""
    if events:
        insert_all(events)
        _hand_out(events)


def _hand_out(events: list[Event]) -> None:
    """One delivery for each that listens; open pages hear of all."""
    deliveries = [
        EventDelivery(event=event, subscriber=path, due_at=event.created_at)
        for event in events
        for path in _SUBSCRIBERS[event.name]
    ]
    insert_all(deliveries)
    for delivery in deliveries:
        doorbell.ring(DELIVER, delivery.pk, urgent=delivery.subscriber in _URGENT)
    transaction.on_commit(partial(_tell_live, events), robust=True)


def _tell_live(events: list[Event]) -> None:
    publish_live(
        *(Notice(e.pk, e.name, e.subject_type, e.subject_id, **e.concerns) for e in events)
    )


def deliver(pk: int, at: dt.datetime) -> dt.datetime | None:
    """Hand one event to one subscriber; the row goes when both have committed."""
    delivery = EventDelivery.objects.select_related("event").filter(pk=pk).first()
    if delivery is None:
        return None
    handler = subscriber_for(delivery.event.name, delivery.subscriber)
    with transaction.atomic():
        if handler is not None:
            handler(delivery.event, at)
        delivery.delete()
    return None
