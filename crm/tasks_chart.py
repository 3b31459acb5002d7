"""The step that reads a part of a chart from the EHR."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from crm.actions.chart import FETCH_CHART, keep_chart, keep_failure
from crm.engine import step
from crm.gateways import get_chart
from crm.models import ChartFetch, PatientIdentifier
from crm.ports import ChartAnswer, ChartGateway, ChartUnavailable
from crm.states import ChartPart

#: How far back an agent may be asked about.
LABS_SINCE = dt.timedelta(days=365)
VISITS_SINCE = dt.timedelta(days=3 * 365)
NOT_KNOWN = "Not in the EHR under a number that we know."
#: An EHR may have two charts of one person, until it merges them as we did.
MOST_KEYS = 2
#: Each key with twice three pages, each of them within the gateway's few seconds.
LEASE_SECONDS = 90


@step(name=FETCH_CHART, model=ChartFetch, queue="ehr", lease_seconds=LEASE_SECONDS)
def fetch_chart(pk: int, at: dt.datetime) -> dt.datetime | None:
    """Read one part for one patient. What a slow EHR answers after us is read the next time."""
    fetch = ChartFetch.objects.filter(pk=pk).first()
    if fetch is None:
        return None
    gateway = get_chart()
    keys = _keys_of(fetch.patient_id, gateway.source)
    if not keys:
        return keep_failure(fetch=fetch, reason=NOT_KNOWN, at=at, is_final=True)
    try:
        told = [_read(gateway, ChartPart(fetch.part), key, at) for key in keys]
    except ChartUnavailable as error:
        return keep_failure(fetch=fetch, reason=str(error), at=at)
    keep_chart(fetch=fetch, answer=_together(told), at=at)
    return None


def _keys_of(patient_id: int, source: str) -> list[str]:
    """The EHR's keys for the patient, the last that we heard of first."""
    keys = PatientIdentifier.objects.filter(patient_id=patient_id, system=source)
    return list(keys.order_by("-pk").values_list("value", flat=True)[:MOST_KEYS])


def _together(told: Sequence[ChartAnswer[Any]]) -> ChartAnswer[Any]:
    return ChartAnswer(
        rows=tuple(row for answer in told for row in answer.rows),
        unread=sum(answer.unread for answer in told),
        has_more=any(answer.has_more for answer in told),
    )


def _read(
    gateway: ChartGateway, part: ChartPart, patient_key: str, at: dt.datetime
) -> ChartAnswer[Any]:
    match part:
        case ChartPart.LABS:
            return gateway.read_labs(patient_key, since=(at - LABS_SINCE).date())
        case ChartPart.PLAN:
            return gateway.read_plan(patient_key)
        case ChartPart.MEDICATIONS:
            return gateway.read_medications(patient_key)
        case ChartPart.VISITS:
            return gateway.read_encounters(patient_key, since=(at - VISITS_SINCE).date())
        case ChartPart.COVERAGE:
            return gateway.read_coverages(patient_key)
