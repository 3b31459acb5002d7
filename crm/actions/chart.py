"""A patient's chart: asked for, and kept as the EHR told it.

What stands is left alone until there is something newer. An EHR that is slow or away costs
nothing but the age of what is shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, Final

from django.db import models, transaction

from crm.actions.chart_rows import ROWS, told_coverage
from crm.engine import Actor, insert_those_free, publish, record, ring
from crm.models import ChartFetch, Coverage, Patient
from crm.models.chart import ChartRow
from crm.ports import ChartAnswer, CoverageTold
from crm.rules.chart import is_worth_asking
from crm.states import ChartPart

#: The step that asks the EHR (`crm.tasks_chart`).
FETCH_CHART: Final = "crm.chart"
#: After a failure, when it is asked again (seconds from then); after the last, when somebody asks.
RETRIES: Final = (5, 20)


@transaction.atomic
def ask_for_chart(
    *,
    patient_id: int,
    by: Actor,
    at: dt.datetime,
    parts: Collection[ChartPart] = tuple(ChartPart),
    anew: bool = False,
) -> tuple[ChartPart, ...]:
    """Have these parts read from the EHR; returns those for which it was worth it.

    What was read a moment ago is not asked for again, unless `anew`: somebody pressed a button.
    """
    there = ChartFetch.objects.filter(patient_id=patient_id, part__in=parts)
    known = {ChartPart(row.part): row for row in there}
    stale = [row for row in known.values() if _may_ask(row, anew=anew, at=at)]
    missing = [
        ChartFetch(patient_id=patient_id, part=part, asked_at=at, due_at=at)
        for part in parts
        if part not in known
    ]
    made = insert_those_free(missing, known_by="part")
    pks = [row.pk for row in stale]
    if pks:
        ChartFetch.objects.filter(pk__in=pks).update(asked_at=at, due_at=at, tries=0)
    asked = tuple(ChartPart(row.part) for row in (*made, *stale))
    if asked:
        record("crm.chart.asked", Patient(pk=patient_id), by=by, at=at, parts=list(asked))
    for row in (*made, *stale):
        ring(FETCH_CHART, row.pk, urgent=True)
    return asked


def _may_ask(row: ChartFetch, *, anew: bool, at: dt.datetime) -> bool:
    return is_worth_asking(
        asked_at=row.asked_at,
        fetched_at=row.fetched_at,
        failed_at=row.failed_at,
        is_due=row.due_at is not None,
        anew=anew,
        at=at,
    )


@transaction.atomic
def keep_chart(*, fetch: ChartFetch, answer: ChartAnswer[Any], at: dt.datetime) -> None:
    """Put what the EHR told in the place of what stood. Publishes `crm.chart-read`.

    A row that is told again keeps its key, so that a form on a screen still means it.
    """
    part = ChartPart(fetch.part)
    if part is ChartPart.COVERAGE:
        _keep_coverages(fetch.patient_id, answer.rows, at=at)
    else:
        model, build = ROWS[part]
        _replace(model, fetch.patient_id, [build(fetch.patient_id, row) for row in answer.rows])
    ChartFetch.objects.filter(pk=fetch.pk).update(
        fetched_at=at,
        failed_at=None,
        reason="",
        tries=0,
        unread=min(answer.unread, 9_999),
        has_more=answer.has_more,
    )
    publish("crm.chart-read", fetch, at=at, part=fetch.part)


@transaction.atomic
def keep_failure(
    *, fetch: ChartFetch, reason: str, at: dt.datetime, is_final: bool = False
) -> dt.datetime | None:
    """Say why nothing newer came; what stands stays. Returns when to ask again.

    Publishes `crm.chart-read`, too: a page that waits must hear of it.

    :param is_final: asking again would change nothing.
    """
    ChartFetch.objects.filter(pk=fetch.pk).update(
        failed_at=at, reason=reason[:200], tries=fetch.tries + 1
    )
    publish("crm.chart-read", fetch, at=at, part=fetch.part)
    if is_final or fetch.tries >= len(RETRIES):
        return None
    return at + dt.timedelta(seconds=RETRIES[fetch.tries])


def _replace(model: type[ChartRow], patient_id: int, rows: Sequence[ChartRow]) -> None:
    by_key = {row.source_id: row for row in rows}
    held: models.Manager[Any] = model._base_manager
    held.filter(patient_id=patient_id).exclude(source_id__in=by_key).delete()
    fields = [f.name for f in model._meta.concrete_fields if not f.primary_key]
    held.bulk_create(
        by_key.values(),
        update_conflicts=True,
        unique_fields=["patient", "source_id"],
        update_fields=[name for name in fields if name not in {"patient", "source_id"}],
    )


def _keep_coverages(patient_id: int, told: Sequence[CoverageTold], *, at: dt.datetime) -> None:
    """Known by payer and member number; what is not told is left alone, its check as old as it
    was."""
    held = list(Coverage.objects.filter(patient_id=patient_id))
    by_key = {_key(row.payer, row.member_id): row for row in held}
    for each in told:
        row = by_key.get(_key(each.payer[:80], each.member_id[:40]))
        if row is None:
            row = Coverage(
                patient_id=patient_id, payer=each.payer[:80], member_id=each.member_id[:40]
            )
        for name, value in told_coverage(each, at=at).items():
            setattr(row, name, value)
        row.save()


def _key(payer: str, member_id: str) -> tuple[str, str]:
    return payer.lower(), member_id
