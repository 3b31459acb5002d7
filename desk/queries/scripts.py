"""The script of a contact: which version, what is known for it, and where it stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet, Subquery

from crm.models import Interaction, InteractionStep, PhoneLine
from crm.states import Speaker
from desk.models import Script, ScriptVersion
from desk.queries.script_facts import read_facts
from desk.rules.scripts import (
    ScriptDoc,
    ScriptFacts,
    StepNow,
    check_may_leave,
    find_now,
    read_script,
    steps_now,
)
from desk.states import VersionStatus
from scheduling.models import Appointment
from scheduling.states import LIVE


@dataclass(frozen=True, slots=True)
class Flow:
    """A script as it stands in one contact. `answers` by `Answer.key`, skips among them."""

    version: ScriptVersion
    script: ScriptDoc
    facts: ScriptFacts
    answers: Mapping[str, str]
    steps: tuple[StepNow, ...]

    @property
    def now(self) -> StepNow | None:
        """The one thing to do next; None when all is done."""
        return find_now(self.steps)

    def find(self, key: str) -> StepNow | None:
        """The step by its key, where it belongs to this contact."""
        return next((each for each in self.steps if each.step.key == key), None)

    def check_may_leave(self) -> None:
        """:raises desk.rules.scripts.RequiredStepsMissing: with what must be done or skipped."""
        check_may_leave(self.script, self.facts, self.answers)


def find_flow(
    contact: Interaction,
    *,
    is_verified: bool,
    steps: Iterable[InteractionStep] | None = None,
    at: dt.datetime,
) -> Flow | None:
    """The script of the contact's kind of call; before there is one, the line's first words.

    Three statements, and one for each kind of fact that the script names. None where nobody has
    published a script.

    :param is_verified: whether health information may show; else nothing of the patient is put
        into the words.
    :param steps: of the contact, where they were read already.
    """
    line = _line_of(contact)
    site = next_site(contact, at=at) if is_verified else None
    version = find_version(contact.call_type, line=line, location_id=site)
    if version is None:
        return None
    script = script_of(version)
    answers = dict(contact.answers.values_list("key", "value"))
    facts = read_facts(contact, script, line=line, is_verified=is_verified, steps=steps, at=at)
    return Flow(version, script, facts, answers, steps_now(script, facts, answers))


def find_version(
    call_type: str, *, line: PhoneLine | None = None, location_id: int | Subquery | None = None
) -> ScriptVersion | None:
    """The published script that fits most closely: line and site, line, site, the general one.

    :param call_type: its code; empty for the first words of a line.
    :param location_id: of the site, where the line has none.
    """
    location_id = (line.location_id if line else None) or location_id
    kind = Q(script__call_type__code=call_type) if call_type else Q(script__call_type=None)
    rows = ScriptVersion.objects.filter(
        kind,
        Q(script__line=None) | Q(script__line=line),
        Q(script__location=None) | Q(script__location=location_id),
        status=VersionStatus.PUBLISHED,
    )
    closest = (F("script__line").desc(nulls_last=True), F("script__location").desc(nulls_last=True))
    return rows.select_related("script__call_type").order_by(*closest).first()


def next_site(contact: Interaction, *, at: dt.datetime) -> Subquery | None:
    """The site of the patient's next visit, to be asked for along with something else; None where
    somebody else speaks. What is booked in the contact itself does not turn its script over."""
    if contact.patient_id is None or contact.speaker != Speaker.PATIENT:
        return None
    rows = Appointment.objects.filter(
        patient=contact.patient_id,
        status__in=LIVE,
        starts_at__gt=at,
        booked_at__lte=contact.started_at,
    )
    return Subquery(rows.order_by("starts_at", "pk").values("location")[:1])


def script_of(version: ScriptVersion) -> ScriptDoc:
    """Its document as a script; whatever was stored has been read once already."""
    return read_script(version.body)


def versions_of(script_id: int) -> QuerySet[ScriptVersion]:
    """Newest first, with who wrote and published them."""
    rows = ScriptVersion.objects.filter(script=script_id)
    return rows.select_related("script", "created_by", "published_by").order_by("-number")


def scripts() -> QuerySet[Script]:
    """All scripts, by their kind of call; first words of lines come first."""
    rows = Script.objects.select_related("call_type", "line", "location")
    return rows.order_by(F("call_type__rank").asc(nulls_first=True), "name")


def _line_of(contact: Interaction) -> PhoneLine | None:
    call = getattr(contact, "call", None)
    return call.line if call is not None else None
