"""What a visit needs, asked once more as somebody takes the time; a person may set it aside."""

from __future__ import annotations

import datetime as dt

from crm.engine import Actor, record
from crm.models import Patient
from scheduling.actions import BookingRefused
from scheduling.models import Appointment, Slot
from scheduling.rules import HiddenBy
from waitlist.models import Opening
from waitlist.queries.requirements import claim_of, find_standing


class NeedStands(BookingRefused):
    """An earlier date would break something that the visit needs; the text says what, for staff."""


def check_needs(
    opening: Opening,
    slot: Slot,
    *,
    patient: Patient,
    gives_up: Appointment | None,
    set_aside: str = "",
    by: Actor,
    at: dt.datetime,
) -> None:
    """Whether the time may be taken: for the visit given up, or for what the patient waits for.

    Between the offer and the yes lie hours: the authorization has ended, the lab was moved, less
    time is left than the preparation takes. Two queries, three without a visit to give up.

    :param slot: the opening's, as `scheduling.queries.get_slot` gives it.
    :param set_aside: why a person who may (`crm.permissions.can_set_rules_aside`) books it all
        the same. Recorded with the rule.
    :raises NeedStands: with all that stands against it.
    """
    found = find_standing(claim_of(patient, opening, slot, gives_up=gives_up), slot, at=at)
    if found is None:
        return
    if not set_aside:
        raise NeedStands(f"{found.sentence}.", rule=HiddenBy.NEEDS)
    record(
        "waitlist.rule.set-aside",
        patient,
        by=by,
        at=at,
        reason=set_aside,
        rule=found.rule,
        opening=opening.pk,
    )
