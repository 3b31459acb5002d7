"""Who and what an EHR means: its codes and identifiers, resolved to our rows."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TypeVar

from django.db import models
from django.db.models import Q

from crm.recent import Recent
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
_TARGETS = ("provider", "location", "room", "visit_type", "role")
#: By source, kind and code; by clinician and place. Both only where a process keeps them.
_CODES: Recent[tuple[str, str, str], SourceCode] = Recent()
_ROLES: Recent[tuple[int, int | None], ProviderRole] = Recent()


class Directory:
    """What one source means by the codes of one statement, read at once: a visit names its
    clinician, place, room and type, and each of them was a query of its own. A process that
    keeps registers (`crm.recent`) reads only those that it has not read just now."""

    def __init__(self, source: str, *named: tuple[type[models.Model], CodeReport | None]) -> None:
        self.source = source
        wanted = [(_KINDS[target], told.code) for target, told in named if told and told.code]
        kept = {key: _CODES.find((source, *key)) for key in wanted}
        self._rows = {key: row for key, row in kept.items() if row is not None}
        if missing := [key for key in wanted if key not in self._rows]:
            self._read(missing)

    def _read(self, wanted: list[tuple[str, str]]) -> None:
        which = reduce(or_, (Q(kind=kind, code=code) for kind, code in wanted))
        rows = SourceCode.objects.filter(which, source=self.source)
        for row in rows.select_related(*_TARGETS):
            self._rows[row.kind, row.code] = row
            _CODES.keep((self.source, row.kind, row.code), row)

    def find(self, told: CodeReport | None, target: type[Target]) -> Target | None:
        """The row that the source calls by this code; None when nobody has said."""
        kind = _KINDS[target]
        found = self._rows.get((kind, told.code)) if told else None
        return getattr(found, kind.replace("-", "_")) if found else None


def find_coded(source: str, told: CodeReport | None, target: type[Target]) -> Target | None:
    """One row by the code that `source` has for it; None when nobody has said."""
    return Directory(source, (target, told)).find(told, target)


def coded(told: ProviderReport | None) -> CodeReport | None:
    """A clinician's identifier as a code."""
    return CodeReport(told.identifier) if told else None


def find_provider(source: str, told: ProviderReport | None) -> Provider | None:
    """The clinician that `source` calls by this identifier."""
    return find_coded(source, coded(told), Provider)


def find_role(
    source: str, provider: ProviderReport | None, location: CodeReport | None
) -> ProviderRole | None:
    """The clinician at that place; without a place, their only active role."""
    known = Directory(source, (Provider, coded(provider)), (Location, location))
    return role_of(known.find(coded(provider), Provider), known.find(location, Location))


def role_of(who: Provider | None, where: Location | None) -> ProviderRole | None:
    """The role of that clinician there; without a place, their only active one."""
    if who is None:
        return None
    key = (who.pk, where.pk if where else None)
    return _ROLES.find_or_read(key, lambda: _read_role(who, where))


def _read_role(who: Provider, where: Location | None) -> ProviderRole | None:
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
    return known or add_provider(source, told)


def add_provider(source: str, told: ProviderReport) -> Provider:
    """A clinician who is new to us, or was told of twice in the same moment."""
    lock_names(f"provider {source} {told.identifier}")
    known = find_provider(source, told)
    if known is not None:
        return known
    provider = Provider.objects.create(
        family_name=(told.family_name or told.identifier)[:100], given_name=told.given_name[:100]
    )
    SourceCode.objects.create(
        source=source, kind="provider", code=told.identifier, provider=provider
    )
    return provider
