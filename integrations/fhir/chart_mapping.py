"""FHIR R4 resources of a chart to plain values, without a single result. Pure.

R4 has no element for "the ordering clinician has reviewed it" nor for "the patient can see it".
An EHR, or the engine before it, tells both in an extension of ours; without it a report counts as
not reviewed and not released, which is the careful reading.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from crm.ports import CoverageTold, EncounterTold, LabTold
from crm.states import ReportStatus, ReviewOutcome
from integrations.fhir import chart_elements as elements
from integrations.fhir import reading
from integrations.fhir.reading import Json

#: On a DiagnosticReport, with parts `reviewed` and `released` (dateTime) and `outcome`: "no-action"
#: or "talk".
REVIEW: Final = "urn:firstcall:result-review"


def read_lab(body: Json) -> LabTold | None:
    """How a DiagnosticReport stands; None for one that was entered in error.

    :raises FhirUnreadable:
    """
    path = "DiagnosticReport"
    status = elements.status(body, ReportStatus, path=path)
    if status is ReportStatus.ENTERED_IN_ERROR:
        return None
    review = _review(body)
    sections = [found.code for found in reading.codes(body, "category", path=path) if found.code]
    return LabTold(
        report_id=reading.fhir_id(body, kind=path),
        name=elements.words(body, "code", path=path) or "A test without a name",
        status=status,
        category=sections[0] if sections else "",
        collected_at=_collected(body),
        issued_at=elements.moment(body, "issued", path=path),
        reviewed_at=review.reviewed_at,
        reviewed_by=elements.first_display(body, "resultsInterpreter", path=path),
        outcome=review.outcome,
        released_at=review.released_at,
        is_sensitive=elements.is_sensitive(body),
    )


@dataclass(frozen=True, slots=True)
class _Review:
    reviewed_at: dt.datetime | None = None
    released_at: dt.datetime | None = None
    outcome: ReviewOutcome = ReviewOutcome.NONE


def _review(body: Json) -> _Review:
    path = "DiagnosticReport.extension"
    for extension in reading.items(body, "extension", path="DiagnosticReport"):
        if extension.get("url") != REVIEW:
            continue
        parts = {
            reading.text(part, "url", path=path): part
            for part in reading.items(extension, "extension", path=path)
        }
        said = reading.text(parts.get("outcome"), "valueCode", path=path)
        known = said in set(ReviewOutcome)
        return _Review(
            reviewed_at=elements.moment(parts.get("reviewed", {}), "valueDateTime", path=path),
            released_at=elements.moment(parts.get("released", {}), "valueDateTime", path=path),
            outcome=ReviewOutcome(said) if known else ReviewOutcome.TALK,
        )
    return _Review()


def _collected(body: Json) -> dt.datetime | None:
    path = "DiagnosticReport"
    at = elements.moment(body, "effectiveDateTime", path=path)
    period = reading.part(body, "effectivePeriod", path=path)
    return at or elements.moment(period, "start", path=f"{path}.effectivePeriod")


def read_encounter(body: Json) -> EncounterTold | None:
    """A finished Encounter; None for one without a time. :raises FhirUnreadable:"""
    path = "Encounter"
    starts_at = elements.moment(
        reading.part(body, "period", path=path), "start", path=f"{path}.period"
    )
    if starts_at is None:
        return None
    kinds = list(reading.codes(body, "type", path=path))
    provider_id, provider = _provider(body)
    places = reading.items(body, "location", path=path)
    booked = [
        reading.reference(one, path=path) for one in reading.items(body, "appointment", path=path)
    ]
    return EncounterTold(
        encounter_id=reading.fhir_id(body, kind=path),
        starts_at=starts_at,
        title=next((kind.text or kind.code for kind in kinds), ""),
        visit_type_code=next((kind.code for kind in kinds if kind.code), ""),
        provider_id=provider_id,
        provider=provider,
        location=elements.display(places[0], "location", path=f"{path}.location") if places else "",
        appointment_id=next((key for kind, key in booked if kind == "Appointment"), ""),
        is_sensitive=elements.is_sensitive(body),
    )


def _provider(body: Json) -> tuple[str, str]:
    """Key and name of the first practitioner who took part."""
    path = "Encounter.participant"
    for participant in reading.items(body, "participant", path="Encounter"):
        person = reading.part(participant, "individual", path=path)
        kind, key = reading.reference(person, path=f"{path}.individual")
        if kind in {"Practitioner", ""} and (key or person):
            return key, reading.text(person, "display", path=f"{path}.individual")
    return "", ""


def read_coverage(body: Json) -> CoverageTold | None:
    """A Coverage; None for one without a payer, a draft, or one entered in error.

    :raises FhirUnreadable:
    """
    path = "Coverage"
    status = reading.text(body, "status", path=path)
    payer = elements.first_display(body, "payor", path=path)
    if not payer or status in {"draft", "entered-in-error"}:
        return None
    period = reading.part(body, "period", path=path)
    return CoverageTold(
        payer=payer,
        status=status,
        plan=_plan_name(body),
        member_id=reading.text(body, "subscriberId", path=path),
        starts_on=elements.day(period, "start", path=f"{path}.period"),
        ends_on=elements.day(period, "end", path=f"{path}.period"),
    )


def _plan_name(body: Json) -> str:
    """http://terminology.hl7.org/CodeSystem/coverage-class"""
    path = "Coverage.class"
    for group in reading.items(body, "class", path="Coverage"):
        kind = reading.code(reading.part(group, "type", path=path), path=f"{path}.type")
        if kind and kind.code == "plan":
            name = reading.text(group, "name", path=path)
            return name or reading.text(group, "value", path=path)
    return ""
