"""Search by the parameters of `documents.TOKENS`, paged by key (never by offset)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict

from integrations.practice_ehr.documents import (
    INSTANT,
    START_PARAMETER,
    STATUSES,
    TARGETS,
    TOKENS,
    Json,
    parse_instant,
    reference_key,
    render,
)
from integrations.practice_ehr.models import Document
from integrations.practice_ehr.outcomes import FhirError

DEFAULT_COUNT, MOST = 50, 1000
DATE = re.compile(r"(eq|ge|gt|le|lt)?(\d{4}-\d\d-\d\d)(T.*)?")
_PAGING = frozenset({"_count", "_after", "_format", "_elements"})


@dataclass(frozen=True, slots=True)
class Page:
    """How many to show, and after which row."""

    count: int
    after: int


def parameters(kind: str) -> dict[str, str]:
    """The search parameters of a resource with their FHIR type, as the metadata states them."""
    found = {"_id": "token", "_lastUpdated": "date"}
    for name in TOKENS[kind]:
        found[name] = "token" if name in {"identifier", "phone"} else "reference"
    if "birthdate" in found:
        found["birthdate"] = "date"
    if kind in STATUSES:
        found["status"] = "token"
    if kind in START_PARAMETER:
        found[START_PARAMETER[kind]] = "date"
    return found


def search(kind: str, query: QueryDict, *, base_url: str) -> Json:
    """The searchset Bundle for a query, with a `next` link when there is more.

    Rows come in the order in which they were first stored. :raises FhirError: 400
    """
    rows = Document.objects.filter(kind=kind)
    for name, values in query.lists():
        if name not in _PAGING:
            for value in values:
                rows = rows.filter(condition(kind, name, value))
    page = read_page(query)
    return _bundle(rows, page, url=f"{base_url}/{kind}", query=query, base_url=base_url)


def _bundle(
    rows: QuerySet[Document], page: Page, *, url: str, query: QueryDict, base_url: str
) -> Json:
    bundle: Json = {"resourceType": "Bundle", "type": "searchset", "total": rows.count()}
    links = [{"relation": "self", "url": f"{url}?{query.urlencode()}"}]
    shown = list(rows.filter(pk__gt=page.after).order_by("pk")[: page.count + 1])
    if page.count and len(shown) > page.count:
        shown.pop()
        kept = [(name, value) for name, value in _pairs(query) if name != "_after"]
        following = urlencode([*kept, ("_after", str(shown[-1].pk))])
        links.append({"relation": "next", "url": f"{url}?{following}"})
    bundle["link"] = links
    if page.count:
        only = frozenset(filter(None, query.get("_elements", "").split(",")))
        bundle["entry"] = [
            {
                "fullUrl": f"{base_url}/{row.kind}/{row.fhir_id}",
                "resource": render(row, only=only),
                "search": {"mode": "match"},
            }
            for row in shown
        ]
    return bundle


def _pairs(query: QueryDict) -> list[tuple[str, str]]:
    return [(name, value) for name, values in query.lists() for value in values]


def read_page(query: QueryDict) -> Page:
    """`_count` (at most 1000; 0 for the total alone) and our own `_after`."""
    try:
        count, after = int(query.get("_count", DEFAULT_COUNT)), int(query.get("_after", 0))
    except ValueError:
        raise FhirError(400, "_count and _after are whole numbers.") from None
    if count < 0 or not 0 <= after < 2**63:
        raise FhirError(400, "_count and _after are not negative.")
    return Page(min(count, MOST), after)


def condition(kind: str, name: str, value: str) -> Q:
    """One search parameter as a filter; commas mean "or". :raises FhirError: 400"""
    if name not in parameters(kind):
        raise FhirError(400, f"{kind} cannot be searched by {name[:40]}.", expression=name[:40])
    if name == "_id":
        return Q(fhir_id__in=value.split(","))
    if name == "_lastUpdated":
        return date_condition("updated_at", value)
    if name == START_PARAMETER.get(kind):
        return date_condition("starts_at", value)
    if name == "status":
        return Q(status__in=value.split(","))
    return Q(tokens__overlap=[f"{name}={_normal(name, part)}" for part in value.split(",")])


def _normal(name: str, value: str) -> str:
    if name in {"identifier", "birthdate"}:
        return value
    if name == "phone":
        return re.sub(r"\D", "", value)
    if "/" not in value and name in TARGETS:
        value = f"{TARGETS[name]}/{value}"
    key = reference_key(value)
    if not key:
        raise FhirError(400, f"{name} needs a reference such as Practitioner/12.", expression=name)
    return key


def date_condition(column: str, value: str) -> Q:
    """`ge2026-12-01`, `lt2026-12-01T09:00:00Z`; a date is its whole day in UTC."""
    match = DATE.fullmatch(value)
    if match is None:
        raise FhirError(400, "A date is written as 2026-12-01 or 2026-12-01T09:00:00Z.")
    first, last = _span(match[2], match[3] or "")
    conditions = {
        "eq": Q(**{f"{column}__gte": first, f"{column}__lt": last}),
        "ge": Q(**{f"{column}__gte": first}),
        "gt": Q(**{f"{column}__gte": last}),
        "le": Q(**{f"{column}__lt": last}),
        "lt": Q(**{f"{column}__lt": first}),
    }
    return conditions[match[1] or "eq"]


def _span(day: str, time: str) -> tuple[dt.datetime, dt.datetime]:
    """The half-open period that a FHIR date or instant stands for, at its own precision."""
    if time:
        if not INSTANT.fullmatch(day + time):
            raise FhirError(400, "A time needs seconds and a zone: 2026-12-01T09:00:00Z.")
        first = parse_instant(day + time, expression="date")
        # PostgreSQL keeps microseconds; a value to the second stands for that whole second.
        step = dt.timedelta(microseconds=1) if "." in time else dt.timedelta(seconds=1)
        return first, first + step
    try:
        first = dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC)
        return first, first + dt.timedelta(days=1)
    except (ValueError, OverflowError):
        raise FhirError(400, "There is no such day.") from None
