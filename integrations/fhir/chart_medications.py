"""FHIR R4 MedicationRequest and MedicationDispense to prescriptions with their supply. Pure."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from crm.ports import MedicationTold
from crm.states import MedicationStatus
from integrations.fhir import chart_elements as elements
from integrations.fhir import reading
from integrations.fhir.reading import FhirUnreadable, Json

ATC_SYSTEM: Final = "http://www.whocc.no/atc"


@dataclass(frozen=True, slots=True)
class Fills:
    """What was handed over on one prescription."""

    count: int = 0
    last_on: dt.date | None = None


def read_fills(dispensed: Iterable[Json]) -> tuple[dict[str, Fills], int]:
    """What was handed over (MedicationDispense), by prescription; how many made no sense."""
    days: dict[str, list[dt.date]] = defaultdict(list)
    unread = 0
    for body in dispensed:
        path = "MedicationDispense"
        try:
            day = elements.day(body, "whenHandedOver", path=path)
            named = reading.items(body, "authorizingPrescription", path=path)
            keys = [reading.reference(one, path=path)[1] for one in named]
        except FhirUnreadable:
            unread += 1
            continue
        for key in filter(None, keys):
            days[key].append(day or dt.date.min)
    return {key: _fills(found) for key, found in days.items()}, unread


def _fills(days: list[dt.date]) -> Fills:
    last = max(days)
    return Fills(len(days), None if last == dt.date.min else last)


def read_medication(body: Json, fills: Mapping[str, Fills]) -> MedicationTold | None:
    """A MedicationRequest with its fills; None for one that was entered in error or is a draft.

    :raises FhirUnreadable:
    """
    path = "MedicationRequest"
    status = elements.status(body, MedicationStatus, path=path)
    if status in {MedicationStatus.ENTERED_IN_ERROR, MedicationStatus.DRAFT}:
        return None
    key = reading.fhir_id(body, kind=path)
    filled = fills.get(key, Fills())
    dispense = reading.part(body, "dispenseRequest", path=path)
    supply = reading.part(dispense, "expectedSupplyDuration", path=f"{path}.dispenseRequest")
    return MedicationTold(
        medication_id=key,
        name=_drug(body) or "A medicine without a name",
        status=status,
        atc=_atc(body),
        days_supply=_in_days(supply),
        last_filled_on=filled.last_on,
        refills_left=_refills_left(dispense, filled),
        pharmacy=elements.display(dispense, "performer", path=f"{path}.dispenseRequest"),
        prescriber=elements.display(body, "requester", path=path),
        is_sensitive=elements.is_sensitive(body),
    )


def _refills_left(dispense: Json, filled: Fills) -> int | None:
    """R4: repeats are those beside the first fill. None where the prescription says nothing."""
    allowed = dispense.get("numberOfRepeatsAllowed")
    if not isinstance(allowed, int) or isinstance(allowed, bool):
        return None
    return max(0, allowed - max(0, filled.count - 1))


def _drug(body: Json) -> str:
    path = "MedicationRequest"
    reference = reading.part(body, "medicationReference", path=path)
    words = elements.words(body, "medicationCodeableConcept", path=path)
    return words or reading.text(reference, "display", path=f"{path}.medicationReference")


def _atc(body: Json) -> str:
    path = "MedicationRequest.medicationCodeableConcept"
    concept = reading.part(body, "medicationCodeableConcept", path="MedicationRequest")
    for coding in reading.items(concept, "coding", path=path):
        if coding.get("system") == ATC_SYSTEM:
            return reading.text(coding, "code", path=f"{path}.coding")
    return ""


#: UCUM units of a supply, in days.
_DAYS: Final = {"d": 1, "day": 1, "days": 1, "wk": 7, "mo": 30}


def _in_days(supply: Json) -> int | None:
    path = "MedicationRequest.dispenseRequest.expectedSupplyDuration"
    unit = reading.text(supply, "code", path=path) or reading.text(supply, "unit", path=path)
    value = elements.number(supply, "value")
    return None if value is None or unit not in _DAYS else round(value * _DAYS[unit])
