"""A script of a few steps for a kind of call."""

from __future__ import annotations

from typing import Any

from desk.actions.scripts import add_script, publish_script
from desk.models import CallType
from desk.rules.scripts import read_script
from tests.factories import NOW, TEST


def publish(call_type: CallType, *steps: dict[str, Any]) -> None:
    """It is in force at once."""
    script = read_script({"steps": list(steps)})
    made = add_script(
        code=call_type.code,
        name=call_type.name,
        call_type=call_type,
        script=script,
        by=TEST,
        at=NOW,
    )
    draft = made.versions.get()
    publish_script(version_id=draft.pk, revision=0, reason="For a test", by=TEST, at=NOW)
