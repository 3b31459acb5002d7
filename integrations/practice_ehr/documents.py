"""What a resource must hold, what of it can be searched, and how it is shown. Pure but for rows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from integrations.practice_ehr import charts
from integrations.practice_ehr.outcomes import FhirError

if TYPE_CHECKING:
    from integrations.practice_ehr.models import Document

Json = dict[str, Any]

#: Path of the element behind each search parameter that compares for equality, per resource
#: (http://hl7.org/fhir/R4/searchparameter-registry.html). A path that ends in `identifier` holds
#: Identifiers, `telecom` ContactPoints, any other References, unless the value is plain text.
TOKENS: dict[str, dict[str, str]] = {
    "Patient": {"identifier": "identifier", "birthdate": "birthDate", "phone": "telecom"},
    "Practitioner": {"identifier": "identifier"},
    "PractitionerRole": {
        "identifier": "identifier",
        "practitioner": "practitioner",
        "location": "location",
    },
    "Location": {"identifier": "identifier"},
    "HealthcareService": {"identifier": "identifier", "location": "location"},
    "Schedule": {"identifier": "identifier", "actor": "actor"},
    "Slot": {"identifier": "identifier", "schedule": "schedule"},
    "Appointment": {
        "identifier": "identifier",
        "actor": "participant.actor",
        "patient": "participant.actor",
        "practitioner": "participant.actor",
        "location": "participant.actor",
        "slot": "slot",
    },
    "Coverage": {
        "identifier": "identifier",
        "beneficiary": "beneficiary",
        "patient": "beneficiary",
    },
    "DocumentReference": {"identifier": "identifier", "patient": "subject", "subject": "subject"},
    **charts.TOKENS,
}
KINDS = tuple(TOKENS)

#: Reference parameters that name one resource type, so that a bare id is enough.
TARGETS = {
    "patient": "Patient",
    "practitioner": "Practitioner",
    "location": "Location",
    "schedule": "Schedule",
    "slot": "Slot",
    "beneficiary": "Patient",
    **charts.TARGETS,
}
#: These need a start and an end.
PERIODS = ("Slot", "Appointment")
#: The parameter that searches `starts_at`.
START_PARAMETER = {"Slot": "start", "Appointment": "date", **charts.START_PARAMETER}

STATUSES: dict[str, frozenset[str]] = {
    "Slot": frozenset({"free", "busy", "busy-unavailable", "busy-tentative", "entered-in-error"}),
    "Appointment": frozenset(
        {"proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow"}
        | {"entered-in-error", "checked-in", "waitlist"}
    ),
    "Coverage": frozenset({"active", "cancelled", "draft", "entered-in-error"}),
    "DocumentReference": frozenset({"current", "superseded", "entered-in-error"}),
    **charts.STATUSES,
}
#: Elements with cardinality 1.. in R4.
REQUIRED: dict[str, tuple[str, ...]] = {
    "Schedule": ("actor",),
    "Slot": ("schedule", "status", "start", "end"),
    "Appointment": ("status", "participant"),
    "Coverage": ("status", "beneficiary", "payor"),
    "DocumentReference": ("status", "content"),
    **charts.REQUIRED,
}
#: An Appointment in one of these has its slot to itself.
HOLDING = frozenset({"pending", "booked", "arrived", "checked-in"})
#: Invariant app-3: only in these may start and end be left out.
TIMELESS = frozenset({"proposed", "cancelled", "waitlist"})

FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
REFERENCE = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/.*)?")
#: Beyond these a date is a slip of the pen, and in another zone perhaps no date at all.
FIRST_YEAR, LAST_YEAR = 1900, 2200
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Columns:
    """What of a document can be searched."""

    status: str
    starts_at: dt.datetime | None
    tokens: list[str]


def read_columns(kind: str, body: Json) -> Columns:
    """The search columns of a document that `check` has passed."""
    start = _start(kind, body)
    return Columns(
        status=str(body.get("status", "")) if kind in STATUSES else "",
        starts_at=parse_instant(start, expression=f"{kind}.start") if start else None,
        tokens=sorted(set(_tokens(kind, body))),
    )


def _start(kind: str, body: Json) -> object:
    """The moment that a resource is searched by, where it has one."""
    if kind not in START_PARAMETER:
        return None
    return next(elements(body, charts.STARTS.get(kind, "start")), None)


def check(kind: str, body: Json) -> None:
    """Refuse a document that R4 would not allow. :raises FhirError: 400 or 422"""
    if body.get("resourceType") != kind:
        raise FhirError(400, f"The body is no {kind}.", expression="resourceType")
    for name in REQUIRED.get(kind, ()):
        if not body.get(name):
            raise FhirError(422, f"{kind}.{name} is required.", expression=f"{kind}.{name}")
    if not isinstance(body.get("meta", {}), dict):
        raise FhirError(400, "meta is no object.", expression=f"{kind}.meta")
    if kind in STATUSES and str(body["status"]) not in STATUSES[kind]:
        raise FhirError(422, f"{kind}.status is no R4 code.", expression=f"{kind}.status")
    if kind in PERIODS:
        _check_period(kind, body)
    elif start := _start(kind, body):
        parse_instant(start, expression=f"{kind}.{charts.STARTS[kind]}")


def _check_period(kind: str, body: Json) -> None:
    start, end = body.get("start"), body.get("end")
    if not start and not end and body["status"] in TIMELESS:
        return
    if not start or not end:
        raise FhirError(422, f"{kind} needs a start and an end.", expression=f"{kind}.start")
    starts_at = parse_instant(start, expression=f"{kind}.start")
    if starts_at >= parse_instant(end, expression=f"{kind}.end"):
        raise FhirError(422, f"{kind} ends before it starts.", expression=f"{kind}.end")


def parse_instant(value: object, *, expression: str) -> dt.datetime:
    """A FHIR instant as an aware datetime. :raises FhirError: 422"""
    if isinstance(value, str) and INSTANT.fullmatch(value):
        try:
            at = dt.datetime.fromisoformat(value)
        except ValueError:
            at = None
        if at and FIRST_YEAR <= at.year <= LAST_YEAR:
            return at
    raise FhirError(422, f"{expression} is no instant with a zone.", expression=expression)


def elements(node: object, path: str) -> Iterator[Any]:
    """Every element at a dotted path, through lists."""
    head, _, rest = path.partition(".")
    for item in node if isinstance(node, list) else [node]:
        if not isinstance(item, dict) or head not in item:
            continue
        if rest:
            yield from elements(item[head], rest)
        else:
            found = item[head]
            yield from found if isinstance(found, list) else [found]


def reference_key(reference: object) -> str:
    """`Type/id` of a literal reference, relative or absolute; empty for any other."""
    text = reference.get("reference") if isinstance(reference, dict) else reference
    match = REFERENCE.fullmatch(text) if isinstance(text, str) else None
    return f"{match[1]}/{match[2]}" if match else ""


def slot_ids(body: Json) -> set[str]:
    """Ids of the slots that an Appointment names."""
    keys = (reference_key(slot) for slot in elements(body, "slot"))
    return {key.removeprefix("Slot/") for key in keys if key.startswith("Slot/")}


def _tokens(kind: str, body: Json) -> Iterator[str]:
    for name, path in TOKENS[kind].items():
        for element in elements(body, path):
            for value in _token_values(name, element):
                yield f"{name}={value}"


def _token_values(name: str, element: object) -> Iterator[str]:
    if isinstance(element, str):
        yield element
    elif name == "identifier" and isinstance(element, dict) and element.get("value"):
        yield from (f"{element.get('system', '')}|{element['value']}", str(element["value"]))
    elif name == "phone" and isinstance(element, dict):
        if element.get("system") in {"phone", "sms"}:
            yield re.sub(r"\D", "", str(element.get("value", "")))
    elif (key := reference_key(element)) and _is_wanted(name, key):
        yield key


def _is_wanted(name: str, key: str) -> bool:
    """Whether a reference is of the type that the parameter is about: `patient`, not `actor`."""
    return name not in TARGETS or key.startswith(f"{TARGETS[name]}/")


def instant(at: dt.datetime) -> str:
    """A datetime as a FHIR instant in UTC, to the microsecond."""
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def render(row: Document, *, only: frozenset[str] = frozenset()) -> Json:
    """The resource as clients see it, with its id, version and present status.

    :param only: elements that were asked for (`_elements`); none are all. What R4 requires stays.
    """
    stamps = {"versionId": str(row.version), "lastUpdated": instant(row.updated_at)}
    shown = {**row.body, "id": row.fhir_id, "meta": {**row.body.get("meta", {}), **stamps}}
    if row.kind in STATUSES:
        shown["status"] = row.status
    if only:
        kept = only | {"resourceType", "id", "meta", *REQUIRED.get(row.kind, ())}
        shown = {name: value for name, value in shown.items() if name in kept}
    return shown
