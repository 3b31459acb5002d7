"""Rules and overrides as their pages list them."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet

from scheduling.models import (
    Clinic,
    ProviderRule,
    ReleaseRule,
    RuleOverride,
    RuleSetting,
    SlotAudience,
    VisitType,
)

#: Overrides on one page.
PAGE = 50


def list_provider_rules(text: str, *, clinic: Clinic | None) -> QuerySet[ProviderRule]:
    """Those that hold, for a clinic's clinicians if one is named, that a text finds."""
    rows = ProviderRule.objects.filter(is_active=True).select_related(
        "provider", "role__provider", "role__clinic", "clinic", "visit_type", "test"
    )
    if clinic is not None:
        here = Q(clinic=clinic) | Q(role__clinic=clinic) | Q(provider__roles__clinic=clinic)
        rows = rows.filter(here)
    for word in text.split():
        rows = rows.filter(_names(word))
    return rows.order_by("kind", "pk").distinct()


def _names(word: str) -> Q:
    found = Q()
    columns = (
        *("provider__family_name", "provider__given_name", "role__provider__family_name"),
        *("role__provider__given_name", "role__clinic__name", "clinic__name"),
        *("visit_type__name", "reason", "kind"),
    )
    for column in columns:
        found |= Q(**{f"{column}__icontains": word})
    return found


def types_named(pks: Collection[int]) -> dict[int, str]:
    """Names of visit types by key."""
    rows = VisitType.objects.filter(pk__in=set(pks)).values_list("pk", "name")
    return dict(rows.order_by("name"))


def list_audiences(text: str, *, clinic: Clinic | None) -> QuerySet[SlotAudience]:
    rows = SlotAudience.objects.filter(is_active=True, name__icontains=text)
    rows = rows.filter(clinic=clinic) if clinic else rows
    return rows.select_related("clinic").order_by("clinic__name", "name")


def list_release_rules(text: str, *, clinic: Clinic | None) -> QuerySet[ReleaseRule]:
    rows = ReleaseRule.objects.filter(is_active=True, name__icontains=text)
    rows = rows.filter(clinic=clinic) if clinic else rows
    return rows.select_related("clinic").order_by("clinic__name", "name")


def settings_of(clinic: Clinic) -> dict[str, RuleSetting]:
    """By rule: what a clinic has set for itself."""
    return {row.rule: row for row in RuleSetting.objects.filter(clinic=clinic)}


def list_overrides(
    text: str, *, clinic: Clinic | None, before: int | None = None
) -> QuerySet[RuleOverride]:
    """The latest first; those before the key `before`."""
    rows = RuleOverride.objects.select_related(
        "clinic__location", "appointment__patient", "appointment__visit_type"
    )
    rows = rows.filter(clinic=clinic) if clinic else rows
    if text:
        rows = rows.filter(
            Q(by_label__icontains=text) | Q(reason__icontains=text) | Q(rule__icontains=text)
        )
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return rows.order_by("-pk")
