"""The step that reads a part of a chart from the EHR."""

from __future__ import annotations

import datetime as dt
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
NOT_KNOWN = "The EHR does not know this patient, or we do not know its number for them."
#: Twice three pages, each within the gateway's few seconds.
LEASE_SECONDS = 60


@step(name=FETCH_CHART, model=ChartFetch, queue="ehr", lease_seconds=LEASE_SECONDS)
def fetch_chart(pk: int, at: dt.datetime) -> dt.datetime | None:
    """Read one part for one patient. What a slow EHR answers after us is read the next time."""
    fetch = ChartFetch.objects.filter(pk=pk).first()
    if fetch is None:
        return None
    gateway = get_chart()
    patient_key = _key_of(fetch.patient_id, gateway.source)
    if not patient_key:
        return keep_failure(fetch=fetch, reason=NOT_KNOWN, at=at, is_final=True)
    try:
        answer = _read(gateway, ChartPart(fetch.part), patient_key, at)
    except ChartUnavailable as error:
        return keep_failure(fetch=fetch, reason=str(error), at=at)
    keep_chart(fetch=fetch, answer=answer, at=at)
    return None


def _key_of(patient_id: int, source: str) -> str:
    """The EHR's key for the patient; of several the one that we heard last."""
    keys = PatientIdentifier.objects.filter(patient_id=patient_id, system=source)
    return keys.order_by("-pk").values_list("value", flat=True).first() or ""


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
