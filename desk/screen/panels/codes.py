"""The EHR's codes in a chart, as our visit types and clinicians."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from crm.engine.compiled import any_of, compiled
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
    found = Codes()
    for row in _codes(source=get_chart().source, kinds=list(kinds), providers=list(providers)):
        if row.visit_type_id is not None:
            found.kinds[row.code] = row.visit_type_id
        elif row.provider is not None:
            found.providers[row.code] = row.provider
    return found


@compiled
def _codes(*, source: str, kinds: list[str], providers: list[str]) -> QuerySet[SourceCode]:
    which = Q(any_of("code", kinds), kind="visit-type")
    which |= Q(any_of("code", providers), kind="provider")
    return SourceCode.objects.filter(which, source=source).select_related("provider")
