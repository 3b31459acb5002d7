"""Who calls in the ten standard calls: found in the demo, so that each can be true."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import Count, QuerySet

from crm.models import Patient, PatientPhone
from scheduling.models import Appointment, Slot
from scheduling.states import AppointmentStatus, Restriction, SlotStatus

#: So many are looked at for each call.
MOST: Final = 400
#: Who has a chart in the practice EHR, by the kind of resource.
_CHARTED: Final = """
    SELECT DISTINCT split_part(body->'subject'->>'reference', '/', 2)
    FROM practice_ehr.practice_ehr_document WHERE kind = %s AND status IN ('active', 'final')
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose call it is. `visit` is what it is about, where it is about one."""

    patient: Patient
    number: str
    visit: Appointment | None = None

    @property
    def born(self) -> str:
        assert self.patient.birth_on
        return f"{self.patient.birth_on:%m/%d/%Y}"

    @property
    def said(self) -> str:
        """Two identifiers, in one line."""
        return f"{self.born} {self.patient.postal_code[:5]}"


class Callers:
    """Each is given once: nobody calls twice."""

    def __init__(self, *, at: dt.datetime) -> None:
        self._at = at
        self._gone: set[int] = set()

    def who_came_to(self) -> Caller:
        """Whose last doctor has free times for the same kind of visit."""
        free = Slot.objects.filter(
            status=SlotStatus.FREE,
            restriction=Restriction.NONE,
            starts_at__gt=self._at + dt.timedelta(days=2),
        )
        pairs = set(free.values_list("role__provider", "visit_type").annotate(n=Count("pk")))
        open_ = {(provider, kind) for provider, kind, _ in pairs}
        came = self._visits(AppointmentStatus.FULFILLED).order_by("-starts_at")
        return self._first(came, lambda one: (one.provider_id, one.visit_type_id) in open_)

    def who_comes(self, *, after: dt.timedelta, before: dt.timedelta) -> Caller:
        """Whose next visit is in so long."""
        coming = self._visits(AppointmentStatus.BOOKED).filter(
            starts_at__gt=self._at + after, starts_at__lt=self._at + before
        )
        return self._first(coming.order_by("-starts_at"), lambda _: True)

    def who_has(self, kind: str, *, nothing_ahead: bool = False) -> Caller:
        """Of whom the EHR holds such a resource that is open; perhaps with no visit to come."""
        with connection.cursor() as cursor:
            cursor.execute(_CHARTED, [kind])
            keys = {row[0] for row in cursor.fetchall()}
        came = self._visits(AppointmentStatus.FULFILLED).filter(
            patient__identifiers__value__in=keys
        )
        if nothing_ahead:
            ahead = Appointment.objects.filter(starts_at__gt=self._at).values("patient")
            came = came.exclude(patient__in=ahead)
        return self._first(came.order_by("-starts_at"), lambda _: True)

    def _visits(self, status: AppointmentStatus) -> QuerySet[Appointment]:
        return Appointment.objects.select_related("patient", "provider", "location").filter(
            status=status,
            visit_type__isnull=False,
            visit_type__is_sensitive=False,
            provider__isnull=False,
            patient__sensitivity=[],
            patient__proxies=None,
            patient__language="en",
            patient__birth_on__lt=self._at.date() - dt.timedelta(days=20 * 365),
        )

    def _first(self, visits: QuerySet[Appointment], fits: Callable[[Appointment], bool]) -> Caller:
        for visit in visits[:MOST]:
            for number in self._numbers(visit.patient):
                if fits(visit):
                    self._gone.add(visit.patient_id)
                    return Caller(visit.patient, number, visit)
        raise LookupError("The demo has nobody who fits this call.")

    def _numbers(self, patient: Patient) -> Iterator[str]:
        """A phone of their own, unless they have called."""
        if patient.pk in self._gone or not patient.postal_code:
            return
        held = PatientPhone.objects.filter(patient=patient, ended_on=None, is_confidential=False)
        for use in held.select_related("phone"):
            if use.phone.patient_phones.count() == 1:
                yield str(use.phone.number)
