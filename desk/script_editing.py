"""A script as a whole: begun, published, taken back, thrown away, put in force again."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from crm import clock
from crm.permissions import can_edit_knowledge
from crm.web import actor, allowed_to
from desk.actions.scripts import ScriptTaken, add_script, publish_script
from desk.actions.shipping import NothingNewer, take_shipped
from desk.actions.versions import (
    DraftChanged,
    NothingToGoBackTo,
    VersionHasProblems,
    discard_draft,
    go_back_to,
    start_draft,
    take_back,
)
from desk.knowledge_forms import GoBackForm, RevisionForm
from desk.models import ScriptVersion
from desk.queries.scripts import versions_of
from desk.queries.versions import standing_of
from desk.queries.zone import house_zone
from desk.script_draft_page import draft_page, get_draft
from desk.script_forms import NewScriptForm, ScriptPublishForm
from desk.script_views import get_script


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_to(can_edit_knowledge)
def new_script(request: HttpRequest) -> HttpResponse:
    """A script with an empty draft."""
    form = NewScriptForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = add_script(**form.cleaned_data, by=actor(request), at=clock.now())
        except ScriptTaken as taken:
            form.add_error(None, str(taken))
        else:
            return redirect("desk:script-draft", made.code)
    status = 422 if form.is_bound else 200
    return render(request, "scripts/new.html", {"form": form}, status=status)


@never_cache
@require_POST
@allowed_to(can_edit_knowledge)
def begin(request: HttpRequest, code: str) -> HttpResponse:
    """A draft: the one there is, or a copy of what is in force."""
    found = get_script(code)
    start_draft(ScriptVersion, document_id=found.pk, by=actor(request), at=clock.now())
    return redirect("desk:script-draft", code)


@never_cache
@require_POST
@allowed_to(can_edit_knowledge)
def take_newer(request: HttpRequest, code: str) -> HttpResponse:
    """A draft with the wording that Firstcall comes with by now."""
    try:
        take_shipped(script=get_script(code), by=actor(request), at=clock.now())
    except (NothingNewer, DraftChanged) as refused:
        messages.error(request, str(refused))
        return redirect("desk:script", code)
    return redirect("desk:script-draft", code)


@never_cache
@require_POST
@allowed_to(can_edit_knowledge)
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """Have the draft in force, now or later."""
    found = get_script(code)
    version, at = get_draft(found), clock.now()
    form = ScriptPublishForm(request.POST, zone=house_zone(), now=at)
    if not form.is_valid():
        return draft_page(request, version, publishing=form, status=422)
    try:
        publish_script(version_id=version.pk, **form.cleaned_data, by=actor(request), at=at)
    except VersionHasProblems as refused:
        form.add_error(None, str(refused))
        return draft_page(request, version, publishing=form, status=422)
    except DraftChanged as changed:
        return draft_page(request, version, notice=str(changed), status=409)
    later = form.cleaned_data["starts_at"]
    told = "comes into force at its time" if later else "is in force, on open desks too"
    messages.success(request, f"Version {version.number} {told}.")
    return redirect("desk:script", code)


@never_cache
@require_POST
@allowed_to(can_edit_knowledge)
def discard(request: HttpRequest, code: str) -> HttpResponse:
    """Throw the draft away."""
    version, form = get_draft(get_script(code)), RevisionForm(request.POST)
    revision = form.cleaned_data["revision"] if form.is_valid() else -1
    by, at = actor(request), clock.now()
    try:
        discard_draft(ScriptVersion, version_id=version.pk, revision=revision, by=by, at=at)
    except DraftChanged as changed:
        return draft_page(request, version, notice=str(changed), status=409)
    messages.success(request, "The draft is thrown away.")
    return redirect("desk:script", code)


@never_cache
@require_POST
@allowed_to(can_edit_knowledge)
def unschedule(request: HttpRequest, code: str) -> HttpResponse:
    """What was to come into force is a draft again."""
    version = standing_of(ScriptVersion, get_script(code).pk).scheduled
    if version is None:
        messages.error(request, "Nothing waits for its time any more.")
        return redirect("desk:script-versions", code)
    try:
        take_back(ScriptVersion, version_id=version.pk, by=actor(request), at=clock.now())
    except DraftChanged as changed:
        messages.error(request, str(changed))
        return redirect("desk:script-versions", code)
    return redirect("desk:script-draft", code)


@never_cache
@require_POST
@allowed_to(can_edit_knowledge)
def go_back(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """What an earlier version said is in force again."""
    found, form = get_script(code), GoBackForm(request.POST)
    version = versions_of(found.pk).filter(number=number).first()
    if version is None:
        raise Http404
    if not form.is_valid():
        messages.error(request, "Say why it goes back.")
        return redirect("desk:script-versions", code)
    reason, by, at = form.cleaned_data["reason"], actor(request), clock.now()
    try:
        go_back_to(ScriptVersion, version_id=version.pk, reason=reason, by=by, at=at)
    except NothingToGoBackTo as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"It says again what version {number} said.")
    return redirect("desk:script-versions", code)
