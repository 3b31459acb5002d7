"""What a person may write into the registration of a sender."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from integrations.cancel_reasons import MEANINGS
from integrations.hl7v2.charset import codec_for
from scheduling.states import AppointmentStatus


def check_zone(name: str) -> None:
    """:raises ValidationError: for what is no IANA zone."""
    if name not in available_timezones():
        raise ValidationError(_("This is no IANA time zone, such as America/Chicago."))


def check_charset(name: str) -> None:
    """:raises ValidationError: for a character set that HL7 messages are not read in."""
    if codec_for(name) is None:
        raise ValidationError(_("This is no known character set, such as utf-8 or 8859/1."))


def check_statuses(table: object) -> None:
    """:raises ValidationError: unless it is a table of codes to states of a visit."""
    _check_table(table, AppointmentStatus)


def check_cancel_reasons(table: object) -> None:
    """:raises ValidationError: unless each code says why, or by whom, a visit was given up."""
    _check_table(table, MEANINGS)


def _check_table(table: object, meanings: Iterable[str]) -> None:
    known = [str(meaning) for meaning in meanings]
    if not isinstance(table, dict) or not all(value in known for value in table.values()):
        raise ValidationError(
            _("This must be a table of codes, each with one of: %(known)s.")
            % {"known": ", ".join(known)}
        )
