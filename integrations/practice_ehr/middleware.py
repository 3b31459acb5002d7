"""Around every request: headers, refusals as OperationOutcome, the bearer token, the faults."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Iterator

from django.db import DataError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from integrations.practice_ehr.faults import HEADER, Faults, read_header, spend_faults
from integrations.practice_ehr.outcomes import FhirError
from integrations.practice_ehr.responses import refusal
from integrations.practice_ehr.settings import EHR_TOKEN

GetResponse = Callable[[HttpRequest], HttpResponseBase]
APPOINTMENTS = "/fhir/Appointment"


class SecurityHeadersMiddleware:
    """The page is plain text and one style sheet; nothing else may ever run on it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; style-src 'self'"
        response["Cache-Control"] = "no-store"
        return response


class OutcomeMiddleware:
    """Turns what the views raise into an OperationOutcome; lets no NUL near the database."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return refusal(FhirError(400, "The address holds a NUL."))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """FhirErrors as they are; text that PostgreSQL cannot keep (NUL) as 400."""
        if isinstance(exception, DataError):
            exception = FhirError(400, "The request holds characters that cannot be stored.")
        return refusal(exception) if isinstance(exception, FhirError) else None


class BearerMiddleware:
    """Everything but the home page, its health and the metadata needs the token."""

    OPEN = frozenset({"/", "/healthz", "/home.css", "/fhir/metadata"})

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path not in self.OPEN:
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            right = hmac.compare_digest(token.encode(), EHR_TOKEN.encode())
            if scheme.lower() != "bearer" or not right:
                return refusal(FhirError(401, "Send the practice EHR's token as a bearer token."))
        return self.get_response(request)


class FaultsMiddleware:
    """Slow, refused, lost, garbled and dripping answers, as the switches or the header say."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith("/fhir") or request.path == "/fhir/metadata":
            return self.get_response(request)
        try:
            faults = faults_of(request)
        except FhirError as error:
            return refusal(error)
        time.sleep(faults.slow / 1000)
        if faults.refuse:
            return refusal(FhirError(faults.refuse, "Refused by a switch of the practice EHR."))
        return spoil(self.get_response(request), faults)


def faults_of(request: HttpRequest) -> Faults:
    """The faults that lie in wait for this request. :raises FhirError: 400"""
    if asked := request.headers.get(HEADER):
        return read_header(asked)
    is_visit = request.path == APPOINTMENTS or request.path.startswith(f"{APPOINTMENTS}/")
    return spend_faults(
        is_booking=is_visit and request.method == "POST",
        is_write=is_visit and request.method in {"POST", "PUT"},
    )


def spoil(response: HttpResponseBase, faults: Faults) -> HttpResponseBase:
    """The answer as the client gets it. By now the work is committed."""
    if faults.drop:
        # What a proxy in front of an EHR does; the client has given up long before.
        time.sleep(faults.drop / 1000)
        return HttpResponse("<h1>504 Gateway Time-out</h1>", status=504)
    if not isinstance(response, HttpResponse):
        return response
    if faults.garble:
        response.content = response.content[: len(response.content) // 2]
    if faults.drip:
        return StreamingHttpResponse(
            drip(response.content, seconds=faults.drip / 1000),
            status=response.status_code,
            headers=dict(response.items()),
        )
    return response


def drip(content: bytes, *, seconds: float) -> Iterator[bytes]:
    """The content byte by byte, so slowly that a time-out per read never strikes."""
    for index in range(len(content)):
        time.sleep(seconds)
        yield content[index : index + 1]
