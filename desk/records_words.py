"""Words of the page of records: states, and the lines by which two records are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from django.apps import apps
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crm.models import Patient, PatientPhone
from crm.queries.merging import Weight
from crm.rules.finding_words import fold
from crm.saying import translated
from crm.states import Sensitivity, Sex
from crm.states.merging import MergeStatus
from desk.screen.panels.interpreter import name_of
from desk.task_words import Chip

#: Models whose rows are told in words already.
TOLD: Final = frozenset({"crm.patientidentifier", "crm.patientphone", "crm.coverage"})
KINDS: Final = {
    "crm.consententry": gettext_noop("Consents (stay as written)"),
    "crm.interaction": gettext_noop("Contacts"),
    "crm.journey": gettext_noop("Needs"),
    "crm.careplanitem": gettext_noop("Items of treatment plans"),
    "crm.chartfetch": gettext_noop("Parts of the chart that were read"),
    "crm.encounter": gettext_noop("Past visits in the chart"),
    "crm.labreport": gettext_noop("Lab reports"),
    "crm.medication": gettext_noop("Medications"),
    "crm.proxy": gettext_noop("Proxies"),
    "crm.socialscreen": gettext_noop("Social screens"),
    "crm.task": gettext_noop("Tasks"),
    "crm.verification": gettext_noop("Verifications"),
    "outreach.message": gettext_noop("Texts"),
    "scheduling.appointment": gettext_noop("Visits"),
    "scheduling.hold": gettext_noop("Times that were kept"),
    "scheduling.patientrestriction": gettext_noop("Limits on booking"),
    "scheduling.searchrecord": gettext_noop("Searches for a time"),
    "scheduling.selfservicesession": gettext_noop("Sessions online"),
    "scheduling.servicerequest": gettext_noop("Orders"),
    "scheduling.plan": gettext_noop("Plans of several visits"),
    "scheduling.treerun": gettext_noop("Runs of decision trees"),
    "triage.alert": gettext_noop("Safety alerts"),
    "waitlist.candidate": gettext_noop("Times considered for an opening"),
    "waitlist.importedscore": gettext_noop("Scores"),
    "waitlist.offer": gettext_noop("Offers"),
    "waitlist.waitlistentry": gettext_noop("Places on the waitlist"),
}
_LABELS: Final = {
    Sensitivity.ADOLESCENT: gettext_noop("Adolescent"),
    Sensitivity.BEHAVIORAL_HEALTH: gettext_noop("Behavioral health"),
    Sensitivity.SUBSTANCE_USE: gettext_noop("Substance use"),
    Sensitivity.DOMESTIC_VIOLENCE: gettext_noop("Domestic violence"),
    Sensitivity.EMPLOYEE: gettext_noop("Employee"),
    Sensitivity.VIP: gettext_noop("VIP"),
}
#: Why a pair is flagged that was told apart or undone.
ONCE_MORE: Final = gettext_noop("Looked at once more")

STATES: Final = {
    MergeStatus.FLAGGED: Chip(gettext_noop("To decide"), "accent", "help-circle"),
    MergeStatus.MERGED: Chip(gettext_noop("One record"), "good", "git-merge"),
    MergeStatus.DISMISSED: Chip(gettext_noop("Two people"), "", "users"),
    MergeStatus.UNDONE: Chip(gettext_noop("Taken apart"), "a-2h", "arrow-back-up"),
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
    lines = (Line(_(name), say(first), say(second)) for name, say in _FACTS.items())
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
        Count(translated(KINDS.get(one.label) or _plural(one.label)), *one.counts)
        for one in weights
        if one.label not in TOLD
    ]


def _plural(label: str) -> str:
    return str(apps.get_model(label)._meta.verbose_name_plural).capitalize()


def _born(patient: Patient) -> str:
    return date_format(patient.birth_on, _("M j, Y")) if patient.birth_on else ""


def _address(patient: Patient) -> str:
    parts = (patient.address_line, patient.city, f"{patient.state} {patient.postal_code}".strip())
    return ", ".join(part for part in parts if part)


def _phones(patient: Patient) -> str:
    return "; ".join(map(_phone, patient.patient_phones.all()))


def _phone(held: PatientPhone) -> str:
    number = held.phone.number.as_national
    return _("%(number)s (ended)") % {"number": number} if held.ended_on else number


def _sex(patient: Patient) -> str:
    return "" if patient.sex == Sex.UNKNOWN else translated(patient.get_sex_display())


def _language(patient: Patient) -> str:
    name = name_of(patient.spoken_language) or patient.get_language_display()
    return capfirst(translated(name))


def _labels(patient: Patient) -> str:
    return ", ".join(translated(_LABELS[Sensitivity(one)]) for one in patient.sensitivity)


_FACTS: Final[dict[str, Callable[[Patient], str]]] = {
    gettext_noop("First name"): lambda patient: patient.given_name,
    gettext_noop("Family name"): lambda patient: patient.family_name,
    gettext_noop("Born"): _born,
    gettext_noop("Sex"): _sex,
    gettext_noop("Record numbers"): lambda patient: ", ".join(
        one.value for one in patient.identifiers.all()
    ),
    gettext_noop("Phones"): _phones,
    gettext_noop("Email"): lambda patient: patient.email,
    gettext_noop("Address"): _address,
    gettext_noop("Insurance"): lambda patient: ", ".join(map(str, patient.coverages.all())),
    gettext_noop("Language"): _language,
    gettext_noop("Recorded as deceased"): lambda patient: _("yes") if patient.deceased_at else "",
    gettext_noop("Privacy labels"): _labels,
}
