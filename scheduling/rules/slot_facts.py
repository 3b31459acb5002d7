"""A slot and a patient as the one availability rule sees them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from scheduling.rules.effects import Effect
from scheduling.rules.names import HiddenBy
from scheduling.states import Modality, PatientLimit, Restriction, SlotStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A visit type as a slot is asked for it. `serves`: the slot may be used for it."""

    pk: int
    name: str
    modality: Modality
    serves: bool = True


@dataclass(frozen=True, slots=True)
class Retired:
    """A kind of visit that is no longer booked; `on` is not always known."""

    name: str
    on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class SlotFacts:
    """A slot as the rules see it. `provider_busy` counts visits outside this slot's seats.

    - `held` counts the seats that are kept for somebody else just now: all of them while the
      clinician's time is kept through another slot. `held_by` and `held_until` tell of the hold
      that ends first.
    - `asked`: the visit type that is asked for; None for what the slot was made for.
    - `lead` and the ages are those of the visit that would be booked.
    - `release_at`: from then on neither the restriction nor the audience holds.
    - `licensed_in`: states where its clinician may treat that day; None where nobody keeps them.
    - `retired`: the kind of visit that is asked for, or the slot's own, where it is no longer
      booked; whoever moves a visit keeps its kind.
    - `effects`: what the clinic has set for rules, by rule; the others do what they do by default.
    """

    status: SlotStatus
    starts_at: dt.datetime
    zone: str
    capacity: int
    taken: int
    restriction: Restriction
    lead: dt.timedelta
    restriction_days: int = 0
    release_at: dt.datetime | None = None
    provider_busy: bool = False
    min_age: int | None = None
    max_age: int | None = None
    held: int = 0
    held_by: str = ""
    held_until: dt.datetime | None = None
    room_busy: bool = False
    restriction_reason: str = ""
    restriction_owner: str = ""
    modality: Modality = Modality.IN_PERSON
    asked: Kind | None = None
    licensed_in: frozenset[str] | None = None
    retired: Retired | None = None
    effects: Mapping[HiddenBy, Effect] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """What of a patient decides whether a slot is open to them."""

    birth_on: dt.date | None
    is_established: bool
    is_busy_then: bool
    state: str = ""  # where they will be, "AZ"; empty: not known
    limit: PatientLimit | None = None  # in force at this clinic
