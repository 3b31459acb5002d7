"""Events of a telephone system, once validated, to what is told of a call, and back. Pure."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crm.rules.calls import CallTold
from crm.states import Aid
from integrations.telephony.serializers import NEWS, Direction


def call_told(event: dict[str, Any]) -> CallTold:
    """The validated data of `CallEventInput`."""
    call = event["call"]
    return CallTold(
        source=event["source"],
        source_id=call["id"],
        news=NEWS[event["event"]],
        at=event["at"],
        caller=call["caller"],
        called=call["called"],
        extension=call["extension"],
        key=call["key"],
        aid=Aid(call["aid"]),
        is_outbound=call["direction"] == Direction.OUTBOUND,
    )


def call_event(told: CallTold) -> dict[str, Any]:
    """The event that a telephone system would send of it."""
    call = {
        "id": told.source_id,
        "caller": told.caller,
        "called": told.called,
        "extension": told.extension,
        "key": told.key,
        "aid": str(told.aid),
        "direction": str(Direction.OUTBOUND if told.is_outbound else Direction.INBOUND),
    }
    return {
        "event": f"call.{told.news}",
        "source": told.source,
        "at": told.at.astimezone(dt.UTC).isoformat(),
        "call": call,
    }
