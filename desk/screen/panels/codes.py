"""The EHR's codes in a chart, as our visit types and clinicians."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Q

from crm.gateways import get_chart
from scheduling.models import Provider, SourceCode


@dataclass(frozen=True, slots=True)
class Codes:
    """Keys of visit types, and clinicians, by the EHR's code. Those we do not know are absent."""

    kinds: dict[str, int] = field(default_factory=dict)
    providers: dict[str, Provider] = field(default_factory=dict)


def read_codes(*, kinds: Collection[str] = (), providers: Collection[str] = ()) -> Codes:
    """At most one statement; none where there is nothing to ask."""
    kinds, providers = set(kinds) - {""}, set(providers) - {""}
    if not kinds and not providers:
        return Codes()
    which = Q(kind="visit-type", code__in=kinds) | Q(kind="provider", code__in=providers)
    found = Codes()
    rows = SourceCode.objects.filter(which, source=get_chart().source)
    for row in rows.select_related("provider"):
        if row.visit_type_id is not None:
            found.kinds[row.code] = row.visit_type_id
        elif row.provider is not None:
            found.providers[row.code] = row.provider
    return found
