"""`crm.ports.ChartGateway` over FHIR R4: searches by patient, page after page, quick to give up.

Of a report only the elements that say how it stands are asked for (`_elements`), so that results
do not leave the EHR; `chart_mapping` reads nothing else of one that sends more.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeVar
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings

from crm.ports import (
    CarePlanTold,
    ChartAnswer,
    ChartUnavailable,
    CoverageTold,
    EncounterTold,
    LabTold,
    MedicationTold,
)
from integrations.fhir import chart_mapping, chart_medications, chart_plans, reading
from integrations.fhir.client import FhirClient
from integrations.fhir.reading import FhirUnreadable, Json
from scheduling.ports import EhrError

Told = TypeVar("Told")

#: While a caller waits, an EHR that is away must be found out quickly (seconds).
CONNECT_SECONDS: Final = 1.0
PAGE: Final = "100"
#: More is never shown at the desk; what was left out is said.
MOST_PAGES: Final = 3
_REPORT_ELEMENTS: Final = (
    "id,meta,status,category,code,effectiveDateTime,effectivePeriod,issued,resultsInterpreter,"
    "extension"
)


class FhirChartGateway:
    """The charts of one FHIR R4 EHR, by default the one in the settings."""

    def __init__(self, client: FhirClient | None = None, *, source: str | None = None) -> None:
        self._client = client or default_client()
        self.source = source or settings.FIRSTCALL.ehr_source

    def read_labs(self, patient_id: str, *, since: dt.date) -> ChartAnswer[LabTold]:
        """:raises ChartUnavailable:"""
        found = self._search(
            "DiagnosticReport",
            {"patient": patient_id, "date": f"ge{since}", "_elements": _REPORT_ELEMENTS},
        )
        return found.read(chart_mapping.read_lab)

    def read_plan(self, patient_id: str) -> ChartAnswer[CarePlanTold]:
        """:raises ChartUnavailable:"""
        status = {"patient": patient_id, "status": "active,on-hold"}
        plans = self._search("CarePlan", status)
        orders = self._search("ServiceRequest", status)
        by_order, inline, unread = chart_plans.read_plans(plans.resources)
        items = orders.read(lambda body: chart_plans.read_order(body, by_order))
        return ChartAnswer(
            rows=(*items.rows, *inline),
            unread=items.unread + unread,
            has_more=plans.has_more or orders.has_more,
        )

    def read_medications(self, patient_id: str) -> ChartAnswer[MedicationTold]:
        """:raises ChartUnavailable:"""
        asked = {"patient": patient_id}
        requests = self._search("MedicationRequest", asked)
        dispensed = self._search("MedicationDispense", {**asked, "status": "completed"})
        fills, unread = chart_medications.read_fills(dispensed.resources)
        told = requests.read(lambda body: chart_medications.read_medication(body, fills))
        return ChartAnswer(
            rows=told.rows,
            unread=told.unread + unread,
            has_more=requests.has_more or dispensed.has_more,
        )

    def read_encounters(self, patient_id: str, *, since: dt.date) -> ChartAnswer[EncounterTold]:
        """:raises ChartUnavailable:"""
        found = self._search(
            "Encounter", {"patient": patient_id, "status": "finished", "date": f"ge{since}"}
        )
        return found.read(chart_mapping.read_encounter)

    def read_coverages(self, patient_id: str) -> ChartAnswer[CoverageTold]:
        """:raises ChartUnavailable:"""
        return self._search("Coverage", {"patient": patient_id}).read(chart_mapping.read_coverage)

    def _search(self, kind: str, params: Mapping[str, str]) -> _Found:
        """All pages of a search, up to a few. :raises ChartUnavailable:"""
        found: list[Json] = []
        path, asked = kind, {**params, "_count": PAGE}
        for _ in range(MOST_PAGES):
            bundle = self._page(path, asked)
            found += _matches(bundle, kind)
            following = _next_page(bundle, kind)
            if following is None:
                return _Found(found, has_more=False)
            path, asked = following
        return _Found(found, has_more=True)

    def _page(self, path: str, params: dict[str, str]) -> Json:
        try:
            answer = self._client.read(path, params=params)
        except EhrError as error:
            raise ChartUnavailable(str(error)) from None
        if answer.is_missing or answer.body is None:
            raise ChartUnavailable("The EHR does not keep this part of charts.")
        return answer.body


class _Found:
    """The resources of a search, and whether the EHR holds more of them."""

    def __init__(self, resources: list[Json], *, has_more: bool) -> None:
        self.resources = resources
        self.has_more = has_more

    def read(self, understand: Callable[[Json], Told | None]) -> ChartAnswer[Told]:
        """What makes sense of them; one that does not hides none of the others."""
        rows, unread = _read_each(self.resources, understand)
        return ChartAnswer(rows=rows, unread=unread, has_more=self.has_more)


def _read_each(
    resources: Iterable[Json], understand: Callable[[Json], Told | None]
) -> tuple[tuple[Told, ...], int]:
    rows, unread = [], 0
    for body in resources:
        try:
            told = understand(body)
        except FhirUnreadable:
            unread += 1
        else:
            if told is not None:
                rows.append(told)
    return tuple(rows), unread


def _matches(bundle: Json, kind: str) -> list[Json]:
    """:raises ChartUnavailable: when it is no searchset"""
    try:
        reading.check_type(bundle, "Bundle")
        entries = reading.items(bundle, "entry", path="Bundle")
        bodies = [reading.part(entry, "resource", path="Bundle.entry") for entry in entries]
    except FhirUnreadable as error:
        raise ChartUnavailable(f"The EHR's answer cannot be understood: {error}") from None
    return [body for body in bodies if body.get("resourceType") == kind]


def _next_page(bundle: Json, kind: str) -> tuple[str, dict[str, str]] | None:
    """Path and parameters of the next page. Only these are taken of its address: a page is asked
    of the server that the settings name and of no other."""
    links = bundle.get("link")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("relation") == "next":
            address = urlsplit(str(link.get("url", "")))
            path = kind if address.path.rstrip("/").endswith(f"/{kind}") else ""
            return path, dict(parse_qsl(address.query))
    return None


@functools.cache
def default_client() -> FhirClient:
    """A client with little patience for the EHR that the settings name, one per process."""
    env = settings.FIRSTCALL
    return FhirClient(
        env.ehr_base_url,
        env.ehr_token.get_secret_value(),
        read_seconds=env.chart_timeout_seconds,
        connect_seconds=CONNECT_SECONDS,
    )
