"""May whoever has this phone answer for this patient?"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from crm.models import ConsentEntry, Patient, Phone
from crm.queries import Permission, contact_permission
from crm.rules import ContactRule
from crm.states import Channel, Purpose
from outreach.rules.doubts import Doubt
from scheduling.models import Slot
from waitlist.models import Offer

_NOT_THEIRS = frozenset(
    {
        ContactRule.DECEASED,
        ContactRule.COURT_RESTRICTION,
        ContactRule.PHONE_NOT_THEIRS,
        ContactRule.NUMBER_ENDED,
        ContactRule.CONFIDENTIAL_PHONE_ONLY,
    }
)


class Standing(StrEnum):
    """What the holder of a phone is to the patient of an offer, now and not when it was made."""

    THEIRS = "theirs"  # the patient's own, or a proxy's who may act in scheduling
    OPTED_OUT = "opted-out"  # theirs, but no text may tell them what became of it
    UNSURE = "unsure"  # asked who we are: the date of birth will tell
    NOT_THEIRS = "not-theirs"


def standing_on(phone: Phone, offer: Offer, *, at: dt.datetime) -> tuple[Standing, Permission]:
    """How the phone stands to the offer's patient, and what says so. Three or four queries."""
    return standing_for(phone, offer.patient, offer.slot, at=at)


def standing_for(
    phone: Phone, patient: Patient, slot: Slot, *, at: dt.datetime
) -> tuple[Standing, Permission]:
    """The same before there is an offer: a visit that no text may hint at asks for more."""
    permission = contact_permission(
        patient=patient,
        phone=phone,
        channel=Channel.SMS,
        purpose=Purpose.ANSWER,
        at=at,
        is_sensitive=slot.visit_type.is_sensitive,
    )
    return _standing(permission), permission


def _standing(permission: Permission) -> Standing:
    if permission.rule in _NOT_THEIRS:
        return Standing.NOT_THEIRS
    if permission.rule != ContactRule.OPTED_OUT:
        return Standing.THEIRS  # also from a phone of which we thought that it cannot text
    sources = ConsentEntry.objects.filter(pk=permission.proof["consent"])
    match sources.values_list("source", flat=True).first():
        case Doubt.ASKED_WHO:
            return Standing.UNSURE
        case Doubt.BIRTH_DATE | Doubt.WRONG_NUMBER:
            return Standing.NOT_THEIRS
    return Standing.OPTED_OUT
