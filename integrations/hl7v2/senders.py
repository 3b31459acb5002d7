"""Who sends: from the row behind MSH-3|MSH-4 to how its messages are read."""

from __future__ import annotations

from django.conf import settings

from crm.recent import Recent
from integrations.cancel_reasons import read_meaning
from integrations.hl7v2.errors import AckCode, ErrorCode, Hl7Refused
from integrations.hl7v2.profile import SenderProfile
from integrations.models import Hl7Sender
from integrations.states import OtherMessages
from scheduling.states import AppointmentStatus

#: In demo mode a sender that nobody has registered is read as one of this zone.
DEMO_ZONE = "America/Phoenix"
VISIT_TYPE_FIELDS = ("AIS-3", "SCH-8", "SCH-7")
_SENDERS: Recent[str, Hl7Sender] = Recent()


def find_sender(name: str) -> Hl7Sender | None:
    """The registration of "MSH-3.1|MSH-4.1", unless it is switched off."""
    read = Hl7Sender.objects.filter(name=name, is_active=True).first
    return _SENDERS.find_or_read(name, read)


def passes_over(sender: Hl7Sender | None) -> bool:
    """Whether it hears AA for messages of neither visits nor patients."""
    return sender is not None and sender.other_messages == OtherMessages.IGNORE


def profile_of(sender: Hl7Sender | None) -> SenderProfile:
    """How to read a sender; also one whose row is not saved yet.

    :raises Hl7Refused: for one that nobody has registered, or whose registration makes no sense.
    """
    if sender is None:
        return _profile_of_unknown()
    first = sender.visit_type_from
    try:
        return SenderProfile(
            zone=sender.zone,
            source=sender.source,
            charset=sender.charset,
            appointment_id_from=sender.appointment_id_from,
            visit_type_from=(first, *(f for f in VISIT_TYPE_FIELDS if f != first)),
            location_from=sender.location_from,
            processing_ids=frozenset(p.strip() for p in sender.processing_ids.split(",")),
            statuses={c: AppointmentStatus(s) for c, s in sender.statuses.items()},
            cancel_reasons={c: read_meaning(m) for c, m in sender.cancel_reasons.items()},
        )
    except (ValueError, KeyError) as error:  # an unknown zone is a KeyError
        raise Hl7Refused(
            field="MSH-3",
            sentence="The registration of this sender is wrong; mend it and replay.",
            error_code=ErrorCode.INTERNAL,
        ) from error


def zone_of_unknown() -> str:
    """The zone in which senders are read that nobody has registered; empty when they are not."""
    zone: str = settings.FIRSTCALL.hl7_unknown_sender_zone
    if not zone and settings.FIRSTCALL.firstcall_demo:
        return DEMO_ZONE
    return zone


def _profile_of_unknown() -> SenderProfile:
    zone = zone_of_unknown()
    if not zone:
        raise Hl7Refused(
            ack_code=AckCode.REJECT,
            field="MSH-3",
            sentence="We do not know this sender; register it under HL7 senders and replay.",
            error_code=ErrorCode.UNKNOWN_KEY,
        )
    return SenderProfile(zone=zone)
