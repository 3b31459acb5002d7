"""Requests made from the API's own description, to find answers that it does not promise."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from django.conf import settings
from django.core import signals
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from standardwebhooks import Webhook

from config.wsgi import application
from tests.conventions.repo import ROOT

PROMISES = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def proven(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The application, behind a sender who knows the token and the secret."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    token = settings.FIRSTCALL.fhir_webhook_token.get_secret_value()
    environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    now, name = timezone.now(), f"msg-{uuid4()}"
    signer = Webhook(settings.FIRSTCALL.webhook_secret.get_secret_value())
    environ["HTTP_WEBHOOK_ID"] = name
    environ["HTTP_WEBHOOK_TIMESTAMP"] = str(int(now.timestamp()))
    environ["HTTP_WEBHOOK_SIGNATURE"] = signer.sign(name, now, body.decode(errors="replace"))
    found: Iterable[bytes] = application(environ, start_response)
    return found


schema = schemathesis.openapi.from_path(ROOT / "docs" / "openapi.yaml")
schema.app = proven


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """As Django's test client does: a request must not close the test's own connection."""
    handlers = (signals.request_started, signals.request_finished)
    for signal in handlers:
        signal.disconnect(close_old_connections)
    yield
    for signal in handlers:
        signal.connect(close_old_connections)


@pytest.mark.django_db
@schema.parametrize()
@hypothesis_settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_answers_as_described(case: Any) -> None:
    case.headers["Accept-Encoding"] = "identity"  # it reads what the server says as it comes
    case.call_and_validate(checks=PROMISES)
