"""Whatever an authenticated sender posts: an answer, a row, and a step that settles it."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from crm.rules.calls import CallNews
from integrations.fhir.receive import apply_fhir
from integrations.models import InboxMessage
from integrations.rest.receive import apply_rest
from integrations.states import InboxKind, InboxStatus
from integrations.telephony.mapping import call_event
from integrations.telephony.receive import apply_call
from tests.crm.center import told
from tests.factories import NOW
from tests.integrations.test_webhooks_fhir import BEARER, FHIR, appointment, bundle, slot_free
from tests.integrations.test_webhooks_rest import slot_event, visit_event

pytestmark = pytest.mark.django_db
KINDLY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SETTLED = {InboxStatus.APPLIED, InboxStatus.IGNORED, InboxStatus.REFUSED}

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["x" * 300, "\x00", "2026-12-01T16:00:00Z", "9999-12-31T23:59:59Z", "-1"])
)
junk = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner)
)


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to every value in a JSON document."""
    found = [path] if path else []
    children = node.items() if isinstance(node, dict) else enumerate(node)
    if isinstance(node, dict | list):
        for name, inner in children:
            found += places(inner, (*path, name))
    return found


def damaged(document: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """The document with one to three of its values replaced by anything."""

    def damage(changes: list[tuple[tuple[Any, ...], Any]]) -> dict[str, Any]:
        result = copy.deepcopy(document)
        for path, value in changes:
            node: Any = result
            try:
                for step in path[:-1]:
                    node = node[step]
                node[path[-1]] = value
            except (KeyError, IndexError, TypeError):
                continue  # an earlier change took that place away
        return result

    changes = st.tuples(st.sampled_from(places(document)), junk)
    return st.lists(changes, min_size=1, max_size=3).map(damage)


contained = appointment(
    contained=[
        {
            "resourceType": "Patient",
            "identifier": [{"system": "urn:x", "value": "1"}],
            "name": [{"family": "Ruiz", "given": ["Ana"]}],
            "telecom": [{"system": "phone", "value": "+16025550142", "use": "mobile"}],
            "birthDate": "1980-03-14",
        }
    ]
)


def row(kind: InboxKind, body: bytes) -> InboxMessage:
    return InboxMessage.objects.create(
        kind=kind, source="practice-ehr", key="k", digest="", body=body, received_at=NOW
    )


@pytest.mark.fault(26)
class TestFuzzed(HypothesisTestCase):
    @KINDLY
    @given(damaged(contained) | damaged(bundle(appointment(), slot_free("S1"))))
    def test_any_fhir_is_settled(self, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        answer = Client().post(
            "/webhooks/fhir/", body, content_type=FHIR, headers={"Authorization": BEARER}
        )
        assert answer.status_code in {202, 400, 422}
        message = InboxMessage.objects.get()
        assert bytes(message.body) == body
        assert apply_fhir(message, NOW).status in SETTLED

    @KINDLY
    @given(damaged(visit_event()) | damaged(slot_event()))
    def test_any_event_is_settled(self, document: dict[str, Any]) -> None:
        message = row(InboxKind.REST, json.dumps(document).encode())
        assert apply_rest(message, NOW).status in SETTLED

    @settings(KINDLY, max_examples=30)
    @given(damaged(call_event(told(CallNews.RANG, key="2", extension="201"))))
    def test_any_news_of_a_call_is_settled(self, document: dict[str, Any]) -> None:
        message = row(InboxKind.CALLS, json.dumps(document).encode())
        assert apply_call(message, NOW).status in SETTLED

    @KINDLY
    @given(st.binary(max_size=200))
    def test_any_bytes_are_settled(self, body: bytes) -> None:
        assert apply_call(row(InboxKind.CALLS, body), NOW).status == InboxStatus.REFUSED
        assert apply_rest(row(InboxKind.REST, body), NOW).status == InboxStatus.REFUSED
        assert apply_fhir(row(InboxKind.FHIR, body), NOW).status == InboxStatus.REFUSED
