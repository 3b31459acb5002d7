"""`manage.py check --database default` tells whether a clinician has signed the red flags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Warning  # noqa: A004 Django's name for it
from django.db import connections

from triage.models import ListSignOff
from triage.queries import find_sign_off
from triage.red_flags import load_list


def list_is_signed(*, databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """A warning while nobody has signed the list in use; texts are checked with it all the same."""
    if "default" not in (databases or ()):
        return []
    table = ListSignOff._meta.db_table
    if table not in connections["default"].introspection.table_names():
        return []  # `migrate` asks before there are tables
    current = load_list()
    if find_sign_off(current.digest) is not None:
        return []
    return [
        Warning(
            f"No clinician has signed the list of red flags, version {current.version}.",
            hint="A clinician reads triage/red_flags/ and signs: manage.py red_flags --sign",
            id="triage.W001",
        )
    ]
