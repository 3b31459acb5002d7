"""Who and what an EHR means: its codes and identifiers, resolved to our rows."""

from __future__ import annotations

from typing import TypeVar

from django.db import models

from scheduling.locks import lock_names
from scheduling.models import Location, Provider, ProviderRole, Room, SourceCode, VisitType
from scheduling.ports import CodeReport, ProviderReport

Target = TypeVar("Target", bound=models.Model)

_KINDS: dict[type[models.Model], str] = {
    Provider: "provider",
    Location: "location",
    Room: "room",
    VisitType: "visit-type",
    ProviderRole: "role",
}


def find_coded(source: str, told: CodeReport | None, target: type[Target]) -> Target | None:
    """The row that `source` calls by this code; None when nobody has said."""
    if told is None or not told.code:
        return None
    kind = _KINDS[target]
    found = (
        SourceCode.objects.filter(source=source, kind=kind, code=told.code)
        .select_related(kind.replace("-", "_"))
        .first()
    )
    return getattr(found, kind.replace("-", "_")) if found else None


def find_provider(source: str, told: ProviderReport | None) -> Provider | None:
    """The clinician that `source` calls by this identifier."""
    if told is None:
        return None
    return find_coded(source, CodeReport(told.identifier), Provider)


def find_role(
    source: str, provider: ProviderReport | None, location: CodeReport | None
) -> ProviderRole | None:
    """The clinician at that place; without a place, their only active role."""
    who, where = find_provider(source, provider), find_coded(source, location, Location)
    if who is None:
        return None
    roles = ProviderRole.objects.filter(provider=who, is_active=True).select_related(
        "provider", "clinic__location"
    )
    if where is not None:
        return roles.filter(clinic__location=where).first()
    only = list(roles[:2])
    return only[0] if len(only) == 1 else None


def get_or_add_provider(source: str, told: ProviderReport) -> Provider:
    """The clinician, registered under the sender's identifier when new to us."""
    known = find_provider(source, told)
    if known is not None:
        return known
    lock_names(f"provider {source} {told.identifier}")
    known = find_provider(source, told)  # told twice in the same moment
    if known is not None:
        return known
    provider = Provider.objects.create(
        family_name=(told.family_name or told.identifier)[:100], given_name=told.given_name[:100]
    )
    SourceCode.objects.create(
        source=source, kind="provider", code=told.identifier, provider=provider
    )
    return provider
