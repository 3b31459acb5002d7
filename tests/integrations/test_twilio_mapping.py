"""Twilio's states and codes in our words."""

from __future__ import annotations

import uuid

import pytest

from integrations.twilio.mapping import CANNOT_TEXT, STATUSES, delivery_report, error_from
from outreach.ports import (
    DeliveryStatus,
    RecipientOptedOut,
    SmsError,
    SmsRefused,
    SmsUnavailable,
    SmsUnknown,
)

REF = uuid.UUID(int=7)


@pytest.mark.fault(20)
@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 21610, RecipientOptedOut),
        (400, 21211, SmsRefused),
        (400, 21614, SmsRefused),
        (400, 21408, SmsRefused),
        (404, 20404, SmsRefused),
        (429, 21611, SmsUnavailable),
        (400, 21611, SmsUnavailable),
        (429, 20429, SmsUnavailable),
        (429, None, SmsUnavailable),
        (401, 20003, SmsUnavailable),
        (403, 20403, SmsUnavailable),
        (503, 503, SmsUnavailable),
        (500, 500, SmsUnknown),
        (502, None, SmsUnknown),
        (504, 504, SmsUnknown),
        (None, None, SmsUnknown),
    ],
)
def test_an_error(status: int | None, code: int | None, kind: type[SmsError]) -> None:
    error = error_from(status, code)
    assert type(error) is kind
    assert error.code == str(code or status or "")
    if isinstance(error, SmsUnavailable):
        assert error.retry_after


@pytest.mark.parametrize(("code", "cannot"), [(21614, True), (21211, True), (21408, False)])
def test_only_a_dead_number_is_remembered(code: int, cannot: bool) -> None:
    error = error_from(400, code)
    assert isinstance(error, SmsRefused)
    assert bool(error.cannot_text) is cannot


@pytest.mark.parametrize("told", STATUSES)
def test_every_state_of_a_callback(told: str) -> None:
    report = delivery_report({"MessageStatus": told, "MessageSid": "SM1"}, ref=REF)
    assert report is not None
    assert (report.status, report.ref, report.carrier_id) == (STATUSES[told], REF, "SM1")
    assert not report.error_code


@pytest.mark.parametrize("told", ["", "receiving", "received", "nonsense"])
def test_other_states_say_nothing(told: str) -> None:
    assert delivery_report({"MessageStatus": told}, ref=REF) is None


@pytest.mark.parametrize(
    ("code", "cannot_text"), [("30003", False), ("30005", True), ("30006", True), ("30007", False)]
)
def test_a_failure_carries_its_code(code: str, cannot_text: bool) -> None:
    params = {"MessageStatus": "undelivered", "MessageSid": "SM1", "ErrorCode": code}
    report = delivery_report(params, ref=REF)
    assert report is not None
    assert (report.status, report.error_code) == (DeliveryStatus.FAILED, code)
    assert report.cannot_text == CANNOT_TEXT.get(code, "")
    assert bool(report.cannot_text) is cannot_text
    assert not report.opted_out


def test_an_opt_out_that_comes_as_a_callback() -> None:
    report = delivery_report({"SmsStatus": "failed", "ErrorCode": "21610"}, ref=REF)
    assert report is not None
    assert report.opted_out
