"""What an outside system's codes stand for, as a person says it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor, record
from scheduling.models import Location, Provider, SourceCode, VisitType

#: The kinds of code that a person can say the meaning of, and what they stand for.
TARGETS: dict[str, type[Location | Provider | VisitType]] = {
    "provider": Provider,
    "location": Location,
    "visit-type": VisitType,
}


@transaction.atomic
def set_source_code(
    *, source: str, kind: str, code: str, target_id: int, by: Actor, at: dt.datetime
) -> SourceCode:
    """Say that `source` means that row by this code, whatever it meant so far.

    Messages that come from now on are read so; those kept can be replayed.

    :param kind: one of `TARGETS`.
    :raises KeyError: for another kind.
    :raises django.core.exceptions.ObjectDoesNotExist: when there is no such row.
    """
    target = TARGETS[kind]._default_manager.get(pk=target_id)
    named, _ = SourceCode.objects.update_or_create(
        source=source, kind=kind, code=code, defaults={kind.replace("-", "_"): target}
    )
    record("scheduling.sourcecode.set", named, by=by, at=at, kind=kind, target=target_id)
    return named
