"""What a visit needs besides a time: coverage (IN1), the order (SCH-26, AUT), an interpreter."""

from __future__ import annotations

import datetime as dt
import re

from integrations.hl7v2.codes import cut
from integrations.hl7v2.message import Hl7Message, Segment
from integrations.hl7v2.resources import ResourceGroup, every
from integrations.hl7v2.times import read_day
from scheduling.actions.checks import LONGEST_KEY
from scheduling.ports import CoverageReport, OrderReport

_INTERPRETER = re.compile(r"interpret", re.IGNORECASE)
_COUNT = re.compile(r"[0-9]{1,4}")


def read_coverages(message: Hl7Message) -> tuple[CoverageReport, ...]:
    """Each IN1 that names a payer: IN1-4 (else 3), 2, 36 (else 49), 12, 13."""
    reports = (
        CoverageReport(
            payer=cut(insurance.text(4) or insurance.text(3)),
            plan=cut(insurance.text(2, 2) or insurance.text(2)),
            member_id=cut(insurance.text(36) or insurance.text(49)),
            starts_on=_day(insurance, 12),
            ends_on=_day(insurance, 13),
        )
        for insurance in message.each("IN1")
    )
    return tuple(dict.fromkeys(report for report in reports if report.payer))


def read_order(message: Hl7Message, schedule: Segment) -> OrderReport | None:
    """The order by SCH-26, else SCH-27, with the authorization of AUT or else of IN1-14.

    One whose key is longer than any that we keep is left out: the visit holds all the same.
    """
    order_id = _order_id(schedule, 26) or _order_id(schedule, 27)
    if not order_id or len(order_id) > LONGEST_KEY:
        return None
    granted = message.find("AUT") or Segment("AUT", ())
    number = granted.text(6) or next((i.text(14) for i in message.each("IN1") if i.text(14)), "")
    count = granted.text(11)
    return OrderReport(
        order_id=order_id,
        authorization=cut(number),
        valid_from_on=_day(granted, 4),
        valid_until_on=_day(granted, 5),
        visits_allowed=int(count) if _COUNT.fullmatch(count) and int(count) else None,
    )


def _order_id(schedule: Segment, field: int) -> str:
    """An EI with its namespace, else its universal id: "17^LAB" is not "17^CLINIC"."""
    number = schedule.text(field)
    assigner = schedule.text(field, 2) or schedule.text(field, 3)
    return f"{number}^{assigner}" if number and assigner else number


def needs_interpreter(groups: list[ResourceGroup]) -> bool | None:
    """True where one is booked with the visit (AIP, AIG); nothing says that none is needed."""
    for name in ("AIP", "AIG"):
        for segment in every(groups, name):
            said = f"{segment.text(4)} {segment.text(4, 2)} {segment.text(3, 2)}"
            if _INTERPRETER.search(said):
                return True
    return None


def _day(segment: Segment, number: int) -> dt.date | None:
    return read_day(segment.text(number))
