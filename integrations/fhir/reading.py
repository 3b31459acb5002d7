"""Reading one element out of FHIR JSON: typed, or refused with a sentence. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from scheduling.ports import CodeReport, IdentifierReport

Json = dict[str, Any]

#: http://hl7.org/fhir/R4/datatypes.html#id allows 64 characters; some EHRs send longer ones.
FHIR_ID = re.compile(r"[A-Za-z0-9\-._]{1,128}")
_REFERENCE = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9\-._]{1,128})(?:/_history/[^/]*)?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
#: Beyond these a date is a slip of the pen, and in another zone perhaps no date at all.
FIRST_YEAR, LAST_YEAR = 1850, 2200


class FhirUnreadable(Exception):
    """The resource cannot be understood. `field` is its FHIRPath; the text holds no patient data.

    `sentence` is for staff who look at the quarantined message.
    """

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}")
        self.field = field
        self.sentence = sentence

    def within(self, place: str) -> FhirUnreadable:
        """The same, seen from the resource around it: `Bundle.entry[2]`."""
        return FhirUnreadable(f"{place}.{self.field}", self.sentence)


def check_type(resource: object, kind: str) -> Json:
    """:raises FhirUnreadable: unless this is a resource of that type"""
    if not isinstance(resource, dict):
        raise FhirUnreadable(kind, "This is no JSON object.")
    if resource.get("resourceType") != kind:
        raise FhirUnreadable("resourceType", f"A resource of type {kind} was expected.")
    return resource


def text(node: object, name: str, *, path: str) -> str:
    """A string element, empty when absent. :raises FhirUnreadable: for another type, NUL or half
    a surrogate pair, none of which the database can keep
    """
    value = node.get(name) if isinstance(node, dict) else None
    if value is None:
        return ""
    if not isinstance(value, str):
        raise FhirUnreadable(f"{path}.{name}", "This is no text.")
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise FhirUnreadable(f"{path}.{name}", "This holds characters that cannot be stored.")
    return value.strip()


def items(node: Json, name: str, *, path: str) -> list[Json]:
    """A repeating element of objects, empty when absent. :raises FhirUnreadable:"""
    value = node.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise FhirUnreadable(f"{path}.{name}", "This is no list of objects.")
    return value


def part(node: Json, name: str, *, path: str) -> Json:
    """An object element, empty when absent. :raises FhirUnreadable:"""
    value = node.get(name, {})
    if not isinstance(value, dict):
        raise FhirUnreadable(f"{path}.{name}", "This is no object.")
    return value


def fhir_id(resource: Json, *, kind: str) -> str:
    """The resource's logical id. :raises FhirUnreadable: when it is missing or malformed"""
    value = text(resource, "id", path=kind)
    if not FHIR_ID.fullmatch(value):
        raise FhirUnreadable(f"{kind}.id", "The resource has no usable id.")
    return value


def instant(node: Json, name: str, *, path: str) -> dt.datetime | None:
    """A FHIR instant in UTC, None when absent. :raises FhirUnreadable: without zone or seconds"""
    value = text(node, name, path=path)
    if not value:
        return None
    if _INSTANT.fullmatch(value):
        try:
            at = dt.datetime.fromisoformat(value)
        except ValueError:
            at = None
        if at and FIRST_YEAR <= at.year <= LAST_YEAR:
            return at.astimezone(dt.UTC)
    raise FhirUnreadable(f"{path}.{name}", "This is no date and time with seconds and a zone.")


def full_date(node: Json, name: str, *, path: str) -> dt.date | None:
    """A whole date; None when absent or known to the month or year only.

    :raises FhirUnreadable: when it is no date
    """
    value = text(node, name, path=path)
    if re.fullmatch(r"(\d{4}(-\d\d)?)?", value):
        return None
    try:
        day = dt.date.fromisoformat(value) if _DATE.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise FhirUnreadable(f"{path}.{name}", "This is no date.")
    return day


def reference(node: Json, *, path: str) -> tuple[str, str]:
    """(type, id) of a literal reference, relative or absolute; both empty for any other."""
    match = _REFERENCE.fullmatch(text(node, "reference", path=path))
    return (match[1], match[2]) if match else ("", "")


def code(concept: Json, *, path: str) -> CodeReport | None:
    """The first coding of a CodeableConcept that has a code; its text alone if none has."""
    words = text(concept, "text", path=path)
    for coding in items(concept, "coding", path=path):
        value = text(coding, "code", path=f"{path}.coding")
        if value:
            return CodeReport(
                code=value,
                text=words or text(coding, "display", path=f"{path}.coding"),
                system=text(coding, "system", path=f"{path}.coding"),
            )
    return CodeReport(code="", text=words) if words else None


def codes(node: Json, name: str, *, path: str) -> Iterator[CodeReport]:
    """The codes of a repeating CodeableConcept."""
    for concept in items(node, name, path=path):
        found = code(concept, path=f"{path}.{name}")
        if found:
            yield found


def identifiers(node: Json, *, path: str) -> Iterator[IdentifierReport]:
    """The resource's business identifiers that are in use and have a value."""
    for item in items(node, "identifier", path=path):
        value = text(item, "value", path=f"{path}.identifier")
        if value and text(item, "use", path=f"{path}.identifier") != "old":
            yield IdentifierReport(
                system=text(item, "system", path=f"{path}.identifier"), value=value
            )
