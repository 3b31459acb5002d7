"""Pairs of records that may be, or are, one person: listed, and weighed side by side."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from crm.models import ConsentEntry, Patient, PatientMerge
from crm.queries.patient_links import links
from crm.states.merging import MergeStatus

#: Pairs on a page.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Weight:
    """How many rows of one model ("crm.journey") hang on each of two records."""

    label: str
    counts: tuple[int, int]


def flagged_pairs() -> QuerySet[PatientMerge]:
    """Those that wait for a decision, the oldest first."""
    rows = PatientMerge.objects.filter(status=MergeStatus.FLAGGED)
    return rows.select_related("survivor", "other").order_by("flagged_at", "pk")


def decided_pairs(after: int | None = None) -> QuerySet[PatientMerge]:
    """Those that somebody or an EHR has decided, the newest first.

    :param after: the last of the page before.
    """
    rows = PatientMerge.objects.exclude(status=MergeStatus.FLAGGED)
    if after is not None:
        rows = rows.filter(pk__lt=after)
    return rows.select_related("survivor", "other", "decided_by").order_by("-pk")


def find_pair(pk: int) -> PatientMerge | None:
    rows = PatientMerge.objects.select_related("survivor", "other", "decided_by")
    return rows.filter(pk=pk).first()


def find_merge_above(merge: PatientMerge) -> PatientMerge | None:
    """The merge that has to be undone before this one can be: its record was itself given up."""
    rows = PatientMerge.objects.filter(status=MergeStatus.MERGED, other=merge.survivor_id)
    return rows.first()


def standing(patient_id: int) -> Patient | None:
    """The record that stands for this one: itself, or what it was merged into."""
    row = Patient.objects.select_related("merged_into").filter(pk=patient_id).first()
    return row and (row.merged_into or row)


def records_of(patient_id: int) -> list[int]:
    """Keys of all records of a person: what refuses to be rewritten hangs on any of them."""
    either = Q(pk=patient_id) | Q(merged_into=patient_id)
    return list(Patient.objects.filter(either).order_by("pk").values_list("pk", flat=True))


def weigh(first: int, second: int) -> list[Weight]:
    """What hangs on each of two records, the kinds that either has. A statement for each kind."""
    found: list[Weight] = []
    for link in links():
        if link.name == "crm.patient.merged_into":
            continue
        rows = link.model._base_manager.filter(**{f"{link.field.attname}__in": (first, second)})
        per = rows.order_by().values_list(link.field.attname).annotate(Count("pk"))
        _add(found, link.model._meta.label_lower, dict(per), first, second)
    consents = ConsentEntry.objects.filter(patient__in=(first, second)).order_by()
    per = consents.values_list("patient_id").annotate(Count("pk"))
    _add(found, ConsentEntry._meta.label_lower, dict(per), first, second)
    return sorted(found, key=lambda weight: -sum(weight.counts))


def _add(
    found: list[Weight], label: str, counts: Mapping[int, int], first: int, second: int
) -> None:
    if counts:
        found.append(Weight(label, (counts.get(first, 0), counts.get(second, 0))))


def people_of(merges: Collection[PatientMerge]) -> list[Patient]:
    """Everybody whom these pairs name."""
    return [one for merge in merges for one in (merge.survivor, merge.other)]
