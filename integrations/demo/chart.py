"""Charts for a part of the demo's patients, as FHIR R4 resources of the practice EHR. Pure.

Each chart is drawn from a stream of its own, by seed and record number: the same demo gives the
same charts, whoever else is in it. Reports hold no result: nobody would read it.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from integrations.demo.chart_catalog import (
    DRUGS,
    ORDERS,
    PHARMACIES,
    STANDS,
    TESTS,
    USUAL,
    Drug,
    Order,
    Test,
)
from integrations.demo.dataset.rows import Clinician, Dataset, Kind, VisitRow
from integrations.demo.dataset.system import CLINICIAN, KIND, SITE, VISIT_TYPE_SYSTEM
from scheduling.states import AppointmentStatus

Json = dict[str, Any]

#: Of those who came in the half year that the demo remembers.
CHARTED: Final = 0.85
SECTION_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/v2-0074"
LABEL_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
ATC_SYSTEM: Final = "http://www.whocc.no/atc"
#: As `integrations.fhir.chart_mapping` reads it.
REVIEW: Final = "urn:firstcall:result-review"


@dataclass(frozen=True, slots=True)
class _Chart:
    """Whose chart it is: the patient's number, whom they saw last, and the day of the demo."""

    number: int
    clinician: Clinician
    last: VisitRow
    today: dt.date
    rng: random.Random

    @property
    def subject(self) -> Json:
        return {"reference": f"Patient/patient-{self.number:05d}"}

    @property
    def doctor(self) -> Json:
        one = self.clinician
        name = f"{one.given_name} {one.family_name}, {one.credential}"
        return {"reference": f"Practitioner/{one.code}", "display": name}

    def key(self, what: str) -> str:
        return f"{what}-{self.number:05d}"

    def ago(self, days: int) -> dt.date:
        return self.today - dt.timedelta(days=days)


def charts(dataset: Dataset) -> Iterator[Json]:
    """Every resource of every chart; none refers to one that comes later."""
    came: dict[str, list[VisitRow]] = defaultdict(list)
    for visit in dataset.visits:
        if visit.status is AppointmentStatus.FULFILLED:
            came[visit.mrn].append(visit)
    for mrn in sorted(came):
        visits = sorted(came[mrn], key=lambda visit: visit.starts_at)
        rng = random.Random(f"{dataset.seed}:chart:{mrn}")  # noqa: S311 nothing secret here
        if rng.random() < CHARTED:
            last = visits[-1]
            number = int(mrn.removeprefix("S"))
            chart = _Chart(number, CLINICIAN[last.clinician], last, dataset.today, rng)
            yield from _encounters(chart)
            yield from _reports(chart)
            yield from _orders(chart)
            yield from _medications(chart)


# --- visits -----------------------------------------------------------------------------


def _encounters(chart: _Chart) -> Iterator[Json]:
    """The last visit, and one or two from before the demo's half year with the same doctor, unless
    it was the first."""
    kind = KIND[chart.last.kind]
    yield _encounter(chart, kind, chart.last.starts_at, number=0, booked=chart.last.ehr_id)
    if kind.is_for_new_patients:
        return
    weeks = chart.rng.randrange(30, 60)
    for number in range(1, chart.rng.randrange(2, 4)):
        starts_at = chart.last.starts_at - dt.timedelta(weeks=weeks * number)
        yield _encounter(chart, KIND[USUAL[kind.specialty]], starts_at, number=number)


def _encounter(
    chart: _Chart, kind: Kind, starts_at: dt.datetime, *, number: int, booked: str = ""
) -> Json:
    site = SITE[chart.clinician.site]
    ends_at = starts_at + dt.timedelta(minutes=kind.minutes)
    body: Json = {
        "resourceType": "Encounter",
        "id": f"{chart.key('encounter')}-{number}",
        "status": "finished",
        "class": {
            "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            "code": "AMB",
        },
        "type": [_visit_type(kind.code)],
        "subject": chart.subject,
        "participant": [{"individual": chart.doctor}],
        "period": {"start": _instant(starts_at), "end": _instant(ends_at)},
        "location": [
            {"location": {"reference": f"Location/{site.code}", "display": site.short_name}}
        ],
    }
    if booked:
        body["appointment"] = [{"reference": f"Appointment/{booked}"}]
    if kind.is_sensitive:
        body["meta"] = _label("ETH")
    return body


# --- tests --------------------------------------------------------------------------------


def _reports(chart: _Chart) -> Iterator[Json]:
    tests = TESTS[chart.clinician.specialty]
    few = chart.rng.sample(tests, min(chart.rng.choice((1, 1, 2)), len(tests)))
    for number, test in enumerate(few):
        yield _report(chart, test, number, chart.rng.choice(STANDS))


def _report(
    chart: _Chart, test: Test, number: int, stands: tuple[str, int, bool, bool, str]
) -> Json:
    status, days, is_reviewed, is_released, outcome = stands
    collected = dt.datetime.combine(chart.ago(days), dt.time(16, 30), dt.UTC)
    body: Json = {
        "resourceType": "DiagnosticReport",
        "id": f"{chart.key('report')}-{number}",
        "status": status,
        "category": [{"coding": [{"system": SECTION_SYSTEM, "code": test.section}]}],
        "code": {"text": test.name},
        "subject": chart.subject,
        "effectiveDateTime": _instant(collected),
    }
    if status in {"final", "corrected"}:
        body["issued"] = _instant(collected + dt.timedelta(days=2))
    if is_reviewed:
        body["resultsInterpreter"] = [chart.doctor]
    if is_reviewed or is_released:
        seen_at = _instant(collected + dt.timedelta(days=3))
        reviewed, released = (seen_at if told else "" for told in (is_reviewed, is_released))
        body["extension"] = [_review(reviewed, released, outcome)]
    if test.label:
        body["meta"] = _label(test.label)
    return body


def _review(reviewed: str, released: str, outcome: str) -> Json:
    parts = [
        ({"url": "reviewed", "valueDateTime": reviewed}, reviewed),
        ({"url": "released", "valueDateTime": released}, released),
        ({"url": "outcome", "valueCode": outcome}, outcome),
    ]
    return {"url": REVIEW, "extension": [part for part, is_told in parts if is_told]}


# --- orders ---------------------------------------------------------------------------------


def _orders(chart: _Chart) -> Iterator[Json]:
    """One order for most of them; several visits in one hang on a plan."""
    if chart.rng.random() < 0.25:
        return
    order = chart.rng.choice(ORDERS[chart.clinician.specialty])
    yield (request := _request(chart, order))
    if order.plan:
        yield _plan(chart, order, request)


def _request(chart: _Chart, order: Order) -> Json:
    """Placed at the last visit, or so long before that it is due about now."""
    last_on = chart.last.starts_at.date()
    about_now = chart.ago(chart.rng.randrange(order.due_from, order.due_until + 10))
    ordered_on = min(last_on, about_now)
    due = [ordered_on + dt.timedelta(days=days) for days in (order.due_from, order.due_until)]
    return {
        "resourceType": "ServiceRequest",
        "id": chart.key("order"),
        "status": "on-hold" if chart.rng.random() < 0.05 else "active",
        "intent": "order",
        "code": {**_visit_type(order.kind), "text": order.title},
        "subject": chart.subject,
        "quantityQuantity": {"value": order.visits},
        "occurrencePeriod": {"start": due[0].isoformat(), "end": due[1].isoformat()},
        "authoredOn": ordered_on.isoformat(),
        "requester": chart.doctor,
    }


def _plan(chart: _Chart, order: Order, request: Json) -> Json:
    done = chart.rng.randrange(0, order.visits)
    outcomes = [{"display": f"Visit {number + 1}"} for number in range(done)]
    activity: Json = {"reference": {"reference": f"ServiceRequest/{request['id']}"}}
    if outcomes:
        activity["outcomeReference"] = outcomes
    return {
        "resourceType": "CarePlan",
        "id": chart.key("plan"),
        "status": "active",
        "intent": "plan",
        "title": order.plan,
        "subject": chart.subject,
        "activity": [activity],
    }


# --- medications --------------------------------------------------------------------------------


def _medications(chart: _Chart) -> Iterator[Json]:
    drugs = DRUGS[chart.clinician.specialty]
    few = chart.rng.sample(drugs, min(chart.rng.choice((0, 1, 1, 2)), len(drugs)))
    for number, drug in enumerate(few):
        request = _prescription(chart, drug, number)
        yield request
        if chart.rng.random() < 0.85:
            yield _dispense(chart, drug, request)


def _prescription(chart: _Chart, drug: Drug, number: int) -> Json:
    return {
        "resourceType": "MedicationRequest",
        "id": f"{chart.key('prescription')}-{number}",
        "status": "stopped" if chart.rng.random() < 0.08 else "active",
        "intent": "order",
        "medicationCodeableConcept": {
            "coding": [{"system": ATC_SYSTEM, "code": drug.atc}],
            "text": drug.name,
        },
        "subject": chart.subject,
        "authoredOn": chart.last.starts_at.date().isoformat(),
        "requester": chart.doctor,
        "dispenseRequest": {
            "numberOfRepeatsAllowed": 0 if chart.rng.random() < 0.15 else drug.repeats,
            "expectedSupplyDuration": {
                "value": drug.days,
                "unit": "days",
                "system": "http://unitsofmeasure.org",
                "code": "d",
            },
            "performer": {"display": chart.rng.choice(PHARMACIES)},
        },
    }


def _dispense(chart: _Chart, drug: Drug, request: Json) -> Json:
    """The last fill: from lately to some days after the supply has ended."""
    filled_on = chart.ago(chart.rng.randrange(1, drug.days + 5))
    return {
        "resourceType": "MedicationDispense",
        "id": request["id"].replace("prescription", "fill"),
        "status": "completed",
        "medicationCodeableConcept": request["medicationCodeableConcept"],
        "subject": chart.subject,
        "authorizingPrescription": [{"reference": f"MedicationRequest/{request['id']}"}],
        "daysSupply": request["dispenseRequest"]["expectedSupplyDuration"],
        "whenHandedOver": filled_on.isoformat(),
    }


def _visit_type(code: str) -> Json:
    name = KIND[code].name
    return {
        "coding": [{"system": VISIT_TYPE_SYSTEM, "code": code, "display": name}],
        "text": name,
    }


def _label(code: str) -> Json:
    return {"security": [{"system": LABEL_SYSTEM, "code": code}]}


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
