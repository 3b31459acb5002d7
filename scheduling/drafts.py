"""A visit in an EHR's own names: what it is told of one, and what of it somebody must tell it."""

from __future__ import annotations

from django.db.models import Q, prefetch_related_objects

from scheduling.models import Appointment, AppointmentResource, SourceCode
from scheduling.ports import BookingDraft, EhrGateway, EhrRefused


def draft_of(appointment: Appointment, ehr: EhrGateway) -> BookingDraft:
    """What the EHR is asked to book, with all that the visit takes and this EHR can be told.

    :raises EhrRefused: when the patient has no record there.
    """
    slot, source = appointment.slot, ehr.source
    patient_id = (
        appointment.patient.identifiers.filter(system=source).values_list("value", flat=True)
    ).first()
    if patient_id is None:
        raise EhrRefused("The patient has no record in this EHR.")
    codes = SourceCode.objects.filter(source=source)

    def code(kind: str, **target: object) -> str:
        found = codes.filter(kind=kind, **target).values_list("code", flat=True).first()
        return str(found or "")

    further, rooms = _named_there(appointment, ehr)
    if appointment.room_id and ehr.capabilities.takes_resources:
        rooms = tuple(key for key in (code("room", room=appointment.room_id), *rooms) if key)
    return BookingDraft(
        identifier=str(appointment.identifier),
        patient_id=patient_id,
        slot_id=slot.source_id if slot else "",
        provider_id=code("provider", provider=appointment.provider_id),
        location_id=code("location", location=appointment.location_id),
        visit_type_code=code("visit-type", visit_type=appointment.visit_type_id),
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        further_provider_ids=further,
        room_ids=rooms,
    )


def untold_of(appointment: Appointment, ehr: EhrGateway) -> tuple[str, ...]:
    """What the visit takes beside its slot that this EHR is not told of, as staff call it: it takes
    no such thing, or we know no name of it there."""
    told = _codes(appointment, ehr) if ehr.capabilities.takes_resources else {}
    return tuple(str(one) for one in _further(appointment) if one.pk not in told)


def _named_there(
    appointment: Appointment, ehr: EhrGateway
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Further clinicians, and rooms and machines, by their codes there."""
    if not ehr.capabilities.takes_resources:
        return (), ()
    told = _codes(appointment, ehr)
    known = [(one, told[one.pk]) for one in _further(appointment) if one.pk in told]
    return (
        tuple(code for one, code in known if one.provider_id),
        tuple(code for one, code in known if one.room_id),
    )


def _further(appointment: Appointment) -> list[AppointmentResource]:
    """Read once; of most visits there are none."""
    prefetch_related_objects([appointment], "resources__provider", "resources__room__location")
    return sorted(appointment.resources.all(), key=lambda one: one.pk)


def _codes(appointment: Appointment, ehr: EhrGateway) -> dict[int, str]:
    """By resource."""
    further = _further(appointment)
    if not further:
        return {}
    rows = SourceCode.objects.filter(
        Q(kind="provider", provider__in=[one.provider_id for one in further if one.provider_id])
        | Q(kind="room", room__in=[one.room_id for one in further if one.room_id]),
        source=ehr.source,
    )
    names = {(row.provider_id, row.room_id): row.code for row in rows.order_by("-pk")}
    found = {one.pk: names.get((one.provider_id, one.room_id)) for one in further}
    return {pk: code for pk, code in found.items() if code}
