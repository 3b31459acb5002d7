"""The FHIR interactions (http://hl7.org/fhir/R4/http.html)."""

from __future__ import annotations

import json
import re

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from integrations.practice_ehr import actions, bundles
from integrations.practice_ehr.capability import capability_statement
from integrations.practice_ehr.documents import KINDS, Json
from integrations.practice_ehr.faults import read_switches
from integrations.practice_ehr.models import Document
from integrations.practice_ehr.outcomes import FhirError
from integrations.practice_ehr.responses import document_response, fhir_response
from integrations.practice_ehr.search import search


def metadata(request: HttpRequest) -> HttpResponse:
    """What this server can do."""
    _allow(request, "GET")
    return fhir_response(capability_statement(base_url(request), read_switches()))


def system(request: HttpRequest) -> HttpResponse:
    """A batch or transaction Bundle."""
    _allow(request, "POST")
    return fhir_response(bundles.run(read_body(request), at=timezone.now()))


def kind(request: HttpRequest, kind: str) -> HttpResponse:
    """Search a resource type, or create one of it."""
    _allow(request, "GET", "POST")
    check_kind(kind)
    if request.method == "GET":
        return fhir_response(search(kind, request.GET, base_url=base_url(request)))
    condition = request.headers.get("If-None-Exist", "")
    stored = actions.create(
        kind=kind,
        body=read_body(request),
        at=timezone.now(),
        if_none_exist=condition if read_switches().honors_if_none_exist else "",
    )
    return stored_response(request, stored)


def document(request: HttpRequest, kind: str, fhir_id: str) -> HttpResponse:
    """Read one resource, or replace it."""
    _allow(request, "GET", "PUT")
    check_kind(kind)
    if request.method == "GET":
        row = Document.objects.filter(kind=kind, fhir_id=fhir_id).first()
        if row is None:
            raise FhirError(404, f"There is no such {kind}.")
        return document_response(row)
    condition = request.headers.get("If-Match", "")
    stored = actions.update(
        kind=kind,
        fhir_id=fhir_id,
        body=read_body(request),
        at=timezone.now(),
        if_match=condition if read_switches().honors_if_match else "",
    )
    return stored_response(request, stored)


def stored_response(request: HttpRequest, stored: actions.Stored) -> HttpResponse:
    """201 or 200, with the Location of the version and, unless not wanted, the resource."""
    row = stored.row
    wish = request.headers.get("Prefer", "")
    return document_response(
        row,
        status=201 if stored.created else 200,
        location=f"{base_url(request)}/{row.kind}/{row.fhir_id}/_history/{row.version}",
        minimal=re.search(r"\breturn=minimal\b", wish) is not None,
    )


def base_url(request: HttpRequest) -> str:
    """The address of the FHIR server, as this client reached it."""
    return request.build_absolute_uri("/fhir")


def read_body(request: HttpRequest) -> Json:
    """The request's JSON object. :raises FhirError: 400"""
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        raise FhirError(400, "The body is no JSON.") from None
    if not isinstance(body, dict):
        raise FhirError(400, "The body is no resource.")
    return body


def check_kind(kind: str) -> None:
    """:raises FhirError: 404 for a resource type that is not kept"""
    if kind not in KINDS:
        raise FhirError(404, "Resources of that type are not kept here.")


def _allow(request: HttpRequest, *methods: str) -> None:
    if request.method not in methods:
        raise FhirError(405, f"Only {' and '.join(methods)} are possible here.")
