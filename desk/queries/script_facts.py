"""What the desk knows of a contact, for its script: only what the script names is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from crm.models import Call, Interaction, InteractionStep, Patient, PhoneLine, Verification
from crm.rules import age_on
from crm.rules.chart import may_hear, may_hear_how_to_reach, may_hear_sensitive
from crm.states import ChartPart, HandoffStatus, Speaker, StepKind
from desk.queries.known_here import new_or_established
from desk.queries.script_visits import VISITS, find_visit, meant_in, say_visit
from desk.queries.zone import day_for, house_zone
from desk.rules.scripts import Fact, ScriptDoc, ScriptFacts, places_of
from desk.screen.panels.interpreter import name_of
from scheduling.models import Location
from scheduling.rules.words import say_date

#: Groups of facts that cost a statement, by how their names begin.
_GROUPS: Final = ("patient", "patient.phone", "coverage", *VISITS)


def read_facts(
    contact: Interaction,
    script: ScriptDoc,
    *,
    line: PhoneLine | None,
    is_verified: bool,
    steps: Iterable[InteractionStep] | None = None,
    at: dt.datetime,
) -> ScriptFacts:
    """The facts of a contact; of a patient who is not verified nothing, not even the age, and of
    one who is, what whoever speaks may hear.

    :param steps: of the contact, the oldest first, where they were read already.
    """
    patient = contact.patient if is_verified else None
    language = contact.language or (patient.language if patient else "") or "en"
    site = _site(line)
    groups = names_of(script)
    known = _of_contact(contact, line=line) | (_of_site(site) if site else {})
    done = tuple(contact.steps.order_by("at", "pk") if steps is None else steps)
    heard = _heard(contact, patient) if patient is not None else None
    if patient is not None and heard is not None:
        for group in groups & _OF_PATIENT.keys():
            known |= _OF_PATIENT[group](patient, at, heard)
        if heard.visits:
            meant = meant_in(contact, done)
            for name in groups & VISITS:
                visit = find_visit(name, patient, meant=meant, names_all=heard.sensitive, at=at)
                known |= say_visit(name, visit, language)
    born = patient.birth_on if patient else None
    return ScriptFacts(
        acuity=contact.acuity,
        age=age_on(day_for(patient, at=at), birth_on=born) if born else None,
        sex=patient.sex if patient else "",
        location=site.short_name if site else "",
        specialty=contact.specialty or (line.specialty if line else ""),
        language=language,
        hour=_hour(script, site, at),
        speaker=contact.speaker,
        patient=new_or_established(patient, at=at)
        if patient and heard and heard.visits and _hangs_on(script, Fact.PATIENT)
        else "",
        known={name: value for name, value in known.items() if value},
        done=_done(done),
    )


def _hour(script: ScriptDoc, site: Location | None, at: dt.datetime) -> int | None:
    """By the clock of the line's site, else of most sites; not asked for where nothing hangs on
    it."""
    if not _hangs_on(script, Fact.HOUR):
        return None
    return at.astimezone(site.tz if site else house_zone()).hour


def _hangs_on(script: ScriptDoc, fact: Fact) -> bool:
    return any(when.about == fact for step in script.steps for when in step.when)


def names_of(script: ScriptDoc) -> set[str]:
    """The groups of facts that a script names, as sources or within its words."""
    named = {
        name
        for step in script.steps
        for name in (step.source, *places_of(step.words), *places_of(step.words_es))
        if name
    }
    return {group for name in named for group in _GROUPS if name.startswith(group)}


def _of_contact(contact: Interaction, *, line: PhoneLine | None) -> dict[str, str]:
    call: Call | None = getattr(contact, "call", None)
    agent = contact.agent
    return {
        "caller.phone": call.phone.number.as_national if call and call.phone else "",
        "caller.reason": contact.reason,
        "agent.name": agent.first_name if agent else "",
        "organization.name": settings.FIRSTCALL.organization_name,
        "organization.phone": settings.FIRSTCALL.organization_phone,
        "line.name": line.name if line else "",
    }


def _site(line: PhoneLine | None) -> Location | None:
    return (
        Location.objects.filter(pk=line.location_id).first() if line and line.location_id else None
    )


def _of_site(site: Location) -> dict[str, str]:
    address = ", ".join(filter(None, (site.address_line, site.city)))
    return {"site.name": site.name, "site.phone": site.phone, "site.address": address}


@dataclass(frozen=True, slots=True)
class _Heard:
    """What of the patient may be told to whoever speaks."""

    visits: bool
    coverage: bool
    reach: bool  # address, phone, e-mail
    sensitive: bool


def _heard(contact: Interaction, patient: Patient) -> _Heard:
    """No statement where the patient speaks; one for the scope of a proxy."""
    speaker, labels = Speaker(contact.speaker), patient.sensitivity
    scope = _scope_of(contact) if speaker is Speaker.PROXY else ()
    return _Heard(
        visits=may_hear(ChartPart.VISITS, speaker=speaker, scope=scope, labels=labels),
        coverage=may_hear(ChartPart.COVERAGE, speaker=speaker, scope=scope, labels=labels),
        reach=may_hear_how_to_reach(speaker, scope=scope, labels=labels),
        sensitive=may_hear_sensitive(speaker),
    )


def _scope_of(contact: Interaction) -> tuple[str, ...]:
    rows = Verification.objects.filter(
        interaction=contact, patient=contact.patient_id, speaker=Speaker.PROXY, passed=True
    )
    last = rows.select_related("proxy").order_by("-at", "-pk").first()
    return tuple(last.proxy.scope) if last and last.proxy else ()


def _of_person(patient: Patient, at: dt.datetime, heard: _Heard) -> dict[str, str]:
    town = " ".join(filter(None, (patient.state, patient.postal_code)))
    where = ", ".join(filter(None, (patient.address_line, patient.city, town)))
    return {
        "patient.name": str(patient),
        "patient.given_name": patient.given_name,
        "patient.birth_on": say_date(patient.birth_on) if patient.birth_on else "",
        "patient.address": where if heard.reach else "",
        "patient.email": patient.email if heard.reach else "",
        "patient.language": name_of(patient.spoken_language) or patient.get_language_display(),
        "patient.interpreter": "yes" if patient.needs_interpreter else "",
    }


def _of_phone(patient: Patient, at: dt.datetime, heard: _Heard) -> dict[str, str]:
    if not heard.reach:
        return {}
    rows = patient.patient_phones.filter(ended_on=None, is_confidential=False)
    first = rows.select_related("phone").order_by("rank", "pk").first()
    return {"patient.phone": first.phone.number.as_national if first else ""}


def _of_coverage(patient: Patient, at: dt.datetime, heard: _Heard) -> dict[str, str]:
    if not heard.coverage:
        return {}
    on = day_for(patient, at=at)
    rows = [one for one in patient.coverages.all() if one.ends_on is None or one.ends_on >= on]
    newest = max(rows, key=lambda one: (one.starts_on or dt.date.min, one.pk), default=None)
    if newest is None:
        return {}
    return {"coverage.payer": str(newest), "coverage.member_id": newest.member_id}


def _done(steps: tuple[InteractionStep, ...]) -> frozenset[str]:
    tasks = [one.at for one in steps if one.kind == StepKind.TASK]
    return frozenset(
        name
        for one in steps
        if one.kind != StepKind.HAND_OFF or _is_handed_over(one, tasks)
        for name in _names(one)
    )


def _is_handed_over(step: InteractionStep, tasks: Iterable[dt.datetime]) -> bool:
    """Somebody accepted; or nobody did, and a task asks for it: an offer alone is nothing done."""
    ended = step.detail.get("ended", "")
    if ended == HandoffStatus.LAPSED:
        return bool(step.detail.get("task"))
    if ended in {HandoffStatus.WITHDRAWN, HandoffStatus.DECLINED}:
        return any(step.ended_at is not None and at >= step.ended_at for at in tasks)
    return bool(ended == HandoffStatus.ACCEPTED)


def _names(step: InteractionStep) -> Iterator[str]:
    """The kind; the kind and code; and of an act in a panel ("refill:renew") the panel alone, also
    where its policy makes it a word to the caller and no task."""
    yield step.kind
    yield f"{step.kind}:{step.code}"
    panel, _, way = step.code.partition(":")
    if way and step.kind in {StepKind.TASK, StepKind.TELL}:
        yield f"{StepKind.TASK}:{panel}"


_Read = Callable[[Patient, dt.datetime, _Heard], dict[str, str]]
_OF_PATIENT: Final[Mapping[str, _Read]] = {
    "patient": _of_person,
    "patient.phone": _of_phone,
    "coverage": _of_coverage,
}
