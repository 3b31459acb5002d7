"""Scripts, to read: the list, one script as an agent sees it, and its versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm.permissions import can_edit_knowledge, can_sign_off, can_view_knowledge
from crm.web import allowed_to
from desk.models import Script, ScriptVersion
from desk.queries.scripts import script_of, scripts, versions_of
from desk.queries.shipped import find_newer
from desk.queries.versions import Standing, find_before, standing_of
from desk.queries.zone import house_zone
from desk.rules.scripts import (
    SOURCES,
    Change,
    ScriptDoc,
    ScriptFacts,
    StepNow,
    compare,
    find_now,
    say_when,
    steps_now,
)
from desk.script_forms import PreviewForm
from desk.script_words import KINDS

#: Before an answer's key in the address of a preview. No patient is in one.
_GIVEN = "a."


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """One script in the list."""

    script: Script
    standing: Standing[ScriptVersion]
    steps: int


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version, and what it changed against the one in force before it."""

    version: ScriptVersion
    changes: tuple[Change, ...]
    before: int | None


@dataclass(frozen=True, slots=True)
class StepShown:
    """A step of a preview; `answers` are the words and the address that gives each."""

    now: StepNow
    word: str
    icon: str
    when: str
    answers: tuple[tuple[str, str], ...]


@never_cache
@require_safe
@allowed_to(can_view_knowledge)
def scripts_page(request: HttpRequest) -> HttpResponse:
    """All scripts by their kind of call."""
    rows = list(scripts().prefetch_related("versions"))
    lines = [_script_line(row) for row in rows]
    context = {"lines": lines, "may_edit": can_edit_knowledge(request.user)}
    return render(request, "scripts/scripts.html", context)


@never_cache
@require_safe
@allowed_to(can_view_knowledge)
def script(request: HttpRequest, code: str, number: int | None = None) -> HttpResponse:
    """A version as an agent goes through it, for whomever the reader chooses."""
    found = get_script(code)
    context = script_context(request, found)
    version = _version(found, number) if number else context["standing"].published
    if version is not None:
        context |= preview_context(request, script_of(version)) | {"version": version}
    return render(request, "scripts/script.html", context)


@never_cache
@require_safe
@allowed_to(can_view_knowledge)
def versions(request: HttpRequest, code: str) -> HttpResponse:
    """Every version with its reason, and what it changed."""
    found = get_script(code)
    lines = [_version_line(version) for version in versions_of(found.pk)]
    context = script_context(request, found) | {"lines": lines, "zone": house_zone()}
    return render(request, "scripts/versions.html", context)


def get_script(code: str) -> Script:
    """:raises Http404:"""
    found = scripts().filter(code=code).first()
    if found is None:
        raise Http404
    return found


def script_context(request: HttpRequest, found: Script) -> dict[str, Any]:
    """What every page of one script needs."""
    standing, may_edit = standing_of(ScriptVersion, found.pk), can_edit_knowledge(request.user)
    newer = find_newer(found) if may_edit and standing.published else None
    before = script_of(standing.published) if standing.published else ScriptDoc(())
    return {
        "script": found,
        "standing": standing,
        "newer": compare(before, newer) if newer else (),
        "may_edit": may_edit,
        "may_sign_off": can_sign_off(request.user),
    }


def preview_context(request: HttpRequest, document: ScriptDoc) -> dict[str, Any]:
    """The script as it stands for the answers and facts of the address."""
    form = PreviewForm(request.GET)
    answers = {
        key.removeprefix(_GIVEN): str(value)
        for key, value in request.GET.items()
        if key.startswith(_GIVEN)
    }
    facts = ScriptFacts(**form.facts, known={name: f"[{name}]" for name in _SPOKEN_OF})
    found = steps_now(document, facts, answers)
    return {
        "preview": form,
        "steps": [_shown(request, each, document) for each in found],
        "is_done": find_now(found) is None,
        "answered": len(answers),
    }


#: Names that stand in sentences: a preview shows where they go.
_SPOKEN_OF = frozenset(SOURCES) - {"patient.phone", "caller.phone", "patient.interpreter"}


def _shown(request: HttpRequest, each: StepNow, document: ScriptDoc) -> StepShown:
    word, icon = KINDS[each.step.kind]
    spanish = request.GET.get("language") == "es"
    answers = [
        (option.words_es if spanish and option.words_es else option.words, option.key)
        for option in each.options
    ] or [("Done" if not each.step.kind.is_answered else "An answer", "done")]
    shown = tuple((words, _with(request, each.step.answer_key, key)) for words, key in answers)
    return StepShown(each, word, icon, say_when(each.step, document), shown)


def _with(request: HttpRequest, key: str, value: str) -> str:
    query = request.GET.copy()
    query[_GIVEN + key] = value
    return f"?{query.urlencode()}"


def _script_line(row: Script) -> ScriptLine:
    by_status = {version.status: version for version in row.versions.all()}
    standing = Standing(
        by_status.get("published"), by_status.get("draft"), by_status.get("scheduled")
    )
    shown = standing.shown
    return ScriptLine(row, standing, len(script_of(shown).steps) if shown else 0)


def _version(found: Script, number: int) -> ScriptVersion:
    version = versions_of(found.pk).filter(number=number).first()
    if version is None:
        raise Http404
    return version


def _version_line(version: ScriptVersion) -> VersionLine:
    before = find_before(version)
    changes = compare(script_of(before), script_of(version)) if before else ()
    return VersionLine(version, changes, before.number if before else None)
