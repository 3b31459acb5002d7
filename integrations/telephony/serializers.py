"""What a telephone system may tell of a call in plain JSON, field by field."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from rest_framework import serializers

from crm.rules.calls import CallNews
from crm.states import Aid
from integrations.rest.serializers import Choice, Instant, key

#: As long as a call's columns are.
LONGEST_SOURCE, LONGEST_ID, LONGEST_EXTENSION, LONGEST_NUMBER = 60, 120, 60, 80
#: Each piece of news by the name of its event: "call.rang".
NEWS = {f"call.{news}": news for news in CallNews}


class Direction(StrEnum):
    """Who called whom."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class CallInput(serializers.Serializer[Any]):
    """One call. What is not known yet is left out, and told with a later event."""

    id = key(longest=LONGEST_ID, help_text="The call's key in the telephone system.")
    caller = serializers.CharField(
        max_length=LONGEST_NUMBER,
        required=False,
        default="",
        allow_blank=True,
        help_text="The number that calls: E.164, or American. Empty or anonymous: withheld.",
    )
    called = serializers.CharField(
        max_length=LONGEST_NUMBER,
        required=False,
        default="",
        allow_blank=True,
        help_text="The number that was called. Needed when it rings.",
    )
    extension = serializers.CharField(
        max_length=LONGEST_EXTENSION,
        required=False,
        default="",
        allow_blank=True,
        help_text="Where it rings, or was missed; who answered, or calls out.",
    )
    key = serializers.RegexField(
        r"^[0-9*#]{1,8}$",
        required=False,
        default="",
        allow_blank=True,
        help_text="The key of the menu that was pressed. Needed for call.pressed.",
    )
    aid = Choice(
        choices=[str(aid) for aid in Aid],
        default=str(Aid.NONE),
        help_text="How the caller speaks to us: by a relay operator, by TTY.",
    )
    direction = Choice(choices=[str(way) for way in Direction], default=str(Direction.INBOUND))


class CallEventInput(serializers.Serializer[Any]):
    """One piece of news of one call."""

    event = Choice(choices=list(NEWS))
    source = key(  # type: ignore[assignment]
        longest=LONGEST_SOURCE,
        help_text="The telephone system; keys of calls are unique within it.",
    )
    at = Instant(help_text="When it happened. Puts the news of a call in order, however it comes.")
    call = CallInput()

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        news, call = NEWS[data["event"]], data["call"]
        if news is CallNews.RANG and not call["called"]:
            raise _missing("called", "A ring needs the number that was called.")
        if news is CallNews.PRESSED and not call["key"]:
            raise _missing("key", "Say which key was pressed.")
        if news is CallNews.MISSED and not call["extension"]:
            raise _missing("extension", "Say at which extension nobody answered.")
        return data


def _missing(field: str, sentence: str) -> serializers.ValidationError:
    return serializers.ValidationError({"call": {field: sentence}})
