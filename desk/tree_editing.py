"""Writing a tree: its words, its draft node by node, and publishing it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from crm import clock
from crm.permissions import can_edit_catalog
from crm.web import actor, allowed_to
from desk.tree_draft_page import draft_page
from desk.tree_forms import PublishForm, RevisionForm, TreeForm
from desk.tree_views import get_tree, tree_context
from scheduling.actions.trees import (
    CasesFail,
    DraftChanged,
    TreeHasProblems,
    TreeNameTaken,
    add_tree,
    describe_tree,
    discard_draft,
    edit_draft,
    publish_draft,
    start_draft,
)
from scheduling.models import TreeVersion
from scheduling.queries.catalog import specialties
from scheduling.queries.trees import find_draft
from scheduling.rules.trees import EditRefused, remove_node


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_edit_catalog)
def new_tree(request: HttpRequest) -> HttpResponse:
    """A tree with an empty draft."""
    form = TreeForm(request.POST or None)
    if form.is_valid():
        try:
            made = add_tree(**_said(form), by=actor(request), at=clock.now())
        except TreeNameTaken as taken:
            form.add_error("name", str(taken))
        else:
            return redirect("desk:tree-draft", made.pk)
    return _describe(request, form, {"tree": None})


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_edit_catalog)
def describe(request: HttpRequest, pk: int) -> HttpResponse:
    """Its name, its specialty and the words that find it."""
    tree = get_tree(pk)
    initial = {
        "name": tree.name,
        "specialty": tree.specialty,
        "words": "\n".join(tree.words),
    }
    form = TreeForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            describe_tree(tree_id=pk, **_said(form), by=actor(request), at=clock.now())
        except TreeNameTaken as taken:
            form.add_error("name", str(taken))
        else:
            messages.success(request, "Saved. Callers’ words find it from now on.")  # noqa: RUF001
            return redirect("desk:tree", pk)
    return _describe(request, form, tree_context(request, tree))


def _describe(request: HttpRequest, form: TreeForm, context: dict[str, Any]) -> HttpResponse:
    context |= {"form": form, "specialties": specialties()}
    return render(request, "trees/describe.html", context, status=422 if form.is_bound else 200)


def _said(form: TreeForm) -> dict[str, Any]:
    said = form.cleaned_data
    return {"name": said["name"], "specialty": said["specialty"], "words": form.word_list}


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_edit_catalog)
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The editor; a POST begins the draft where there is none."""
    get_tree(pk)
    if request.method == "POST":
        start_draft(tree_id=pk, by=actor(request), at=clock.now())
        return redirect("desk:tree-draft", pk)
    found = find_draft(pk)
    return draft_page(request, found) if found else redirect("desk:tree", pk)


@never_cache
@require_POST
@allowed_to(can_edit_catalog)
def remove(request: HttpRequest, pk: int, node: str) -> HttpResponse:
    """Take a node out, and what only it led to."""
    found = get_draft(pk)
    form = RevisionForm(request.POST)
    if not form.is_valid():
        return draft_page(request, found, notice="Look at the draft again.", status=422)
    try:
        found = edit_draft(
            version_id=found.pk,
            revision=form.cleaned_data["revision"],
            edit=lambda tree: remove_node(tree, node),
            by=actor(request),
            at=clock.now(),
        )
    except (DraftChanged, EditRefused) as refused:
        return draft_page(request, get_draft(pk), notice=str(refused), status=409)
    return draft_page(request, found, saved="Taken out.")


@never_cache
@require_POST
@allowed_to(can_edit_catalog)
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the draft the tree that is walked."""
    found, form = get_draft(pk), PublishForm(request.POST)
    if not form.is_valid():
        return draft_page(request, found, publishing=form, status=422)
    try:
        publish_draft(version_id=found.pk, **form.cleaned_data, by=actor(request), at=clock.now())
    except (TreeHasProblems, CasesFail) as refused:
        form.add_error("override" if isinstance(refused, CasesFail) else None, str(refused))
        return draft_page(request, found, publishing=form, status=422)
    except DraftChanged as changed:
        return draft_page(request, get_draft(pk), notice=str(changed), status=409)
    messages.success(request, f"Version {found.number} is published.")
    return _gone_to(request, pk)


@never_cache
@require_POST
@allowed_to(can_edit_catalog)
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw the draft away."""
    found, form = get_draft(pk), RevisionForm(request.POST)
    revision = form.cleaned_data["revision"] if form.is_valid() else -1
    try:
        discard_draft(version_id=found.pk, revision=revision, by=actor(request), at=clock.now())
    except DraftChanged as changed:
        return draft_page(request, found, notice=str(changed), status=409)
    messages.success(request, "The draft is thrown away.")
    return _gone_to(request, pk)


def get_draft(pk: int) -> TreeVersion:
    """:raises Http404:"""
    found = find_draft(pk)
    if found is None:
        raise Http404
    return found


def _gone_to(request: HttpRequest, pk: int) -> HttpResponse:
    return redirect(reverse("desk:tree", args=[pk]))
