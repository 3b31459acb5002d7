"""Elements that the resources of a chart share, on top of `reading`. Pure."""

from __future__ import annotations

import datetime as dt
from typing import Final, TypeVar

from crm.states import ItemStatus, MedicationStatus, ReportStatus
from integrations.fhir import reading
from integrations.fhir.reading import FhirUnreadable, Json

Status = TypeVar("Status", ReportStatus, ItemStatus, MedicationStatus)

#: http://hl7.org/fhir/R4/security-labels.html: sensitivities of information (substance use, HIV,
#: genetics, behavioral and sexual health, violence), and restricted confidentiality.
_SENSITIVE: Final = frozenset(
    {"BH", "DVD", "ETH", "ETHUD", "GDIS", "HIV", "MH", "MST", "OPIOIDUD", "PREGNANT", "PSY"}
    | {"PSYTHPN", "SCA", "SDV", "SEX", "SICKLE", "STD", "SUD", "TBOO", "VIO"}
)
_LABELS: Final = {
    "http://terminology.hl7.org/CodeSystem/v3-ActCode": _SENSITIVE,
    "http://terminology.hl7.org/CodeSystem/v3-Confidentiality": frozenset({"R", "V"}),
}


def is_sensitive(body: Json) -> bool:
    """By its security labels: a sensitivity, or restricted."""
    path = "meta.security"
    for label in reading.items(reading.part(body, "meta", path="meta"), "security", path="meta"):
        codes = _LABELS.get(reading.text(label, "system", path=path), frozenset())
        if reading.text(label, "code", path=path) in codes:
            return True
    return False


def status(body: Json, known: type[Status], *, path: str) -> Status:
    """:raises FhirUnreadable: for a word that is no status of such a resource"""
    try:
        return known(reading.text(body, "status", path=path))
    except ValueError:
        raise FhirUnreadable(f"{path}.status", "This is no status of R4.") from None


def words(body: Json, name: str, *, path: str) -> str:
    code = reading.code(reading.part(body, name, path=path), path=f"{path}.{name}")
    return (code.text or code.code) if code else ""


def display(node: Json, name: str, *, path: str) -> str:
    return reading.text(reading.part(node, name, path=path), "display", path=f"{path}.{name}")


def first_display(body: Json, name: str, *, path: str) -> str:
    found = (
        reading.text(one, "display", path=f"{path}.{name}")
        for one in reading.items(body, name, path=path)
    )
    return next(filter(None, found), "")


def moment(node: Json, name: str, *, path: str) -> dt.datetime | None:
    """A dateTime; one that is only a day is 18:00 UTC of it, which is that day from Hawaii to
    Abu Dhabi."""
    value = reading.text(node, name, path=path)
    if "T" in value:
        return reading.instant(node, name, path=path)
    day = reading.full_date(node, name, path=path)
    return dt.datetime.combine(day, dt.time(18), dt.UTC) if day else None


def day(node: Json, name: str, *, path: str) -> dt.date | None:
    """The day of a date or a dateTime, as it was written."""
    value = reading.text(node, name, path=path)[:10]
    return reading.full_date({name: value}, name, path=path)


def number(node: Json, name: str) -> float | None:
    value = node.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def quantity(node: Json, name: str, *, path: str) -> int:
    """Visits that are planned; one where nothing is said."""
    value = number(reading.part(node, name, path=path), "value")
    return max(1, round(value)) if value is not None else 1
