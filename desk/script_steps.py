"""One step of a draft, changed where it stands."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import clock
from crm.permissions import can_edit_knowledge
from crm.web import actor, allowed_to
from desk.actions.scripts import Edit, edit_script
from desk.actions.versions import DraftChanged
from desk.knowledge_forms import RevisionForm
from desk.models import ScriptVersion
from desk.queries.scripts import script_of
from desk.queries.versions import standing_of
from desk.rules.scripts import EditRefused, move_step, put_step, remove_step
from desk.script_draft_page import draft_page, get_draft
from desk.script_forms import StepForm, step_initial
from desk.script_views import get_script


@never_cache
@require_safe
@allowed_to(can_edit_knowledge)
def draft(request: HttpRequest, code: str) -> HttpResponse:
    """The editor; where there is no draft, the script."""
    found = get_script(code)
    if standing_of(ScriptVersion, found.pk).draft is None:
        return redirect("desk:script", code)
    return draft_page(request, get_draft(found))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_to(can_edit_knowledge)
def step(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """The form of one step, in its place; a POST saves it."""
    version = get_draft(get_script(code))
    document = script_of(version)
    found = document.find(key)
    if found is None:
        raise Http404
    initial = step_initial(found) | {"revision": version.revision}
    data = request.POST if request.method == "POST" else None
    form = StepForm(data, initial=initial, script=document, key=key)
    return _keep(request, version, form)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_to(can_edit_knowledge)
def add(request: HttpRequest, code: str) -> HttpResponse:
    """The form of a new step, at the end; a POST adds it."""
    version = get_draft(get_script(code))
    data = request.POST if request.method == "POST" else None
    initial = {"revision": version.revision}
    form = StepForm(data, initial=initial, script=script_of(version))
    return _keep(request, version, form)


@never_cache
@require_POST
@allowed_to(can_edit_knowledge)
def shift(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """Further up or down."""
    by = -1 if request.POST.get("way") == "up" else 1
    return _edit(request, code, lambda script: move_step(script, key, by=by), saved="Moved.")


@never_cache
@require_POST
@allowed_to(can_edit_knowledge)
def remove(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """Take a step out."""
    return _edit(request, code, lambda script: remove_step(script, key), saved="Taken out.")


def _keep(request: HttpRequest, version: ScriptVersion, form: StepForm) -> HttpResponse:
    if not form.is_bound:
        return draft_page(request, version, form=form)
    if not form.is_valid():
        return draft_page(request, version, form=form, status=422)
    made = form.step
    try:
        saved = edit_script(
            version_id=version.pk,
            revision=form.cleaned_data["revision"],
            edit=lambda script: put_step(script, made),
            by=actor(request),
            at=clock.now(),
        )
    except DraftChanged as changed:
        return draft_page(request, version, form=form, notice=str(changed), status=409)
    except EditRefused as refused:
        return draft_page(request, version, form=form, notice=str(refused), status=422)
    return draft_page(request, saved, saved="Saved.")


def _edit(request: HttpRequest, code: str, edit: Edit, *, saved: str) -> HttpResponse:
    version, form = get_draft(get_script(code)), RevisionForm(request.POST)
    revision = form.cleaned_data["revision"] if form.is_valid() else -1
    try:
        changed = edit_script(
            version_id=version.pk, revision=revision, edit=edit, by=actor(request), at=clock.now()
        )
    except (DraftChanged, EditRefused) as refused:
        return draft_page(request, version, notice=str(refused), status=409)
    return draft_page(request, changed, saved=saved)
