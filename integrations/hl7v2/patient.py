"""PID to `PatientReport`."""

from __future__ import annotations

import phonenumbers

from integrations.hl7v2.codes import cut, key
from integrations.hl7v2.message import EMPTY, Element, Segment
from integrations.hl7v2.profile import SenderProfile
from integrations.hl7v2.times import read_day
from scheduling.ports import IdentifierReport, PatientReport, PhoneReport

#: CX.5 (table 0203) of numbers that never enter Firstcall: social security, driver's license,
#: passport, tax, bank and card numbers, which it has no use for, and numbers of an account or a
#: stay, which are not of a person.
DROPPED_ID_TYPES = frozenset({"SS", "SSN", "SB", "DL", "PPN", "TAX", "BA", "BC", "CC", "AN", "VN"})

#: CX.4 of the same social security number when its type is left out.
_SSN_ISSUERS = frozenset({"USSSA", "SSA", "SSN"})

_SEXES = {"M": "male", "F": "female", "O": "other", "A": "other", "N": "other", "X": "other"}

#: XTN.3 that no person picks up or reads a text on.
_NOT_A_PHONE = frozenset({"FX", "MD", "BP", "INTERNET", "X.400", "SAT"})

#: What `""` in a field of PID takes back, by its name in the report.
_DELETABLE = {7: "birth_on", 8: "sex", 11: "address", 13: "phones", 14: "work_phones"}

_NAME_ORDER = ("L", "", "D", "B", "C", "M")
_ADDRESS_ORDER = ("H", "", "C", "L", "M", "P")


def read_patient(pid: Segment, profile: SenderProfile, notes: list[str]) -> PatientReport:
    """The person of a PID segment. Values that cannot be read stay empty and are noted.

    :raises Hl7Refused: for an identifier that is too long.
    """
    name = _name(pid.all(5))
    address = _address(pid.all(11))
    born = pid.text(7)
    birth_on = read_day(born)
    if born and birth_on is None:
        notes.append("PID-7 is not a date of birth to the day and was left out.")
    return PatientReport(
        identifiers=_identifiers(pid, notes),
        family_name=cut(name.text(1)),
        given_name=cut(name.text(2)),
        birth_on=birth_on,
        sex=_SEXES.get(pid.text(8).upper(), "unknown"),
        language=pid.text(15).lower()[:35],
        phones=_phones(pid, profile.phone_region, notes),
        address_lines=tuple(cut(line) for line in (_street(address), address.text(2)) if line),
        city=cut(address.text(3)),
        state=cut(address.text(4)),
        postal_code=address.text(5)[:20],
        is_deceased=pid.text(30).upper() == "Y",
        deletes=_deletes(pid),
    )


def _identifiers(pid: Segment, notes: list[str]) -> tuple[IdentifierReport, ...]:
    kept: dict[IdentifierReport, None] = {}
    dropped = 0
    number, elements = identifying_field(pid)
    if number != 3 and elements:
        notes.append(f"PID-3 is empty: the identifier of PID-{number} was used.")
    for element in elements:
        issuer = element.text(4) or element.text(4, 2)
        if is_dropped(element):
            dropped += 1
        elif value := element.text(1):
            kept[IdentifierReport(cut(issuer), key(value, field=f"PID-{number}"))] = None
    if dropped:
        notes.append(f"PID-3: {dropped} number(s) of a kind that is never stored.")
    return tuple(kept)


def identifying_field(pid: Segment) -> tuple[int, tuple[Element, ...]]:
    """PID-3 with its repetitions; PID-2 where that is empty, as in versions up to 2.2."""
    return (3, pid.all(3)) if pid.all(3) else (2, pid.all(2))


def is_dropped(element: Element) -> bool:
    """Whether it is a number of a kind that never enters Firstcall."""
    issuer = element.text(4) or element.text(4, 2)
    return element.text(5).upper() in DROPPED_ID_TYPES or issuer.upper() in _SSN_ISSUERS


def _deletes(pid: Segment) -> frozenset[str]:
    return frozenset(part for number, part in _DELETABLE.items() if pid.deletes(number))


def _name(names: tuple[Element, ...]) -> Element:
    """The legal name, else the usual one; a whole name before one that lacks a part."""

    def order(name: Element) -> tuple[bool, int]:
        kind = name.text(7).upper()
        rank = _NAME_ORDER.index(kind) if kind in _NAME_ORDER else len(_NAME_ORDER)
        return not (name.text(1) and name.text(2)), rank

    return min(names, key=order, default=EMPTY)


def _address(addresses: tuple[Element, ...]) -> Element:
    """Where the person lives; never one marked bad (BA)."""

    def order(address: Element) -> int:
        kind = address.text(7).upper()
        return _ADDRESS_ORDER.index(kind) if kind in _ADDRESS_ORDER else len(_ADDRESS_ORDER)

    usable = [address for address in addresses if address.text(7).upper() != "BA"]
    return min(usable, key=order, default=EMPTY)


def _street(address: Element) -> str:
    """XAD.1: the line itself, or a number and a street that some send apart."""
    parts = [part for part in address.subs(1) if part]
    if not parts or all(part in parts[0] for part in parts[1:]):
        return "".join(parts[:1])
    return " ".join(parts)


def _phones(pid: Segment, region: str, notes: list[str]) -> tuple[PhoneReport, ...]:
    """PID-13, PID-14 and their successor PID-40, each number once."""
    phones: dict[str, PhoneReport] = {}
    for field, place in ((13, "home"), (14, "work"), (40, "home")):
        for element in pid.all(field):
            phone = _phone(element, place, region)
            if phone is not None:
                phones.setdefault(phone.number or phone.raw, phone)
    if any(not phone.number for phone in phones.values()):
        notes.append("A phone number of PID-13 or PID-14 is not one that can be called.")
    return tuple(phones.values())


def _phone(element: Element, place: str, region: str) -> PhoneReport | None:
    kind, use = element.text(3).upper(), element.text(2).upper()
    if kind in _NOT_A_PHONE or use in {"NET", "BPN"}:
        return None
    parts = (element.text(6), element.text(7))
    local = "".join(parts) if all(parts) else ""
    country = element.text(5)
    if local and country:
        local = f"+{country.lstrip('+')}{local}"
    candidates = [text for text in (element.text(12), element.text(1), local) if text]
    if not candidates:
        return None
    number = next((e164 for text in candidates if (e164 := _e164(text, region))), "")
    if kind == "CP" or use == "PRS":
        place = "mobile"
    elif use == "WPN":
        place = "work"
    return PhoneReport(raw=cut(element.text(1) or candidates[0]), number=number, use=place)


def _e164(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
