"""What a statement by an EHR must keep to before anything of it is stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from scheduling.actions.outcomes import ReportRefused
from scheduling.ports import AppointmentReport, PatientReport, ProviderReport, SlotReport

#: Keys are stored whole or not at all: a cut key is another key. As wide as the columns.
LONGEST_KEY = 120
LONGEST_SYSTEM = 160
#: Statements are put in order by when they were sent, so one from a clock that runs ahead would
#: silence all that follow. A day leaves room for a sender's mistake about its zone.
AHEAD = dt.timedelta(days=1)


def check_report(report: AppointmentReport | SlotReport, *, at: dt.datetime) -> None:
    """:raises ReportRefused: for keys that cannot be stored, and for news from the future."""
    _check(_keys(report), report.sent_at, at)


def check_person(
    report: PatientReport, *, source: str, sent_at: dt.datetime, at: dt.datetime
) -> None:
    """:raises ReportRefused: for keys that cannot be stored, and for news from the future."""
    _check([("source", source, LONGEST_KEY), *_of_person(report)], sent_at, at)


def _check(keys: Iterable[tuple[str, str, int]], sent_at: dt.datetime, at: dt.datetime) -> None:
    for field, key, longest in keys:
        if len(key) > longest:
            raise ReportRefused(field, f"It is longer than {longest} characters.")
    if sent_at > at + AHEAD:
        raise ReportRefused("sent_at", "It was sent in the future: the sender's clock is wrong.")


def _keys(report: AppointmentReport | SlotReport) -> Iterator[tuple[str, str, int]]:
    yield "source", report.source, LONGEST_KEY
    yield "slot_id", report.slot_id, LONGEST_KEY
    if isinstance(report, SlotReport):
        yield from _of_providers(report.provider)
        return
    yield "appointment_id", report.appointment_id, LONGEST_KEY
    yield "order", report.order.order_id if report.order else "", LONGEST_KEY
    yield from _of_providers(*report.providers)
    yield from _of_person(report.patient)


def _of_person(person: PatientReport | None) -> Iterator[tuple[str, str, int]]:
    for identifier in person.identifiers if person else ():
        yield "patient", identifier.system, LONGEST_SYSTEM
        yield "patient", identifier.value, LONGEST_KEY


def _of_providers(*providers: ProviderReport | None) -> Iterator[tuple[str, str, int]]:
    for provider in providers:
        if provider is not None:
            yield "providers", provider.identifier, LONGEST_KEY
