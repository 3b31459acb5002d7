"""The script of a contact: which version, what is known for it, and where it stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F, Q, QuerySet, Subquery

from crm.engine.compiled import compiled
from crm.models import Answer, Interaction, InteractionStep, PhoneLine
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
    version = find_version(
        contact.call_type, line=line, visit_of=contact if is_verified else None, at=at
    )
    if version is None:
        return None
    script = script_of(version)
    answers = dict(_answers(contact=contact.pk))
    facts = read_facts(contact, script, line=line, is_verified=is_verified, steps=steps, at=at)
    return Flow(version, script, facts, answers, steps_now(script, facts, answers))


@compiled
def _answers(*, contact: int) -> QuerySet[Answer, tuple[str, str]]:
    return Answer.objects.filter(interaction=contact).values_list("key", "value")


def find_version(
    call_type: str,
    *,
    line: PhoneLine | None = None,
    location_id: int | None = None,
    visit_of: Interaction | None = None,
    at: dt.datetime | None = None,
) -> ScriptVersion | None:
    """The published script that fits most closely: line and site, line, site, the general one.

    :param call_type: its code; empty for the first words of a line.
    :param location_id: of the site, where the line has none.
    :param visit_of: a contact whose patient's next visit says the site, where nothing else does.
    :param at: from when a visit is a next one; needed with `visit_of`.
    """
    site = (line.location_id if line else None) or location_id
    asks = visit_of if site is None and visit_of is not None and _tells_site(visit_of) else None
    said: dict[str, Any] = {
        "line": line.pk if line else _NO_ROW,
        "site": site or _NO_ROW,
        "patient": asks.patient_id if asks else _NO_ROW,
        "at": at or dt.datetime.max.replace(tzinfo=dt.UTC),
        "booked_by": asks.started_at if asks else dt.datetime.min.replace(tzinfo=dt.UTC),
    }
    found = _of_kind(call_type=call_type, **said) if call_type else _first_words(**said)
    return next(iter(found), None)


#: No row has this key: so that one statement serves with and without.
_NO_ROW: Final = 0


@compiled
def _of_kind(
    *, call_type: str, line: int, site: int, patient: int, at: dt.datetime, booked_by: dt.datetime
) -> QuerySet[ScriptVersion]:
    rows = _published(line, site, _next_site(patient, at, booked_by))
    return rows.filter(script__call_type__code=call_type)[:1]


@compiled
def _first_words(
    *, line: int, site: int, patient: int, at: dt.datetime, booked_by: dt.datetime
) -> QuerySet[ScriptVersion]:
    rows = _published(line, site, _next_site(patient, at, booked_by))
    return rows.filter(script__call_type=None)[:1]


def _published(line: int, site: int, next_site: Subquery) -> QuerySet[ScriptVersion]:
    there = Q(script__location=site) | Q(script__location=next_site)
    rows = ScriptVersion.objects.filter(
        Q(script__line=None) | Q(script__line=line),
        Q(script__location=None) | there,
        status=VersionStatus.PUBLISHED,
    )
    closest = (F("script__line").desc(nulls_last=True), F("script__location").desc(nulls_last=True))
    return rows.select_related("script__call_type").order_by(*closest)


def _tells_site(contact: Interaction) -> bool:
    """Whether the patient's own next visit says which site's words fit."""
    return contact.patient_id is not None and contact.speaker == Speaker.PATIENT


def next_site(contact: Interaction, *, at: dt.datetime) -> Subquery | None:
    """The site of the patient's next visit, to be asked for along with something else; None where
    somebody else speaks. What is booked in the contact itself does not turn its script over."""
    if contact.patient_id is None or not _tells_site(contact):
        return None
    return _next_site(contact.patient_id, at, contact.started_at)


def _next_site(patient: int, at: dt.datetime, booked_by: dt.datetime) -> Subquery:
    rows = Appointment.objects.filter(
        patient=patient, status__in=LIVE, starts_at__gt=at, booked_at__lte=booked_by
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
