"""The API's description: complete, committed as it is, and browsable under our own policy."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver
from playwright.sync_api import ConsoleMessage, Page, expect
from rest_framework.views import APIView

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.yaml"


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMMITTED.read_text())
    return found


def test_the_committed_description_is_the_present_one() -> None:
    out = io.StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=out)
    assert out.getvalue() == COMMITTED.read_text(), "Run: make schema"


def api_paths(resolver: URLResolver, prefix: str = "/") -> set[str]:
    """The address of every API view, as a description writes it."""
    found: set[str] = set()
    for pattern in resolver.url_patterns:
        here = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found |= api_paths(pattern, here)
        elif is_ours(pattern):
            found.add(here.replace("<str:", "{").replace(">", "}"))
    return found


def is_ours(pattern: URLPattern) -> bool:
    view = getattr(pattern.callback, "cls", None)
    if not isinstance(view, type) or not issubclass(view, APIView):
        return False
    return view.__module__.partition(".")[0] != "drf_spectacular"


def test_every_api_view_is_described(described: dict[str, Any]) -> None:
    ours = api_paths(get_resolver())
    assert "/webhooks/fhir/" in ours
    assert ours == set(described["paths"])


@pytest.mark.parametrize(
    ("path", "codes"),
    [
        ("/webhooks/fhir/", {"202", "400", "401", "413", "415", "422", "503"}),
        ("/webhooks/rest/appointments/", {"202", "400", "401", "413", "415", "422", "503"}),
        ("/webhooks/rest/slots/", {"202", "400", "401", "413", "415", "422", "503"}),
    ],
)
def test_every_answer_of_a_webhook_is_described(
    described: dict[str, Any], path: str, codes: set[str]
) -> None:
    answers = described["paths"][path]["post"]["responses"]
    assert set(answers) == codes
    for code, answer in answers.items():
        kind = "application/json" if code == "202" else "application/problem+json"
        assert list(answer["content"]) == [kind]


def test_says_how_each_webhook_is_proved(described: dict[str, Any]) -> None:
    fhir = described["paths"]["/webhooks/fhir/"]["post"]
    assert fhir["security"] == [{"fhirToken": []}]
    assert described["components"]["securitySchemes"]["fhirToken"]["scheme"] == "bearer"
    rest = described["paths"]["/webhooks/rest/slots/"]["post"]
    assert {p["name"] for p in rest["parameters"]} == {
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    }


def test_is_served_as_it_is_committed(described: dict[str, Any]) -> None:
    served = Client().get("/api/schema/")
    assert served.status_code == 200
    assert yaml.safe_load(served.content) == described


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_can_be_browsed_under_our_policy(page: Page, live_server: Any) -> None:
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}/api/docs/")
    expect(page.locator(".opblock")).to_have_count(5)
    page.locator(".opblock-summary-control").first.click()
    expect(page.locator(".opblock.is-open")).to_contain_text("Subscription")
    assert complaints == []
