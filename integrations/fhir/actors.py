"""Who and where: the actors of an Appointment or a Schedule. Pure."""

from __future__ import annotations

from integrations.fhir import reading
from integrations.fhir.patients import read_patient
from integrations.fhir.reading import Json
from scheduling.ports import CodeReport, IdentifierReport, PatientReport, ProviderReport


def appointment_actors(body: Json) -> list[Json]:
    """The actors of an Appointment's participants."""
    return [
        reading.part(participant, "actor", path="Appointment.participant")
        for participant in reading.items(body, "participant", path="Appointment")
    ]


def patient_of(body: Json, *, source: str) -> PatientReport | None:
    """The patient by id; the whole person when the Appointment contains the Patient."""
    for resource in reading.items(body, "contained", path="Appointment"):
        if resource.get("resourceType") == "Patient":
            return read_patient(resource, source=source, is_contained=True)
    for actor in appointment_actors(body):
        kind, key = reading.reference(actor, path="Appointment.participant.actor")
        identifier = reading.part(actor, "identifier", path="Appointment.participant.actor")
        if kind == "Patient":
            return PatientReport(identifiers=(IdentifierReport(system=source, value=key),))
        if reading.text(actor, "type", path="Appointment.participant.actor") == "Patient":
            found = tuple(reading.identifiers({"identifier": [identifier]}, path="Appointment"))
            return PatientReport(identifiers=found) if found else None
    return None


def providers_of(actors: list[Json]) -> tuple[ProviderReport, ...]:
    """The clinicians among the actors."""
    return tuple(provider for actor in actors if (provider := _provider(actor)))


def location_of(actors: list[Json]) -> CodeReport | None:
    """The first place among the actors."""
    return next((place for actor in actors if (place := _place(actor))), None)


def room_of(actors: list[Json]) -> CodeReport | None:
    """The room or machine: the second place among the actors, else the first Device.

    R4 has a Location for a site as for a room in it, and a visit names the site first. A Device
    keeps its type before its id.
    """
    places = [place for actor in actors if (place := _place(actor))]
    if len(places) > 1:
        return places[1]
    return next((device for actor in actors if (device := _device(actor))), None)


def _device(actor: Json) -> CodeReport | None:
    kind, key = reading.reference(actor, path="actor")
    if kind != "Device":
        return None
    return CodeReport(code=f"{kind}/{key}", text=reading.text(actor, "display", path="actor"))


def _provider(actor: Json) -> ProviderReport | None:
    """A Practitioner by id, with the one text that the reference shows as the family name.

    A PractitionerRole keeps its type before its id: it is another key than the clinician's.
    """
    kind, key = reading.reference(actor, path="actor")
    if kind not in {"Practitioner", "PractitionerRole"}:
        return None
    return ProviderReport(
        identifier=key if kind == "Practitioner" else f"{kind}/{key}",
        family_name=reading.text(actor, "display", path="actor"),
    )


def _place(actor: Json) -> CodeReport | None:
    kind, key = reading.reference(actor, path="actor")
    if kind != "Location":
        return None
    return CodeReport(code=key, text=reading.text(actor, "display", path="actor"))


def schedule_actors(slot: Json, schedule: object | None) -> list[Json]:
    """The actors of a Slot's Schedule, the given one or the one it contains."""
    if schedule is None:
        contained = reading.items(slot, "contained", path="Slot")
        schedule = next((r for r in contained if r.get("resourceType") == "Schedule"), None)
    if schedule is None:
        return []
    body = reading.check_type(schedule, "Schedule")
    return reading.items(body, "actor", path="Schedule")
