"""What the one availability rule must know, read for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from django.db.models import Count, Exists, Subquery

from crm.models import Patient
from scheduling.models import Slot
from scheduling.queries.holds import active_holds
from scheduling.queries.visits import established, live_visits
from scheduling.rules import (
    Hidden,
    HiddenBy,
    PatientFacts,
    SlotFacts,
    opens_by_the_clock,
    what_hides,
)
from scheduling.states import Restriction, SlotStatus


def get_slot(pk: int) -> Slot:
    """The slot with all that its rules and its line on a page need. :raises Slot.DoesNotExist:"""
    return Slot.objects.select_related(
        "role__provider", "role__clinic__location", "visit_type", "room"
    ).get(pk=pk)


#: What a slot names itself; the rest of `get_slot` hangs on these.
_NAMED = ("role", "visit_type", "room")


def keep_beside(slot: Slot, known: Slot) -> None:
    """Let a slot that was just locked keep what `get_slot` read beside it in `known`.

    Only where it still names the same: whoever held it may have given it another clinician or
    room. (One statement that both joins and waits would see the old clinician, or none.)
    """
    for name in _NAMED:
        if getattr(slot, f"{name}_id") == getattr(known, f"{name}_id"):
            setattr(slot, name, getattr(known, name))


def slot_facts(slot: Slot, *, at: dt.datetime, own_hold_ids: Collection[int] = ()) -> SlotFacts:
    """What the rules must know of a slot; one query for what else takes the clinician's time.

    :param own_hold_ids: holds of whoever asks, which are no obstacle.
    """
    beside = _beside(slot, at=at, own_hold_ids=own_hold_ids)
    return SlotFacts(
        status=SlotStatus(slot.status),
        starts_at=slot.starts_at,
        zone=slot.role.clinic.location.zone,
        capacity=slot.capacity,
        taken=slot.taken,
        restriction=Restriction(slot.restriction),
        restriction_days=slot.restriction_days,
        lead=dt.timedelta(minutes=slot.visit_type.lead_minutes),
        release_at=slot.release_at,
        provider_busy=beside["busy"],
        min_age=slot.visit_type.min_age,
        max_age=slot.visit_type.max_age,
        held=slot.capacity if beside["held_elsewhere"] else beside["held"] or 0,
        held_by=beside["held_by"] or "",
        held_until=beside["held_until"],
    )


def _beside(slot: Slot, *, at: dt.datetime, own_hold_ids: Collection[int]) -> dict[str, Any]:
    """The clinician's other visits at that time, and the seats that are kept for somebody."""
    elsewhere = (
        live_visits(slot.starts_at, slot.ends_at)
        .filter(provider_id=slot.role.provider_id)
        .exclude(slot_id=slot.pk)
    )
    held = active_holds(at=at, own_hold_ids=own_hold_ids).filter(
        slot__role__provider=slot.role.provider_id,
        slot__starts_at__lt=slot.ends_at,
        slot__ends_at__gt=slot.starts_at,
    )
    here, first = held.filter(slot=slot), held.order_by("expires_at")[:1]
    found: Any = (
        Slot.objects.filter(pk=slot.pk)
        .values(
            busy=Exists(elsewhere),
            held=Subquery(here.values("slot").annotate(n=Count("pk")).values("n")),
            held_elsewhere=Exists(held.exclude(slot=slot)),
            held_by=Subquery(first.values("owner")),
            held_until=Subquery(first.values("expires_at")),
        )
        .get()
    )
    return dict(found)


def patient_facts(
    patient: Patient, slot: Slot, *, at: dt.datetime, gives_up_id: int | None = None
) -> PatientFacts:
    """What the rules must know of a patient for `slot`; the visit they give up is no obstacle."""
    then = live_visits(slot.starts_at, slot.ends_at).filter(patient=patient)
    if gives_up_id is not None:
        then = then.exclude(pk=gives_up_id)
    seen_here = established(slot.role.clinic.specialty, at=at)
    return PatientFacts(
        birth_on=patient.birth_on,
        is_established=seen_here.filter(patient=patient).exists(),
        is_busy_then=then.exists(),
    )


def why_not(
    slot: Slot,
    *,
    at: dt.datetime,
    patient: Patient | None = None,
    gives_up_id: int | None = None,
    own_hold_ids: Collection[int] = (),
) -> Hidden | None:
    """Which rule hides `slot` now, from `patient` if given; None when it can be booked."""
    facts = patient_facts(patient, slot, at=at, gives_up_id=gives_up_id) if patient else None
    return what_hides(slot_facts(slot, at=at, own_hold_ids=own_hold_ids), at=at, patient=facts)


#: Rules that lift by themselves, at a moment that is known.
OPENS_BY_THE_CLOCK = frozenset({HiddenBy.SAME_DAY, HiddenBy.SAME_WEEK, HiddenBy.DAYS_BEFORE})


def opens_at(slot: Slot, *, at: dt.datetime) -> dt.datetime | None:
    """When a free slot may be filled: `at`, or once its own day or week has come; None when
    another rule hides it, which no clock lifts."""
    facts = replace(slot_facts(slot, at=at), held=0)  # kept for minutes: that hides no opening
    hidden = what_hides(facts, at=at)
    if hidden is None:
        return at
    if hidden.rule in OPENS_BY_THE_CLOCK:
        return opens_by_the_clock(facts)
    return None
