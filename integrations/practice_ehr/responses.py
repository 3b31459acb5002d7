"""Answers in FHIR JSON."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.utils.http import http_date

from integrations.practice_ehr.documents import render
from integrations.practice_ehr.models import Document
from integrations.practice_ehr.outcomes import FhirError

CONTENT_TYPE = "application/fhir+json"
RETRY_AFTER_SECONDS = 2


def fhir_response(body: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A FHIR resource as an HTTP response."""
    return HttpResponse(json.dumps(body), status=status, content_type=CONTENT_TYPE)


def refusal(error: FhirError) -> HttpResponse:
    """A refusal with its OperationOutcome, and Retry-After where waiting helps."""
    response = fhir_response(error.outcome(), status=error.status)
    if error.status in {429, 503}:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if error.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="practice EHR"'
    return response


def document_response(
    row: Document, *, status: int = 200, location: str = "", minimal: bool = False
) -> HttpResponse:
    """One resource with its ETag; without its body when the client `Prefer`s so."""
    response = fhir_response(render(row), status=status)
    if minimal:
        response.content = b""
    response["ETag"] = f'W/"{row.version}"'
    response["Last-Modified"] = http_date(row.updated_at.timestamp())
    if location:
        response["Location"] = location
    return response
