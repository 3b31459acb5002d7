"""What outreach asks of a carrier, and what a carrier reports to outreach.

Plain values only: an adapter in `integrations` translates its vendor's format into these and
back. The setting `SMS_GATEWAY` names the adapter by dotted path.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string


class DeliveryStatus(StrEnum):
    """How far a text has come, as a carrier tells it. They arrive out of order."""

    ACCEPTED = "accepted"  # the carrier has it, and nothing more is known
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingText:
    """One text to hand over.

    `ref` is ours and stands in the callback address, so a callback finds its message before we
    know the carrier's id. `from_number` empty means the gateway's own. After `validity_seconds`
    the carrier should drop the text rather than deliver it; None leaves it the carrier's choice.
    """

    ref: uuid.UUID
    to: str  # E.164
    body: str
    from_number: str = ""
    validity_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class SentText:
    """A text that the carrier has."""

    carrier_id: str
    status: DeliveryStatus = DeliveryStatus.ACCEPTED


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """A status callback. It names the text by our `ref`, the carrier's id, or both.

    `cannot_text` is set where the code says that no text will ever reach this number, with the
    reason for staff, and `is_nobodys` where it says that there is no such number; `opted_out`
    where it says that the person has opted out at the carrier.
    """

    status: DeliveryStatus
    ref: uuid.UUID | None = None
    carrier_id: str = ""
    error_code: str = ""
    cannot_text: str = ""
    opted_out: bool = False
    is_nobodys: bool = False


class SmsError(Exception):
    """Base of what a gateway raises; the text is for staff, without patient data."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class SmsRefused(SmsError):
    """The carrier said no to this text, for good. The rest: see `DeliveryReport`."""

    def __init__(
        self, message: str, *, code: str = "", cannot_text: str = "", is_nobodys: bool = False
    ) -> None:
        super().__init__(message, code=code)
        self.cannot_text = cannot_text
        self.is_nobodys = is_nobodys


class RecipientOptedOut(SmsError):
    """The person has opted out at the carrier, and our ledger did not know."""


class SmsUnavailable(SmsError):
    """The carrier certainly did not take the text: refused connection, full queue, rate limit."""

    def __init__(
        self, message: str, *, code: str = "", retry_after: dt.timedelta | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class SmsUnknown(SmsError):
    """No answer, or one that makes no sense: the text may be on its way. Look before a resend."""


class SmsGateway(Protocol):
    """One carrier. Calls block up to their own time-out; never call inside a transaction."""

    @property
    def sender(self) -> str:
        """The number or pool that texts leave from when they name none; also names its pace."""

    @property
    def segments_per_second(self) -> float | None:
        """The carrier's rate for one sender; None where there is none."""

    def send(self, text: OutgoingText) -> SentText:
        """Hand one text over.

        :raises SmsRefused, RecipientOptedOut, SmsUnavailable, SmsUnknown:
        """

    def find(self, text: OutgoingText, *, since: dt.datetime) -> Sequence[SentText]:
        """Texts like this one that the carrier took at or after `since`, newest first.

        :raises SmsUnavailable: when the carrier cannot be asked now.
        """


class NoSmsGateway:
    """Refuses everything: an installation without a carrier must not look as if it had one."""

    sender = ""
    segments_per_second = None

    def send(self, text: OutgoingText) -> SentText:
        """:raises SmsRefused: always, naming the settings that are missing."""
        raise SmsRefused(
            "No SMS carrier is set up: set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM.",
            code="no-gateway",
        )

    def find(self, text: OutgoingText, *, since: dt.datetime) -> Sequence[SentText]:
        return []


def get_gateway() -> SmsGateway:
    """The gateway that `SMS_GATEWAY` names; one for each process, as it keeps connections."""
    return _gateway(settings.SMS_GATEWAY)


@lru_cache(maxsize=8)
def _gateway(path: str) -> SmsGateway:
    return cast("SmsGateway", import_string(path)())
