"""Errors as machines read them: RFC 9457 problem details, without patient data.

A problem names the field and says what is wrong with it; it never repeats what stood there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, JsonResponse
from rest_framework import exceptions, serializers
from rest_framework.response import Response

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class FieldError:
    """`field` is a path in the sender's terms: "appointment.starts_at", "Slot.status"."""

    field: str
    detail: str


class Problem(Exception):
    """An answer that is an error. `kind` ends its type URI: "urn:firstcall:problem:too-large"."""

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.http_status = status
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = headers or {}

    def body(self) -> dict[str, Any]:
        """The problem object of RFC 9457, section 3."""
        body: dict[str, Any] = {
            "type": f"urn:firstcall:problem:{self.kind}",
            "title": HTTPStatus(self.http_status).phrase,
            "status": self.http_status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [{"field": e.field, "detail": e.detail} for e in self.errors]
        return body

    def response(self) -> JsonResponse:
        """For views without REST framework."""
        return JsonResponse(
            self.body(), status=self.http_status, content_type=CONTENT_TYPE, headers=self.headers
        )


class FieldErrorSerializer(serializers.Serializer[Any]):
    """One fault in a body."""

    field = serializers.CharField(help_text="Where it is, in the sender's terms.")
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457 problem details; for the API's description."""

    type = serializers.CharField(help_text="Such as urn:firstcall:problem:invalid.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]


def problem_response(exc: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's exception handler. None for what is our own fault (500)."""
    problem = as_problem(exc)
    if problem is None:
        return None
    return Response(
        problem.body(),
        status=problem.http_status,
        content_type=CONTENT_TYPE,
        headers=problem.headers,
    )


def as_problem(exc: Exception) -> Problem | None:
    """What to answer for an exception; None when it is nobody's fault but ours."""
    if isinstance(exc, Problem):
        return exc
    if isinstance(exc, OperationalError | InterfaceError):
        detail = "The database does not answer. Nothing was stored; please send it again."
        return Problem(503, "unavailable", detail, headers={"Retry-After": "5"})
    if isinstance(exc, Http404):
        return Problem(404, "not-found", "There is nothing here.")
    if isinstance(exc, PermissionDenied):
        return Problem(403, "forbidden", "This account may not do that.")
    return _of_framework(exc) if isinstance(exc, exceptions.APIException) else None


def _of_framework(exc: exceptions.APIException) -> Problem:
    if isinstance(exc, exceptions.ValidationError):
        errors = list(field_errors(exc.detail))
        return Problem(422, "invalid", "Some fields cannot be taken.", errors=errors)
    headers = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(wait))
    kind = str(exc.default_code).replace("_", "-")
    return Problem(exc.status_code, kind, str(exc.detail), headers=headers)


def _inside(path: str, name: str | int) -> str:
    """Of a list with faults in some places REST framework makes a table by number."""
    if name == "non_field_errors":
        return path
    return f"{path}[{name}]" if isinstance(name, int) else f"{path}.{name}".lstrip(".")


def field_errors(detail: Any, path: str = "") -> Iterator[FieldError]:
    """Every fault in REST framework's nested details, each with the path to its field."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from field_errors(inner, _inside(path, name))
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            is_nested = isinstance(inner, dict | list)
            yield from field_errors(inner, f"{path}[{number}]" if is_nested else path)
    else:
        yield FieldError(path or "body", str(detail))
