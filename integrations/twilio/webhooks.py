"""What Twilio tells us: texts from patients, and what became of ours.

Both answer at once; what follows from them is done by rows (Twilio waits 15 s at most, and
tries again after an error).
"""

from __future__ import annotations

import uuid

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

from crm import clock
from integrations.inbox.door import note_turned_away
from integrations.states import Door
from integrations.twilio.mapping import delivery_report
from integrations.twilio.signature import twilio_only
from outreach.actions import UnreadableNumber, receive_text, record_delivery

log = structlog.get_logger(__name__)

#: No text back from here: what we answer is a message of its own, with consent looked at.
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@twilio_only
def inbound(request: HttpRequest) -> HttpResponse:
    """A text to one of our numbers. The same MessageSid again changes nothing."""
    carrier_id = request.POST.get("MessageSid", "")[:64]
    if not carrier_id:
        return HttpResponseBadRequest("MessageSid is missing.", content_type="text/plain")
    try:
        receive_text(
            from_number=request.POST.get("From", ""),
            to_number=request.POST.get("To", ""),
            body=request.POST.get("Body", ""),
            carrier_id=carrier_id,
            at=clock.now(),
        )
    except UnreadableNumber:
        log.info("twilio.sender_without_number", message=carrier_id)
        note_turned_away(
            door=Door.TWILIO,
            peer=request.POST.get("From", ""),
            reason="no-number",
            sentence="A text from a short code or a name: nobody to answer to. It was not kept.",
            at=clock.now(),
        )
    return HttpResponse(EMPTY_TWIML, content_type="text/xml")


@twilio_only
def status(request: HttpRequest, ref: uuid.UUID) -> HttpResponse:
    """A status callback about the text that we call `ref`. They may come in any order."""
    report = delivery_report(request.POST.dict(), ref=ref)
    if report is not None:
        record_delivery(report=report, at=clock.now())
    return HttpResponse(status=204)
