"""FHIR R4 Patient to a report (http://hl7.org/fhir/R4/patient.html). Pure."""

from __future__ import annotations

import phonenumbers

from integrations.fhir import reading
from integrations.fhir.reading import Json
from scheduling.ports import IdentifierReport, PatientReport, PhoneReport

GENDERS = frozenset({"male", "female", "other", "unknown"})
PHONE_USES = frozenset({"home", "work", "mobile"})
#: Which of several names is the person's own: the first use found in this order.
NAME_USES = ("official", "usual", "", "nickname", "temp", "anonymous", "maiden")
INTERPRETER = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"
#: Phones without a country code are read as numbers of this region.
REGION = "US"


def read_patient(resource: object, *, source: str, is_contained: bool = False) -> PatientReport:
    """An R4 Patient as a report.

    Its first identifier is the resource's own id, issued by `source`, unless the resource is
    contained in another (its id then means nothing outside).

    :raises FhirUnreadable: when an element makes no sense
    """
    body = reading.check_type(resource, "Patient")
    name = _name(body)
    address = _address(body)
    own = () if is_contained else (IdentifierReport(source, reading.fhir_id(body, kind="Patient")),)
    gender = reading.text(body, "gender", path="Patient")
    return PatientReport(
        identifiers=(*own, *reading.identifiers(body, path="Patient")),
        family_name=reading.text(name, "family", path="Patient.name"),
        given_name=" ".join(_texts(name, "given", path="Patient.name")),
        birth_on=reading.full_date(body, "birthDate", path="Patient"),
        sex=gender if gender in GENDERS else "unknown",
        language=_language(body),
        phones=tuple(_phones(body)),
        address_lines=tuple(_texts(address, "line", path="Patient.address")),
        city=reading.text(address, "city", path="Patient.address"),
        state=reading.text(address, "state", path="Patient.address"),
        postal_code=reading.text(address, "postalCode", path="Patient.address"),
        needs_interpreter=_needs_interpreter(body),
    )


def _needs_interpreter(body: Json) -> bool | None:
    """http://hl7.org/fhir/R4/extension-patient-interpreterrequired.html; None when not said."""
    for extension in reading.items(body, "extension", path="Patient"):
        said = extension.get("valueBoolean")
        if extension.get("url") == INTERPRETER and isinstance(said, bool):
            return said
    return None


def read_phone(raw: str, *, use: str = "home") -> PhoneReport:
    """A phone as sent, with its number in E.164 when it can be read as one."""
    try:
        parsed = phonenumbers.parse(raw, REGION)
    except phonenumbers.NumberParseException:
        return PhoneReport(raw=raw, number="", use=use)
    # "Possible", not "valid": 555 numbers and new area codes are people's numbers, too.
    number = ""
    if phonenumbers.is_possible_number(parsed):
        number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return PhoneReport(raw=raw, number=number, use=use)


def _name(body: Json) -> Json:
    names = [
        name
        for name in reading.items(body, "name", path="Patient")
        if _use(name, "Patient.name") in NAME_USES
    ]
    return min(names, key=lambda name: NAME_USES.index(_use(name, "Patient.name")), default={})


def _address(body: Json) -> Json:
    """Where the person lives: the home address, else the first that is not a former one."""
    addresses = [
        address
        for address in reading.items(body, "address", path="Patient")
        if _use(address, "Patient.address") not in {"old", "billing"}
    ]
    return min(addresses, key=lambda address: address.get("use") != "home", default={})


def _language(body: Json) -> str:
    spoken = reading.items(body, "communication", path="Patient")
    for item in sorted(spoken, key=lambda item: item.get("preferred") is not True):
        concept = reading.part(item, "language", path="Patient.communication")
        code = reading.code(concept, path="Patient.communication.language")
        if code and code.code:
            return code.code.lower()
    return ""


def _phones(body: Json) -> list[PhoneReport]:
    """Phones in the order of their rank; former ones and other kinds of contact left out."""
    path = "Patient.telecom"
    phones = [
        item
        for item in reading.items(body, "telecom", path="Patient")
        if reading.text(item, "system", path=path) in {"phone", "sms"} and _use(item, path) != "old"
    ]
    phones.sort(key=lambda item: item["rank"] if isinstance(item.get("rank"), int) else 99)
    found = []
    for item in phones:
        use = "mobile" if item["system"] == "sms" else _use(item, path)
        if raw := reading.text(item, "value", path=path):
            found.append(read_phone(raw, use=use if use in PHONE_USES else "home"))
    return found


def _use(node: Json, path: str) -> str:
    return reading.text(node, "use", path=path)


def _texts(node: Json, name: str, *, path: str) -> list[str]:
    """A repeating string element."""
    value = node.get(name, [])
    if not isinstance(value, list):
        raise reading.FhirUnreadable(f"{path}.{name}", "This is no list of texts.")
    texts = (reading.text({name: item}, name, path=path) for item in value)
    return [text for text in texts if text]
