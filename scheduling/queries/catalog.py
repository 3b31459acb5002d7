"""The catalog of visit types, as its pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from crm.engine.compiled import compiled
from scheduling.models import (
    BillingCode,
    CatalogEntry,
    CatalogQuestion,
    ClinicVisit,
    LookAlike,
    SourceCode,
    VisitType,
)


@compiled
def visit_types() -> QuerySet[VisitType]:
    """Every one, by specialty, with its entry; the retired ones too. One statement."""
    rows = VisitType.objects.select_related("catalog_entry")
    return rows.order_by("specialty", "name")


@dataclass(frozen=True, slots=True)
class Twin:
    """Something that a visit type must not be confused with. `is_own`: kept with this one."""

    pk: int
    other: VisitType
    how_to_tell: str
    is_mutual: bool
    is_own: bool


@dataclass(frozen=True, slots=True)
class CatalogPage:
    """All that is known of one visit type."""

    visit_type: VisitType
    entry: CatalogEntry | None
    ehr_codes: tuple[SourceCode, ...]
    billing_codes: tuple[BillingCode, ...]
    twins: tuple[Twin, ...]
    open_questions: tuple[CatalogQuestion, ...]
    answered: tuple[CatalogQuestion, ...]  # not on a visit to the clinic
    visits: tuple[tuple[ClinicVisit, tuple[CatalogQuestion, ...]], ...]


def entry_of(visit_type: VisitType) -> CatalogEntry | None:
    """Its entry, where somebody has written one."""
    return getattr(visit_type, "catalog_entry", None)


def search_catalog(text: str = "", *, specialty: str = "") -> QuerySet[VisitType]:
    """By name, code, purpose, owner, or a code that others use; everything without a text."""
    rows = VisitType.objects.select_related("catalog_entry__owner").prefetch_related(
        Prefetch("billing_codes", BillingCode.objects.order_by("system", "code")),
        Prefetch("sourcecode_set", SourceCode.objects.order_by("source", "code")),
        Prefetch("look_alikes", LookAlike.objects.select_related("other")),
        Prefetch(
            "looked_like_by",
            LookAlike.objects.filter(is_mutual=True).select_related("visit_type"),
        ),
    )
    if specialty:
        rows = rows.filter(specialty=specialty)
    for word in text.split():
        rows = rows.filter(pk__in=_with_word(word))
    is_open = Q(questions__answered_at__isnull=True, questions__isnull=False)
    return rows.annotate(open_questions=Count("questions", filter=is_open, distinct=True)).order_by(
        "specialty", "name", "code"
    )


def _with_word(word: str) -> QuerySet[VisitType, Any]:
    found = (
        Q(name__icontains=word)
        | Q(code__icontains=word)
        | Q(specialty__icontains=word)
        | Q(catalog_entry__purpose__icontains=word)
        | Q(catalog_entry__owner_name__icontains=word)
        | Q(catalog_entry__owner__first_name__icontains=word)
        | Q(catalog_entry__owner__last_name__icontains=word)
        | Q(billing_codes__code__iexact=word)
        | Q(sourcecode__code__iexact=word)
    )
    return VisitType.objects.filter(found).values("pk")


def specialties() -> list[str]:
    return list(
        VisitType.objects.values_list("specialty", flat=True).distinct().order_by("specialty")
    )


def get_catalog_page(visit_type_id: int) -> CatalogPage:
    """:raises VisitType.DoesNotExist:"""
    visit_type = search_catalog().get(pk=visit_type_id)
    questions = list(
        visit_type.questions.select_related("clinic_visit__clinic").order_by("-asked_at", "-pk")
    )
    by_visit: dict[ClinicVisit, list[CatalogQuestion]] = {}
    for question in questions:
        if question.clinic_visit is not None:
            by_visit.setdefault(question.clinic_visit, []).append(question)
    visits = sorted(by_visit.items(), key=lambda each: each[0].visited_on, reverse=True)
    return CatalogPage(
        visit_type=visit_type,
        entry=entry_of(visit_type),
        ehr_codes=tuple(visit_type.sourcecode_set.all()),
        billing_codes=tuple(visit_type.billing_codes.all()),
        twins=twins_of(visit_type),
        open_questions=tuple(q for q in questions if q.answered_at is None),
        answered=tuple(q for q in questions if q.answered_at and q.clinic_visit is None),
        visits=tuple((visit, tuple(notes)) for visit, notes in visits),
    )


def twins_of(visit_type: VisitType) -> tuple[Twin, ...]:
    """What it is taken for, whichever of the two the line is kept with."""
    own = [
        Twin(row.pk, row.other, row.how_to_tell, row.is_mutual, is_own=True)
        for row in visit_type.look_alikes.all()
    ]
    theirs = [
        Twin(row.pk, row.visit_type, row.how_to_tell, row.is_mutual, is_own=False)
        for row in visit_type.looked_like_by.all()
        if row.is_mutual
    ]
    return tuple(sorted(own + theirs, key=lambda twin: twin.other.name))
