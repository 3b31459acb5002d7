"""RGS groups to providers, place and visit type.

A visit may hold several groups (blood draw, imaging, the checkup itself), each with its own
person and room. The visit is the group of the clinician who sees the patient: their room is the
visit's room, their service its type. With no clinician named, the first group is the visit.

Clinicians stand in AIP; where none does, in AIG (senders of version 2.2 and their heirs), if the
resource's type or name is a person's, and else in PV1-7.
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

#: AIG-4 of a person, besides the words of a clinician: D for doctor, P for provider.
_PERSON = re.compile(
    r"\b(?:D|P|DR|DOC|PROV|PROVIDER|PERSON|PERSONNEL|STAFF|RESOURCE PERSON)\b", re.IGNORECASE
)

#: Coding systems that stand where a given name might.
_SYSTEMS = frozenset({"LN", "SCT", "LOCAL", "CPT", "SNM", "ISO", "CDC"})

#: HL7 table 0277 tells whether a visit is tentative, not what kind of visit it is.
_NOT_A_TYPE = frozenset({"normal", "tentative", "complete"})


@dataclass(frozen=True, slots=True)
class ResourceGroup:
    """The AIS, AIG, AIP and AIL segments under one RGS, in order."""

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


#: Where each says what became of this one resource.
_FILLER_STATUS = {"AIS": 10, "AIG": 14, "AIP": 12, "AIL": 12}
_OFF = frozenset({"cancelled", "canceled", "deleted", "dc", "discontinued"})


def resource_groups(message: Hl7Message, *, drop_deleted: bool) -> list[ResourceGroup]:
    """The groups in order. With `drop_deleted`, without what is taken off the visit: AIx-2 is D,
    or the resource's own status says so."""
    groups = [ResourceGroup()]
    for segment in message.segments:
        if segment.name == "RGS":
            groups.append(ResourceGroup())
        deleted = drop_deleted and _is_off(segment)
        if segment.name in _FILLER_STATUS and not deleted:
            groups[-1].segments.append(segment)
    return [group for group in groups if group.segments]


def _is_off(segment: Segment) -> bool:
    if segment.name not in _FILLER_STATUS:
        return False
    status = segment.text(_FILLER_STATUS[segment.name])
    return segment.text(2).upper() == "D" or code_key(status) in _OFF


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
    ranked = _ranked_people(message, groups, profile)
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
    message: Hl7Message, groups: list[ResourceGroup], profile: SenderProfile
) -> list[tuple[Segment, ResourceGroup]]:
    people = [(segment, group) for group in groups for segment in group.each("AIP")]
    named = [pair for pair in people if pair[0].first(3)]
    if not named:
        general = [(segment, group) for group in groups for segment in group.each("AIG")]
        named = [pair for pair in general if _is_person(pair[0])]
        visit = message.find("PV1")
        if not named and (visit is None or not visit.first(7)):
            named = [pair for pair in general if _looks_like_a_person(pair[0])]
    return sorted(named, key=lambda pair: _rank(pair[0], profile))


def _is_person(general: Segment) -> bool:
    """Whether AIG-4, the kind of resource, is a person."""
    kind = f"{general.text(4)} {general.text(4, 2)}"
    is_equipment = _ASSISTING.search(kind) and not _STILL_CLINICIAN.search(kind)
    return bool(_PERSON.search(kind) or _CLINICIAN.search(kind)) and not is_equipment


def _looks_like_a_person(general: Segment) -> bool:
    """Without a kind: an identifier and two names, as in AIP, or in one ("Jones, Bob")."""
    third = general.text(3, 3)
    if "," in general.text(3, 2):
        return not general.first(4)
    is_system = third.upper() in _SYSTEMS or third.upper().startswith(("99", "HL7"))
    return not general.first(4) and third.isalpha() and len(third) > 1 and not is_system


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
    named = [
        (person, segment.first(4), f"{segment.name}-3")
        for segment in people
        for person in segment.all(3)
    ]
    visit = message.find("PV1")
    if not named and visit is not None:
        named = [(person, Element(), "PV1-7") for person in visit.all(7)]
    reports: dict[str, ProviderReport] = {}
    for person, role, place in named:
        report = _provider(person, role, place)
        if not report.identifier:
            notes.append(f"{place} names somebody without an identifier.")
        if report.identifier or report.family_name:
            reports.setdefault(report.identifier or report.family_name, report)
    identified = tuple(report for report in reports.values() if report.identifier)
    return identified or tuple(reports.values())


def _provider(person: Element, role: Element, place: str) -> ProviderReport:
    """XCN: 1 identifier, 2 family name, 3 given name. In AIG a CE: 1 identifier, 2 name."""
    family, given = person.text(2), person.text(3)
    if place == "AIG-3" and (len(given) < 2 or given.upper() in _SYSTEMS):
        given = ""
    if not given and "," in family:
        family, _, given = (part.strip() for part in family.partition(","))
    return ProviderReport(
        identifier=key(person.text(1), field=place),
        family_name=cut(family),
        given_name=cut(given),
        role_text=cut(role.text(2) or role.text(1)),
    )


def _place(message: Hl7Message, main: ResourceGroup, groups: list[ResourceGroup]) -> Element:
    for segment in (*main.each("AIL"), *every(groups, "AIL")):
        if segment.first(3):
            return segment.first(3)
    visit = message.find("PV1")
    if visit is not None and visit.first(3):
        return visit.first(3)
    named = (segment.first(4) for segment in every(groups, "AIL"))  # its type, where it has a name
    return next((Element((part.components[1],)) for part in named if part.text(2)), Element())


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
