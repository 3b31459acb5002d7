"""The demo's carrier: its phones are on a page. It delivers at once and keeps opt-outs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.conf import settings

from crm import clock
from crm.models import ConsentEntry
from crm.states import Channel, ConsentDecision
from outreach.actions import record_delivery
from outreach.models import Message
from outreach.ports import (
    DeliveryReport,
    DeliveryStatus,
    OutgoingText,
    RecipientOptedOut,
    SentText,
    SmsRefused,
)

#: The number that the demo's texts come from (fictional, like all 555-01xx).
NUMBER = "+16025550100"


class PhoneWallGateway:
    """Behaves as a carrier does: an opt-out word blocks a phone until it says START.

    It has no tables: a text is delivered by reporting it so, and the newest carrier word of a
    phone stands in the consent ledger.
    """

    sender = NUMBER
    segments_per_second = None

    def send(self, text: OutgoingText) -> SentText:
        if not settings.FIRSTCALL.firstcall_demo:
            raise SmsRefused("The phone wall is for demos: set up a carrier.", code="demo-only")
        if _is_blocked(text.to):
            raise RecipientOptedOut("This phone has texted an opt-out word.", code="21610")
        carrier_id = f"PW{text.ref.hex}"
        # As with a real carrier, the report may come before our own answer does.
        report = DeliveryReport(
            status=DeliveryStatus.DELIVERED, ref=text.ref, carrier_id=carrier_id
        )
        record_delivery(report=report, at=clock.now())
        return SentText(carrier_id, DeliveryStatus.DELIVERED)

    def find(self, text: OutgoingText, *, since: dt.datetime) -> Sequence[SentText]:
        """What is on the wall is what was reported delivered."""
        found = Message.objects.filter(
            ref=text.ref, carrier_id__startswith="PW", created_at__gte=since
        )
        return [
            SentText(carrier_id, DeliveryStatus.DELIVERED)
            for carrier_id in found.values_list("carrier_id", flat=True)
        ]


def _is_blocked(number: str) -> bool:
    words = ConsentEntry.objects.filter(
        phone__number=number, channel=Channel.SMS, source="carrier-keyword"
    )
    newest = words.order_by("-at", "-pk").values_list("decision", flat=True).first()
    return newest == ConsentDecision.REVOKED
