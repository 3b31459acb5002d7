"""`scheduling.ports.EhrGateway` over FHIR R4.

A created or cancelled visit is always read back: what the EHR holds is what we report, and an
answer to the write alone proves nothing. A write whose read-back fails is unknown, never done.
"""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings

from crm import clock
from integrations.fhir import reading
from integrations.fhir.client import Answer, FhirClient, default_client
from integrations.fhir.mapping import (
    OUR_SYSTEM,
    our_identifier,
    read_ehr_appointment,
    read_slot,
    write_appointment,
    write_cancellation,
    write_mark,
)
from integrations.fhir.reading import FhirUnreadable, Json
from scheduling.ports import (
    BookingDraft,
    EhrAppointment,
    EhrCapabilities,
    EhrError,
    EhrRefused,
    EhrUnavailable,
    EhrUnknown,
    SlotReport,
)
from scheduling.states import LIVE, AppointmentStatus, CancelledBy

#: What an R4 server with Appointment and Slot can do; another EHR states its own row (E4).
R4_CAPABILITIES = EhrCapabilities(
    can_book=True,
    can_cancel=True,
    reads_slots=True,
    honors_if_match=True,
    can_arrive=True,
    can_no_show=True,
    takes_resources=True,
)
#: FHIR statuses after which there is no visit to cancel any more.
_OVER = frozenset({AppointmentStatus.FULFILLED, AppointmentStatus.NO_SHOW})
#: From and to these a visit can be marked.
_MARKED = frozenset(
    {AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.NO_SHOW}
)
_GONE = frozenset({AppointmentStatus.CANCELLED, AppointmentStatus.ENTERED_IN_ERROR})
#: Enough to see that an EHR holds several visits with one identifier of ours.
_FIND_COUNT = "5"


class _ChangedMeanwhile(EhrRefused):
    """Refused for a change between our reading and our writing."""


class FhirGateway:
    """One FHIR R4 EHR, by default the one in the settings."""

    def __init__(
        self,
        client: FhirClient | None = None,
        *,
        source: str | None = None,
        capabilities: EhrCapabilities = R4_CAPABILITIES,
    ) -> None:
        self._client = client or default_client()
        self.source = source or settings.FIRSTCALL.ehr_source
        self.capabilities = capabilities

    def book(self, draft: BookingDraft) -> EhrAppointment:
        """Create the visit, unless one with our identifier exists, and read it back.

        :raises EhrRefused, EhrUnavailable, EhrUnknown:
        """
        condition = f"identifier={quote(f'{OUR_SYSTEM}|{draft.identifier}', safe=':|')}"
        answer = self._client.write(
            "POST", "Appointment", write_appointment(draft), headers={"If-None-Exist": condition}
        )
        return self._read_back(_created_id(answer))

    def cancel(
        self, *, appointment_id: str, reason: CancelledBy, version: str = ""
    ) -> EhrAppointment:
        """Cancel the visit, in `version` if one is given, and read it back.

        :raises EhrRefused: also when there is no such visit, or it is over
        :raises EhrUnavailable, EhrUnknown:
        """
        try:
            return self._cancel(appointment_id, reason=reason, version=version)
        except _ChangedMeanwhile:
            # The caller asked for no version, so the visit as it is now is meant as well.
            return self._cancel(appointment_id, reason=reason, version=version)

    def _cancel(self, appointment_id: str, *, reason: CancelledBy, version: str) -> EhrAppointment:
        body = self._read_document(appointment_id)
        if body is None:
            raise EhrRefused("The EHR has no such visit.")
        present = _understand(body)
        if present.status in _GONE:
            return present
        if present.status in _OVER:
            raise EhrRefused("The visit is over, so it cannot be cancelled.")
        if version and present.version != version:
            raise EhrRefused("The visit was changed in the EHR in the meantime.")
        self._put(write_cancellation(body, reason=reason), present=present, version=version)
        after = self._read_back(appointment_id)
        if after.status not in _GONE:
            raise EhrUnknown("The EHR accepted the cancellation, but the visit still stands.")
        return after

    def mark(
        self, *, appointment_id: str, status: AppointmentStatus, version: str = ""
    ) -> EhrAppointment:
        """Say that the patient arrived or did not come, or take that back, and read it back.

        :raises EhrRefused: also when there is no such visit, or it is over or cancelled
        :raises EhrUnavailable, EhrUnknown:
        """
        try:
            return self._mark(appointment_id, status=status, version=version)
        except _ChangedMeanwhile:
            return self._mark(appointment_id, status=status, version=version)

    def _mark(
        self, appointment_id: str, *, status: AppointmentStatus, version: str
    ) -> EhrAppointment:
        body = self._read_document(appointment_id)
        if body is None:
            raise EhrRefused("The EHR has no such visit.")
        present = _understand(body)
        if present.status is status:
            return present
        if present.status not in _MARKED:
            raise EhrRefused(f"The visit is {present.status} in the EHR.")
        if version and present.version != version:
            raise EhrRefused("The visit was changed in the EHR in the meantime.")
        self._put(write_mark(body, status=status), present=present, version=version)
        after = self._read_back(appointment_id)
        if after.status is not status:
            raise EhrUnknown("The EHR accepted it, but the visit stands as before.")
        return after

    def _put(self, after: Json, *, present: EhrAppointment, version: str) -> None:
        """Replace the visit as we read it. :raises _ChangedMeanwhile: when it is another by now"""
        try:
            self._client.write(
                "PUT",
                _path("Appointment", present.appointment_id),
                after,
                headers=self._if_match(present.version),
            )
        except EhrRefused:
            if not version and self._version_now(present.appointment_id) != present.version:
                raise _ChangedMeanwhile("The visit is being changed in the EHR.") from None
            raise

    def _if_match(self, version: str) -> dict[str, str]:
        if not self.capabilities.honors_if_match or not reading.FHIR_ID.fullmatch(version):
            return {}
        return {"If-Match": f'W/"{version}"'}

    def _version_now(self, appointment_id: str) -> str:
        visit = self.read(appointment_id)
        return visit.version if visit else ""

    def read(self, appointment_id: str) -> EhrAppointment | None:
        """The visit now, or None. :raises EhrUnavailable, EhrUnknown:"""
        body = self._read_document(appointment_id)
        return None if body is None else _understand(body)

    def find(self, identifier: str) -> EhrAppointment | None:
        """The visit that carries our identifier; of several, the one that still stands.

        :raises EhrUnavailable:
        :raises EhrUnknown: also when several still stand
        """
        answer = self._client.read(
            "Appointment",
            params={"identifier": f"{OUR_SYSTEM}|{identifier}", "_count": _FIND_COUNT},
        )
        if answer.is_missing or answer.body is None:
            raise EhrUnknown("The EHR did not answer our search.")
        found = [_understand(body) for body in _matches(answer.body, identifier)]
        standing = [visit for visit in found if visit.status in LIVE]
        if len(standing) > 1:
            raise EhrUnknown("The EHR holds several visits with our identifier.")
        return next(iter(standing or found), None)

    def read_slot(self, slot_id: str) -> SlotReport | None:
        """The slot now, or None; without its Schedule's provider, for the sake of one call.

        Where the EHR does not say when it changed, it was so when we asked.

        :raises EhrUnavailable, EhrUnknown:
        """
        asked_at = clock.now()
        answer = self._client.read(_path("Slot", slot_id))
        if answer.is_missing:
            return None
        try:
            report = read_slot(answer.body, source=self.source, sent_at=asked_at)
        except FhirUnreadable as error:
            raise _nonsense(error) from None
        if report.slot_id != slot_id:
            raise EhrUnknown("The EHR answered with another slot than asked for.")
        return report

    def _read_document(self, appointment_id: str) -> Json | None:
        answer = self._client.read(_path("Appointment", appointment_id))
        if answer.is_missing:
            return None
        if answer.body is None:
            raise EhrUnknown("The EHR answered with nothing.")
        if answer.body.get("id") != appointment_id:
            raise EhrUnknown("The EHR answered with another visit than asked for.")
        return answer.body

    def _read_back(self, appointment_id: str) -> EhrAppointment:
        """What the EHR holds after a write that it accepted: any failure here is unknown."""
        try:
            visit = self.read(appointment_id)
        except EhrUnavailable as error:
            raise EhrUnknown(f"The write was accepted, but not read back. {error}") from None
        if visit is None:
            raise EhrUnknown("The EHR accepted the visit, but does not show it.")
        return visit


def _path(kind: str, key: str) -> str:
    return f"{kind}/{quote(key, safe='')}"


def _created_id(answer: Answer) -> str:
    """The id of what was created, by the Location or else the body. :raises EhrUnknown:"""
    for source in (answer.location, f"Appointment/{(answer.body or {}).get('id', '')}"):
        kind, key = reading.reference({"reference": source}, path="Location")
        if kind == "Appointment":
            return key
    raise EhrUnknown("The EHR accepted the visit without saying under which id.")


def _matches(bundle: Json, identifier: str) -> list[Json]:
    """The Appointments of a searchset that carry our identifier.

    :raises EhrUnknown: when it holds others only, for then the EHR did not search as asked, and
        what we look for may be there
    """
    try:
        reading.check_type(bundle, "Bundle")
        entries = reading.items(bundle, "entry", path="Bundle")
        resources = [reading.part(entry, "resource", path="Bundle.entry") for entry in entries]
        visits = [item for item in resources if item.get("resourceType") == "Appointment"]
        ours = [visit for visit in visits if our_identifier(visit) == identifier]
    except FhirUnreadable as error:
        raise _nonsense(error) from None
    if visits and not ours:
        raise EhrUnknown("The EHR does not search by identifier.")
    return ours


def _understand(body: Json) -> EhrAppointment:
    try:
        return read_ehr_appointment(body)
    except FhirUnreadable as error:
        raise _nonsense(error) from None


def _nonsense(error: FhirUnreadable) -> EhrError:
    return EhrUnknown(f"The EHR's answer cannot be understood: {error}")
