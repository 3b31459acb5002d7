"""FHIR R4 CarePlan and ServiceRequest to what was ordered and when it is due. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from crm.ports import CarePlanTold
from crm.states import ItemStatus
from integrations.fhir import chart_elements as elements
from integrations.fhir import reading
from integrations.fhir.reading import FhirUnreadable, Json


@dataclass(frozen=True, slots=True)
class OfPlan:
    """What a CarePlan says of an order that it names: the plan's title, and visits that were."""

    plan: str
    done: int


def read_plans(plans: Iterable[Json]) -> tuple[dict[str, OfPlan], list[CarePlanTold], int]:
    """What plans say of orders, by the order's id; what they plan without one; how many of them
    made no sense."""
    by_order: dict[str, OfPlan] = {}
    inline: list[CarePlanTold] = []
    unread = 0
    for body in plans:
        try:
            named, own = _read_plan(body)
        except FhirUnreadable:
            unread += 1
        else:
            by_order |= named
            inline += own
    return by_order, inline, unread


def _read_plan(body: Json) -> tuple[dict[str, OfPlan], list[CarePlanTold]]:
    path = "CarePlan"
    key, title = reading.fhir_id(body, kind=path), reading.text(body, "title", path=path)
    sensitive = elements.is_sensitive(body)
    named, own = {}, []
    for number, activity in enumerate(reading.items(body, "activity", path=path)):
        done = len(reading.items(activity, "outcomeReference", path=f"{path}.activity"))
        order = reading.part(activity, "reference", path=f"{path}.activity")
        kind, order_id = reading.reference(order, path=f"{path}.activity.reference")
        if kind == "ServiceRequest":
            named[order_id] = OfPlan(title, done)
        elif detail := reading.part(activity, "detail", path=f"{path}.activity"):
            told = _planned(detail, f"{key}.{number}", OfPlan(title, done))
            if told is not None:
                own.append(replace(told, is_sensitive=sensitive))
    return named, own


#: http://hl7.org/fhir/R4/valueset-care-plan-activity-status.html; what is over is left out.
_ACTIVITY: Final = {
    "not-started": ItemStatus.ACTIVE,
    "scheduled": ItemStatus.ACTIVE,
    "in-progress": ItemStatus.ACTIVE,
    "on-hold": ItemStatus.ON_HOLD,
    "unknown": ItemStatus.UNKNOWN,
}


def _planned(detail: Json, key: str, plan: OfPlan) -> CarePlanTold | None:
    path = "CarePlan.activity.detail"
    status = _ACTIVITY.get(reading.text(detail, "status", path=path))
    if status is None:
        return None
    period = reading.part(detail, "scheduledPeriod", path=path)
    code = reading.code(reading.part(detail, "code", path=path), path=f"{path}.code")
    words = reading.text(detail, "description", path=path)
    return CarePlanTold(
        item_id=key,
        title=words or (code.text if code else "") or "Planned",
        status=status,
        plan=plan.plan,
        visit_type_code=code.code if code else "",
        due_from_on=elements.day(period, "start", path=f"{path}.scheduledPeriod"),
        due_until_on=elements.day(period, "end", path=f"{path}.scheduledPeriod"),
        visits_planned=elements.quantity(detail, "quantity", path=path),
        visits_done=plan.done,
    )


def read_order(body: Json, by_order: Mapping[str, OfPlan]) -> CarePlanTold:
    """A ServiceRequest, with what its plan says of it. :raises FhirUnreadable:"""
    path = "ServiceRequest"
    key = reading.fhir_id(body, kind=path)
    code = reading.code(reading.part(body, "code", path=path), path=f"{path}.code")
    period = reading.part(body, "occurrencePeriod", path=path)
    once = elements.day(body, "occurrenceDateTime", path=path)
    plan = by_order.get(key, OfPlan("", 0))
    requester = reading.part(body, "requester", path=path)
    return CarePlanTold(
        item_id=key,
        title=(code.text or code.code if code else "") or "An order without a name",
        status=elements.status(body, ItemStatus, path=path),
        plan=plan.plan,
        visit_type_code=code.code if code else "",
        ordered_on=elements.day(body, "authoredOn", path=path),
        ordered_by=reading.text(requester, "display", path=f"{path}.requester"),
        due_from_on=elements.day(period, "start", path=f"{path}.occurrencePeriod") or once,
        due_until_on=elements.day(period, "end", path=f"{path}.occurrencePeriod") or once,
        visits_planned=elements.quantity(body, "quantityQuantity", path=path),
        visits_done=plan.done,
        is_sensitive=elements.is_sensitive(body),
    )
