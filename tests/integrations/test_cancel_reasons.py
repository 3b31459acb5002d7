"""Codes for why a visit was cancelled: ours agree with what the feeds say of whose doing it was."""

from __future__ import annotations

import pytest

from integrations.cancel_reasons import CODES, find_reason
from integrations.fhir.mapping import CANCELLATION_SYSTEM, cancelled_by
from scheduling.ports import CodeReport


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_code_says_the_same_of_whose_doing_it_was(code: str) -> None:
    told = CodeReport(code, "", CANCELLATION_SYSTEM)
    reason = find_reason(told)
    assert reason is not None
    assert reason.who is cancelled_by(told)


@pytest.mark.parametrize("told", [None, CodeReport("17"), CodeReport("")])
def test_what_nobody_knows_says_nothing(told: CodeReport | None) -> None:
    assert find_reason(told) is None
