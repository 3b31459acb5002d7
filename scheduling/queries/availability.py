"""What the one availability rule must know, read for it."""

from __future__ import annotations

import datetime as dt

from crm.models import Patient
from scheduling.models import Slot
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


def slot_facts(slot: Slot) -> SlotFacts:
    """What the rules must know of a slot; one query for the clinician's other visits."""
    elsewhere = (
        live_visits(slot.starts_at, slot.ends_at)
        .filter(provider_id=slot.role.provider_id)
        .exclude(slot_id=slot.pk)
    )
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
        provider_busy=elsewhere.exists(),
        min_age=slot.visit_type.min_age,
        max_age=slot.visit_type.max_age,
    )


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
    slot: Slot, *, at: dt.datetime, patient: Patient | None = None, gives_up_id: int | None = None
) -> Hidden | None:
    """Which rule hides `slot` now, from `patient` if given; None when it can be booked."""
    facts = patient_facts(patient, slot, at=at, gives_up_id=gives_up_id) if patient else None
    return what_hides(slot_facts(slot), at=at, patient=facts)


#: Rules that lift by themselves, at a moment that is known.
OPENS_BY_THE_CLOCK = frozenset({HiddenBy.SAME_DAY, HiddenBy.SAME_WEEK, HiddenBy.DAYS_BEFORE})


def opens_at(slot: Slot, *, at: dt.datetime) -> dt.datetime | None:
    """When a free slot may be filled: `at`, or once its own day or week has come; None when
    another rule hides it, which no clock lifts."""
    facts = slot_facts(slot)
    hidden = what_hides(facts, at=at)
    if hidden is None:
        return at
    if hidden.rule in OPENS_BY_THE_CLOCK:
        return opens_by_the_clock(facts)
    return None
