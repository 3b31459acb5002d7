from __future__ import annotations

import copy
import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.fhir.notifications import MAX_ENTRIES, read_notification
from integrations.fhir.reading import FhirUnreadable
from scheduling.ports import AppointmentReport, ReportKind, SlotReport
from scheduling.states import AppointmentStatus, SlotStatus
from tests.integrations.test_fhir_mapping import APPOINTMENT, SCHEDULE, SLOT

RECEIVED = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)


def read(body: object) -> list[AppointmentReport | SlotReport]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_notification(raw, source="main-ehr", received_at=RECEIVED)


def bundle(*resources: dict[str, Any], kind: str = "history") -> dict[str, Any]:
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def test_reads_a_plain_appointment() -> None:
    (report,) = read(APPOINTMENT)
    assert isinstance(report, AppointmentReport)
    assert (report.source, report.appointment_id) == ("main-ehr", "example")


def test_reads_a_plain_slot() -> None:
    (report,) = read(SLOT)
    assert isinstance(report, SlotReport)
    assert (report.source, report.status) == ("main-ehr", SlotStatus.FREE)


def test_reads_a_body_with_a_byte_order_mark() -> None:
    assert len(read(b"\xef\xbb\xbf" + json.dumps(SLOT).encode())) == 1


def test_reads_a_bundle_in_its_order_and_passes_over_companions() -> None:
    status = {"resourceType": "Parameters", "parameter": []}

    reports = read(bundle(status, APPOINTMENT, SCHEDULE, SLOT, kind="subscription-notification"))

    assert [type(report) for report in reports] == [AppointmentReport, SlotReport]


def test_stands_in_with_the_time_of_receipt() -> None:
    body = {name: value for name, value in SLOT.items() if name != "meta"}
    (report,) = read(body)
    assert report.sent_at == RECEIVED


def test_reads_what_a_history_says_was_deleted() -> None:
    entries = [
        {
            "request": {"method": "DELETE", "url": "Appointment/a-1"},
            "response": {"status": "204", "lastModified": "2026-11-20T08:00:00Z"},
        },
        {"request": {"method": "DELETE", "url": "Slot/s-1"}},
        {"request": {"method": "DELETE", "url": "Patient/p-1"}},
    ]

    visit, slot = read({"resourceType": "Bundle", "type": "history", "entry": entries})

    assert isinstance(visit, AppointmentReport)
    assert visit.kind is ReportKind.DELETED
    assert visit.status is AppointmentStatus.ENTERED_IN_ERROR
    assert visit.appointment_id == "a-1"
    assert visit.sent_at == dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.UTC)
    assert isinstance(slot, SlotReport)
    assert (slot.slot_id, slot.status, slot.sent_at) == ("s-1", SlotStatus.WITHDRAWN, RECEIVED)


def test_names_the_entry_that_cannot_be_read() -> None:
    with pytest.raises(FhirUnreadable) as caught:
        read(bundle(APPOINTMENT, {**SLOT, "status": "open"}))

    assert caught.value.field == "Bundle.entry[1].Slot.status"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"not json", "body"),
        (b"\xff\xfe{}", "body"),
        (b"[" * 100_000, "body"),
        (b"[]", "body"),
        (b'{"resourceType": NaN}', "body"),
        (b"{}", "resourceType"),
        ({"resourceType": "Patient", "id": "1"}, "resourceType"),
        ({"resourceType": ["Slot"]}, "resourceType"),
        (bundle(), "Bundle.entry"),
        (bundle(SCHEDULE), "Bundle.entry"),
        (bundle({"resourceType": "Observation"}), "Bundle.entry[0].resourceType"),
        (bundle({"resourceType": ["Slot"]}), "Bundle.entry[0].resource.resourceType"),
        ({"resourceType": "Bundle", "entry": "all"}, "Bundle.entry"),
        ({"resourceType": "Bundle", "entry": [{"resource": []}]}, "Bundle.entry[0].entry.resource"),
        (bundle(*[SLOT] * (MAX_ENTRIES + 1)), "Bundle.entry"),
    ],
)
def test_refuses_what_holds_no_readable_visit_or_slot(body: object, field: str) -> None:
    with pytest.raises(FhirUnreadable) as caught:
        read(body)

    assert caught.value.field == field


def test_tells_nothing_of_the_patient_in_its_complaint() -> None:
    broken = {**APPOINTMENT, "comment": ["Peter has cancer"], "id": "Peter James"}

    with pytest.raises(FhirUnreadable) as caught:
        read(broken)

    assert "Peter" not in str(caught.value)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)


def places(node: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path into a JSON value."""
    children: list[tuple[Any, Any]] = []
    if isinstance(node, dict):
        children = list(node.items())
    elif isinstance(node, list):
        children = list(enumerate(node))
    return [here] * bool(here) + [
        path for key, child in children for path in places(child, (*here, key))
    ]


CANCELLED = {
    **APPOINTMENT,
    "status": "cancelled",
    "cancelationReason": {"coding": [{"system": "urn:x", "code": "pat"}]},
    "contained": [
        {
            "resourceType": "Patient",
            "id": "p",
            "birthDate": "1974-12-25",
            "telecom": [{"system": "phone", "value": "602 555 0142", "use": "home", "rank": 1}],
            "name": [{"use": "usual", "family": "A", "given": ["B"]}],
            "address": [{"use": "home", "line": ["1 Main St"]}],
            "communication": [{"language": {"coding": [{"code": "en"}]}, "preferred": True}],
        }
    ],
}
WHOLE = bundle(CANCELLED, {**SLOT, "contained": [SCHEDULE]})


@settings(deadline=None)  # a busy machine is no finding
@given(place=st.sampled_from(places(WHOLE)), value=JSON_VALUES)
def test_any_value_anywhere_is_read_or_refused_with_a_field(
    place: tuple[Any, ...], value: Any
) -> None:
    changed = copy.deepcopy(WHOLE)
    node: Any = changed
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = value

    try:
        reports = read(changed)
    except FhirUnreadable as error:
        refused = error
        assert refused.field
    else:
        assert reports
