"""Keeping the catalog of visit types: purpose, owner, codes, look-alikes, questions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from crm.engine import Actor, record
from scheduling import locks
from scheduling.models import (
    BillingCode,
    CatalogEntry,
    CatalogQuestion,
    ClinicVisit,
    LookAlike,
    SourceCode,
    VisitType,
)
from scheduling.rules.catalog import what_is_wrong_with_code

Row = TypeVar("Row", bound=models.Model)


class AlreadyThere(Exception):
    """The catalog has it; the text says of what."""


class CodeMalformed(ValueError):
    """No such code can be; the text says how one is written."""


class QuestionAnswered(Exception):
    """The question has an answer already."""


def describe_visit_type(
    *,
    visit_type_id: int,
    purpose: str,
    owner_id: int | None,
    owner_name: str,
    owner_contact: str,
    is_retired: bool,
    by: Actor,
    at: dt.datetime,
) -> CatalogEntry:
    """What it is for, who answers for it, and whether it is booked any longer.

    A retired kind is booked no more and offered nowhere; visits of it that stand, stay.

    :raises VisitType.DoesNotExist:
    """
    with transaction.atomic():
        visit_type = locks.lock_visit_type(visit_type_id)
        fields: dict[str, Any] = {
            "purpose": purpose,
            "owner_id": owner_id,
            "owner_name": owner_name,
            "owner_contact": owner_contact,
            "is_retired": is_retired,
        }
        since = _retired_on(visit_type, at=at) if is_retired else None
        entry, _ = CatalogEntry.objects.update_or_create(
            visit_type=visit_type, defaults=fields | {"retired_on": since}
        )
        record("scheduling.visittype.described", visit_type, by=by, at=at, **fields)
    return entry


def _retired_on(visit_type: VisitType, *, at: dt.datetime) -> dt.date:
    """The day on which it was retired: today, where it was not until now."""
    known = CatalogEntry.objects.filter(visit_type=visit_type, is_retired=True).first()
    return (known.retired_on if known else None) or timezone.localdate(at)


def add_billing_code(
    *, visit_type_id: int, system: str, code: str, note: str, by: Actor, at: dt.datetime
) -> BillingCode:
    """What it is billed as. :raises CodeMalformed, AlreadyThere, VisitType.DoesNotExist:"""
    written = code.strip().upper()
    if wrong := what_is_wrong_with_code(system, written):
        raise CodeMalformed(wrong)
    return _add(
        visit_type_id,
        "billing-code-added",
        lambda kind: BillingCode.objects.create(
            visit_type=kind, system=system, code=written, note=note
        ),
        taken="It has this code already.",
        by=by,
        at=at,
        code=f"{system} {written}",
    )


def add_source_code(
    *, visit_type_id: int, source: str, code: str, by: Actor, at: dt.datetime
) -> SourceCode:
    """What an EHR calls it. :raises AlreadyThere, VisitType.DoesNotExist:"""
    return _add(
        visit_type_id,
        "source-code-added",
        lambda kind: SourceCode.objects.create(
            source=source, kind="visit-type", code=code, visit_type=kind
        ),
        taken="That system uses this code for a visit type already. Take it off there first.",
        by=by,
        at=at,
        code=f"{source} {code}",
    )


def add_look_alike(
    *,
    visit_type_id: int,
    other_id: int,
    how_to_tell: str,
    is_mutual: bool,
    by: Actor,
    at: dt.datetime,
) -> LookAlike:
    """What it must not be confused with. :raises AlreadyThere, VisitType.DoesNotExist:

    :param is_mutual: whether the other is taken for this one as well.
    """
    if visit_type_id == other_id:
        raise AlreadyThere("Choose another visit type than this one.")
    return _add(
        visit_type_id,
        "look-alike-added",
        lambda kind: LookAlike.objects.create(
            visit_type=kind, other_id=other_id, how_to_tell=how_to_tell, is_mutual=is_mutual
        ),
        taken="These two stand here already. Take the line out to write it anew.",
        by=by,
        at=at,
        other=other_id,
    )


def ask_about(*, visit_type_id: int, asked: str, by: Actor, at: dt.datetime) -> CatalogQuestion:
    """An open question to the clinic. :raises VisitType.DoesNotExist:"""
    return _add(
        visit_type_id,
        "asked",
        lambda kind: CatalogQuestion.objects.create(
            visit_type=kind, asked=asked, asked_at=at, asked_by=by.label
        ),
        taken="",
        by=by,
        at=at,
    )


def answer_question(
    *,
    question_id: int,
    answer: str,
    answered_by: str,
    by: Actor,
    at: dt.datetime,
    clinic_id: int | None = None,
    visited_on: dt.date | None = None,
) -> CatalogQuestion:
    """What the clinic said, and who there said it; with the visit to that clinic, if one was made.

    Answers of one day and person at one clinic are notes of one visit.

    :raises QuestionAnswered, CatalogQuestion.DoesNotExist:
    """
    with transaction.atomic():
        question = CatalogQuestion.objects.get(pk=question_id)
        locks.lock_visit_type(question.visit_type_id)
        question.refresh_from_db()
        if question.answered_at is not None:
            raise QuestionAnswered("Somebody has answered this meanwhile.")
        question.answer, question.answered_by, question.answered_at = answer, answered_by, at
        if clinic_id is not None and visited_on is not None:
            question.clinic_visit, _ = ClinicVisit.objects.get_or_create(
                clinic_id=clinic_id,
                visited_on=visited_on,
                visited_by=by.label,
                defaults={"spoke_with": answered_by},
            )
        question.save()
        record(
            "scheduling.visittype.answered",
            question.visit_type,
            by=by,
            at=at,
            question=question.pk,
        )
    return question


def remove_line(
    *, line: BillingCode | SourceCode | LookAlike, visit_type_id: int, by: Actor, at: dt.datetime
) -> None:
    """Take a code or a look-alike out; one that is gone is left alone."""
    with transaction.atomic():
        visit_type = locks.lock_visit_type(visit_type_id)
        said = str(line)
        gone, _ = type(line).objects.filter(pk=line.pk).delete()
        if gone:
            record(
                f"scheduling.visittype.{line._meta.model_name}-removed",
                visit_type,
                by=by,
                at=at,
                line=said,
            )


def _add(
    visit_type_id: int,
    what: str,
    make: Callable[[VisitType], Row],
    *,
    taken: str,
    by: Actor,
    at: dt.datetime,
    **detail: Any,
) -> Row:
    with transaction.atomic():
        visit_type = locks.lock_visit_type(visit_type_id)
        try:
            with transaction.atomic():
                row = make(visit_type)
        except IntegrityError as again:
            raise AlreadyThere(taken) from again
        record(f"scheduling.visittype.{what}", visit_type, by=by, at=at, **detail)
    return row
