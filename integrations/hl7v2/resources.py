"""RGS groups to providers, place and visit type.

A visit may hold several groups (blood draw, imaging, the checkup itself), each with its own
person and room. The visit is the group of the clinician who sees the patient: their room is the
visit's room, their service its type. With no clinician named, the first group is the visit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from integrations.hl7v2.codes import code_report, cut, key
from integrations.hl7v2.message import Element, Hl7Message, Segment
from integrations.hl7v2.profile import SenderProfile, code_key
from scheduling.ports import CodeReport, ProviderReport

_CLINICIAN = re.compile(
    r"physician|doctor|practitioner|surgeon|hospitalist|\w+(?:ologist|iatrist|ician)\b"
    r"|midwife|dentist|therapist|dietitian|\b(?:MD|DO|NP|PA|CNM)\b",
    re.IGNORECASE,
)
_ASSISTING = re.compile(
    r"\btech|phlebotom|nurse\b|assistant|sonographer|interpreter|scribe|clerk|aide\b|equipment|\b(?:RN|LPN|MA|CMA|RT)\b",
    re.IGNORECASE,
)
_STILL_CLINICIAN = re.compile(r"nurse practitioner|physician(?:'s)? assistant", re.IGNORECASE)

#: HL7 table 0277 tells whether a visit is tentative, not what kind of visit it is.
_NOT_A_TYPE = frozenset({"normal", "tentative", "complete"})


@dataclass(frozen=True, slots=True)
class ResourceGroup:
    """The AIS, AIP and AIL segments under one RGS, in order."""

    segments: list[Segment] = field(default_factory=list)

    def each(self, name: str) -> list[Segment]:
        """Those of one name."""
        return [segment for segment in self.segments if segment.name == name]


@dataclass(frozen=True, slots=True)
class Resources:
    """What the resource segments say about the visit."""

    providers: tuple[ProviderReport, ...]  # the one who sees the patient first
    location: CodeReport | None
    room: CodeReport | None
    visit_type: CodeReport | None
    services: tuple[CodeReport, ...]


def resource_groups(message: Hl7Message, *, drop_deleted: bool) -> list[ResourceGroup]:
    """The groups in order. With `drop_deleted`, without what AIx-2 takes off the visit (D)."""
    groups = [ResourceGroup()]
    for segment in message.segments:
        if segment.name == "RGS":
            groups.append(ResourceGroup())
        deleted = drop_deleted and segment.text(2).upper() == "D"
        if segment.name in {"AIS", "AIP", "AIL"} and not deleted:
            groups[-1].segments.append(segment)
    return [group for group in groups if group.segments]


def every(groups: list[ResourceGroup], name: str) -> list[Segment]:
    """The segments of one name in all groups, in order."""
    return [segment for group in groups for segment in group.each(name)]


def read_resources(
    message: Hl7Message, groups: list[ResourceGroup], profile: SenderProfile, notes: list[str]
) -> Resources:
    """Providers, place, visit type and services.

    PV1-7 and PV1-3 stand in where no AIP or AIL does.

    :raises Hl7Refused: for a key that is too long.
    """
    ranked = _ranked_people(groups, profile)
    main = ranked[0][1] if ranked else next(iter(groups), ResourceGroup())
    place = _place(message, main, groups)
    return Resources(
        providers=_providers(message, [segment for segment, _ in ranked], notes),
        location=_location(place, profile),
        room=_room(place),
        visit_type=_visit_type(message, main, groups, profile),
        services=_services(groups),
    )


def _ranked_people(
    groups: list[ResourceGroup], profile: SenderProfile
) -> list[tuple[Segment, ResourceGroup]]:
    people = [(segment, group) for group in groups for segment in group.each("AIP")]
    return sorted(people, key=lambda pair: _rank(pair[0], profile))


def _rank(person: Segment, profile: SenderProfile) -> int:
    """0 the sender's table, 1 a clinician by role or degree, 2 unknown, 3 assists."""
    role = code_report(person.first(4), field="AIP-4") or CodeReport("")
    words = f"{role.code} {role.text}"
    if profile.is_primary_role(role):
        return 0
    if _STILL_CLINICIAN.search(words):
        return 1
    if _ASSISTING.search(words):
        return 3
    return 1 if _CLINICIAN.search(f"{words} {person.text(3, 7)}") else 2


def _providers(
    message: Hl7Message, people: list[Segment], notes: list[str]
) -> tuple[ProviderReport, ...]:
    named = [(person.first(3), person.first(4), "AIP-3") for person in people]
    visit = message.find("PV1")
    if not named and visit is not None and visit.first(7):
        named = [(visit.first(7), Element(), "PV1-7")]
    reports: dict[str, ProviderReport] = {}
    for person, role, place in named:
        identifier = key(person.text(1), field=place)
        if not identifier:
            notes.append(f"{place} names somebody without an identifier, who was left out.")
            continue
        reports.setdefault(
            identifier,
            ProviderReport(
                identifier=identifier,
                family_name=cut(person.text(2)),
                given_name=cut(person.text(3)),
                role_text=cut(role.text(2) or role.text(1)),
            ),
        )
    return tuple(reports.values())


def _place(message: Hl7Message, main: ResourceGroup, groups: list[ResourceGroup]) -> Element:
    for segment in (*main.each("AIL"), *every(groups, "AIL")):
        if segment.first(3):
            return segment.first(3)
    visit = message.find("PV1")
    return visit.first(3) if visit is not None else Element()


def _location(place: Element, profile: SenderProfile) -> CodeReport | None:
    """PL: 1 point of care, 2 room, 4 facility, 9 description."""
    point, facility = place.text(1), place.text(4) or place.text(4, 2)
    use_point = profile.location_from == "PL.1" or not facility
    code = (point or facility) if use_point else facility
    if not code:
        return None
    text = place.text(9) if use_point else ""
    system = facility if use_point and point else place.text(4, 2)
    return CodeReport(key(code, field="AIL-3"), cut(text or code), cut(system))


def _room(place: Element) -> CodeReport | None:
    """Point of care and room together: rooms 01 of two units are two rooms."""
    point, room = place.text(1), place.text(2)
    if not room and not (point and place.text(4)):
        return None
    code = "/".join(part for part in (point, room) if part)
    return CodeReport(key(code, field="AIL-3"), cut(room or point), cut(place.text(4)))


def _visit_type(
    message: Hl7Message,
    main: ResourceGroup,
    groups: list[ResourceGroup],
    profile: SenderProfile,
) -> CodeReport | None:
    schedule = message.find("SCH")
    for name in (*profile.visit_type_from, "any AIS-3"):
        if name == "AIS-3":
            found = _service(main.each("AIS"))
        elif name == "any AIS-3":
            found = _service(every(groups, "AIS"))
        else:
            number = int(name.removeprefix("SCH-"))
            found = code_report(schedule.first(number), field=name) if schedule else None
        if found is not None and code_key(found.code) not in _NOT_A_TYPE:
            return found
    return None


def _service(services: list[Segment]) -> CodeReport | None:
    reports = (code_report(service.first(3), field="AIS-3") for service in services)
    return next((report for report in reports if report is not None), None)


def _services(groups: list[ResourceGroup]) -> tuple[CodeReport, ...]:
    reports = [code_report(s.first(3), field="AIS-3") for s in every(groups, "AIS")]
    return tuple(dict.fromkeys(report for report in reports if report is not None))
