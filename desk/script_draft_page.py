"""The editor's page of a script: its steps, the form that is open among them, and publishing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from crm import clock
from crm.web import htmx_of
from desk.models import Script, ScriptVersion
from desk.queries.scripts import script_of
from desk.queries.versions import standing_of
from desk.queries.zone import house_zone
from desk.rules.scripts import ScriptDoc, ScriptStep, find_problems, say_when
from desk.script_forms import ScriptPublishForm, StepForm
from desk.script_views import script_context
from desk.script_words import KINDS


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step in the editor. `form` is there where it is open."""

    step: ScriptStep
    word: str
    icon: str
    when: str
    problems: tuple[str, ...]
    form: StepForm | None


def draft_page(
    request: HttpRequest,
    draft: ScriptVersion,
    *,
    form: StepForm | None = None,
    publishing: ScriptPublishForm | None = None,
    notice: str = "",
    saved: str = "",
    status: int = 200,
) -> HttpResponse:
    """The whole page, or for htmx the editor in it.

    :param form: of the step that is open; one without a key is of a new step.
    :param saved: what was done: without script it ends on the page, so that a reload is harmless.
    """
    if saved and not htmx_of(request):
        messages.success(request, saved)
        return redirect("desk:script-draft", draft.script.code)
    document = script_of(draft)
    problems = find_problems(document)
    lines = [
        _line(step, document, tuple(p.sentence for p in problems if p.step == step.key), form)
        for step in document.steps
    ]
    publish = publishing or ScriptPublishForm(
        initial={"revision": draft.revision, "asks_sign_off": True},
        zone=house_zone(),
        now=clock.now(),
    )
    context: dict[str, Any] = script_context(request, draft.script) | {
        "draft": draft,
        "lines": lines,
        "problems": [p.sentence for p in problems if not p.step],
        "marked": sum(bool(line.problems) for line in lines),
        "new_form": form if form is not None and not form.key else None,
        "is_open": form is not None,
        "publishing": publish,
        "is_gated": bool(draft.script.call_type and draft.script.call_type.needs_sign_off),
        "notice": notice,
    }
    template = "scripts/draft.html#editor" if htmx_of(request) else "scripts/draft.html"
    return render(request, template, context, status=status)


def get_draft(found: Script) -> ScriptVersion:
    """:raises Http404:"""
    version = standing_of(ScriptVersion, found.pk).draft
    if version is None:
        raise Http404
    version.script = found
    return version


def _line(
    step: ScriptStep, document: ScriptDoc, problems: tuple[str, ...], form: StepForm | None
) -> StepLine:
    word, icon = KINDS[step.kind]
    mine = form if form is not None and form.key == step.key else None
    return StepLine(step, word, icon, say_when(step, document), problems, mine)
