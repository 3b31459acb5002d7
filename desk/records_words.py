"""Words of the page of records: states, and the lines by which two records are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from django.apps import apps

from crm.models import Patient
from crm.queries.merging import Weight
from crm.rules.finding_words import fold
from crm.states.merging import MergeStatus
from desk.task_words import Chip

#: Models whose rows are told in words already.
_TOLD: Final = frozenset({"crm.patientidentifier", "crm.patientphone", "crm.coverage"})
_KINDS: Final = {
    "crm.consententry": "Consents (stay as written)",
    "crm.interaction": "Contacts",
    "crm.journey": "Needs",
    "crm.careplanitem": "Items of treatment plans",
    "crm.chartfetch": "Parts of the chart that were read",
    "crm.encounter": "Past visits in the chart",
    "outreach.message": "Texts",
    "scheduling.appointment": "Visits",
    "scheduling.hold": "Times that were kept",
    "scheduling.patientrestriction": "Limits on booking",
    "scheduling.searchrecord": "Searches for a time",
    "scheduling.selfservicesession": "Sessions online",
    "scheduling.servicerequest": "Orders",
    "triage.alert": "Safety alerts",
    "waitlist.candidate": "Times considered for an opening",
    "waitlist.importedscore": "Scores",
}

STATES: Final = {
    MergeStatus.FLAGGED: Chip("To decide", "accent", "help-circle"),
    MergeStatus.MERGED: Chip("One record", "good", "git-merge"),
    MergeStatus.DISMISSED: Chip("Two people", "", "users"),
    MergeStatus.UNDONE: Chip("Taken apart", "a-2h", "arrow-back-up"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One fact about both. `differs` only where both say something."""

    name: str
    first: str
    second: str

    @property
    def differs(self) -> bool:
        return bool(self.first and self.second) and _bare(self.first) != _bare(self.second)


def _bare(words: str) -> tuple[str, str]:
    """Letters without accents, and digits: "(602) 555" and "602-555" are one."""
    return fold(words), "".join(char for char in words if char.isdigit())


def compare(first: Patient, second: Patient) -> list[Line]:
    """The facts that either record has."""
    lines = (Line(name, say(first), say(second)) for name, say in _FACTS.items())
    return [line for line in lines if line.first or line.second]


@dataclass(frozen=True, slots=True)
class Count:
    """How much of one kind hangs on each."""

    what: str
    first: int
    second: int


def say_weights(weights: Iterable[Weight]) -> list[Count]:
    """In words of staff, without what stands above in words."""
    return [
        Count(_KINDS.get(one.label) or _plural(one.label), *one.counts)
        for one in weights
        if one.label not in _TOLD
    ]


def _plural(label: str) -> str:
    return str(apps.get_model(label)._meta.verbose_name_plural).capitalize()


def _born(patient: Patient) -> str:
    return (
        f"{patient.birth_on:%b} {patient.birth_on.day}, {patient.birth_on.year}"
        if (patient.birth_on)
        else ""
    )


def _address(patient: Patient) -> str:
    parts = (patient.address_line, patient.city, f"{patient.state} {patient.postal_code}".strip())
    return ", ".join(part for part in parts if part)


def _phones(patient: Patient) -> str:
    held = (
        f"{one.phone.number.as_national}{' (ended)' if one.ended_on else ''}"
        for one in patient.patient_phones.all()
    )
    return "; ".join(held)


def _sex(patient: Patient) -> str:
    return "" if patient.sex == "unknown" else patient.get_sex_display()


_FACTS: Final[dict[str, Callable[[Patient], str]]] = {
    "First name": lambda patient: patient.given_name,
    "Family name": lambda patient: patient.family_name,
    "Born": _born,
    "Sex": _sex,
    "Record numbers": lambda patient: ", ".join(one.value for one in patient.identifiers.all()),
    "Phones": _phones,
    "Email": lambda patient: patient.email,
    "Address": _address,
    "Insurance": lambda patient: ", ".join(map(str, patient.coverages.all())),
    "Language": lambda patient: patient.spoken_language or patient.get_language_display(),
    "Recorded as deceased": lambda patient: "yes" if patient.deceased_at else "",
    "Privacy labels": lambda patient: ", ".join(patient.sensitivity),
}
