"""The editor's page: the drawing, the form that is open in it, and what stands against it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from crm.web import htmx_of
from desk.tree_drawing import draw
from desk.tree_forms import PublishForm
from desk.tree_views import get_tree, tree_context
from scheduling.models import TreeVersion
from scheduling.queries.trees import cases_of, known_visit_types, tree_of
from scheduling.rules.trees import find_problems, run_case


def draft_page(
    request: HttpRequest,
    draft: TreeVersion,
    *,
    editing: dict[str, Any] | None = None,
    publishing: PublishForm | None = None,
    notice: str = "",
    saved: str = "",
    status: int = 200,
) -> HttpResponse:
    """The whole page, or for htmx the editor in it.

    :param editing: the open node and its forms.
    :param saved: what was done: without script it ends on the page, so that a reload is harmless.
    """
    if saved and not htmx_of(request):
        messages.success(request, saved)
        return redirect("desk:tree-draft", draft.tree_id)
    known, tree = known_visit_types(), tree_of(draft)
    problems = find_problems(tree, known)
    names = {code: each.name for code, each in known.items()}
    context = tree_context(request, get_tree(draft.tree_id)) | {
        "draft": draft,
        "drawing": draw(tree, names, problems=problems),
        "problems": problems,
        "results": [run_case(tree, case, names) for _, case in cases_of(draft.tree_id)],
        "editing": editing,
        "publishing": publishing or PublishForm(initial={"revision": draft.revision}),
        "notice": notice,
        "here": reverse("desk:tree-draft", args=[draft.tree_id]),
    }
    template = "trees/draft.html#editor" if htmx_of(request) else "trees/draft.html"
    return render(request, template, context, status=status)
