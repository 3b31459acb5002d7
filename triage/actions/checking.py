"""Asking the safety check, fail safe."""

from __future__ import annotations

import structlog

from triage.ports import Finding, get_safety_check
from triage.states import Level

log = structlog.get_logger(__name__)


def check_text(text: str, *, language: str = "", age_months: int | None = None) -> Finding:
    """What the safety check says of `text`; never raises.

    A check that fails leaves the text unsure: a nurse reads it. The log names the kind of
    error alone, since its message may quote the text. Call it outside a transaction: what
    stands behind the port is not ours.
    """
    try:
        return get_safety_check().check(text, language=language, age_months=age_months)
    except Exception as error:  # noqa: BLE001 whatever went wrong, the text was not checked
        log.error("safety_check.failed", error=type(error).__name__)
        return Finding(level=Level.UNSURE, failed=True)
