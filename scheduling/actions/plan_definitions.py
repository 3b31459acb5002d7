"""Keeping definitions of plans."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from crm.engine import Actor, publish, record
from scheduling.models import PlanDefinition, PlanNeed, PlanStep, VisitType
from scheduling.states import ResourceKind


class NameTaken(Exception):
    """Another plan has that name; the text is for staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTerms:
    """One step as it is to be. `needs` are pairs of a kind and what is needed of it."""

    visit_type: VisitType
    least_days: int = 0
    most_days: int = 0
    times: int = 1
    same_clinician: bool = False
    needs: tuple[tuple[ResourceKind, str], ...] = ()


def keep_definition(
    *,
    definition_id: int | None,
    name: str,
    note: str,
    is_active: bool,
    steps: Sequence[StepTerms],
    by: Actor,
    at: dt.datetime,
) -> PlanDefinition:
    """Make a definition, or change one. Plans that were booked keep the days they were booked by.

    Publishes `scheduling.plan-defined`.

    :raises NameTaken: when another one is called so.
    :raises PlanDefinition.DoesNotExist:
    """
    said = {"name": name, "note": note, "is_active": is_active}
    try:
        with transaction.atomic():
            if definition_id is None:
                definition = PlanDefinition.objects.create(**said)
            else:
                definition = PlanDefinition.objects.get(pk=definition_id)
                PlanDefinition.objects.filter(pk=definition_id).update(**said)
                definition.refresh_from_db()
            for position, terms in enumerate(steps, start=1):
                _keep_step(definition, position, terms)
            PlanStep.objects.filter(plan=definition, position__gt=len(steps)).delete()
            record("scheduling.plan.defined", definition, by=by, at=at, steps=len(steps))
            publish("scheduling.plan-defined", definition, at=at)
    except IntegrityError as error:
        raise NameTaken("Another plan has that name.") from error
    return definition


def _keep_step(definition: PlanDefinition, position: int, terms: StepTerms) -> None:
    step, _ = PlanStep.objects.update_or_create(
        plan=definition,
        position=position,
        defaults={
            "visit_type": terms.visit_type,
            "least_days": terms.least_days,
            "most_days": terms.most_days,
            "times": terms.times,
            "same_clinician": terms.same_clinician,
        },
    )
    step.needs.all().delete()
    PlanNeed.objects.bulk_create(
        PlanNeed(step=step, kind=kind, what=what) for kind, what in terms.needs
    )
