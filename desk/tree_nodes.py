"""One node of a draft, changed where it stands in the drawing."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crm import clock
from crm.permissions import can_edit_catalog
from crm.web import actor, allowed_to
from desk.tree_draft_page import draft_page
from desk.tree_drawing import title_of
from desk.tree_editing import get_draft
from desk.tree_forms import (
    AnswerLines,
    LeafForm,
    QuestionForm,
    drafts_of,
    leaf_initial,
    lines_of,
    targets,
)
from desk.tree_views import type_names
from scheduling.actions.trees import DraftChanged, Edit, edit_draft
from scheduling.models import TreeVersion
from scheduling.queries.trees import known_visit_types, tree_of
from scheduling.rules.trees import (
    EditRefused,
    Leaf,
    Question,
    Tree,
    put_leaf,
    put_question,
)


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_edit_catalog)
def node(request: HttpRequest, pk: int, node: str) -> HttpResponse:
    """The form of one question or outcome, in its place; a POST saves it."""
    draft = get_draft(pk)
    tree = tree_of(draft)
    found = tree.nodes.get(node)
    if found is None:
        raise Http404
    if isinstance(found, Question):
        return _question(request, draft, tree, found)
    return _leaf(request, draft, found)


def _question(
    request: HttpRequest, draft: TreeVersion, tree: Tree, question: Question
) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = QuestionForm(data, initial=_question_initial(draft, question))
    lines = AnswerLines(
        data,
        initial=lines_of(question),
        prefix="answers",
        form_kwargs={"targets": targets(_nodes(tree, but=question.id))},
    )
    editing = {"node": question.id, "form": form, "lines": lines}
    if data is None:
        return draft_page(request, draft, editing=editing)
    if not (form.is_valid() and lines.is_valid()):
        return draft_page(request, draft, editing=editing, status=422)
    drafts = drafts_of(lines, form.about)
    if drafts is None:
        return draft_page(request, draft, editing=editing, status=422)
    said = form.cleaned_data

    def edit(tree: Tree) -> Tree:
        return put_question(
            tree,
            question.id,
            text=said["text"],
            help_text=said["help"],
            fact=form.about,
            answers=drafts,
        )

    return _save(request, draft, said["revision"], edit, editing)


def _leaf(request: HttpRequest, draft: TreeVersion, leaf: Leaf) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    bookable = [(c, known.name) for c, known in known_visit_types().items() if known.is_active]
    initial = leaf_initial(leaf) | {"revision": draft.revision}
    form = LeafForm(data, initial=initial, visit_types=sorted(bookable, key=lambda each: each[1]))
    editing = {"node": leaf.id, "form": form, "lines": None}
    if data is None or not form.is_valid():
        return draft_page(request, draft, editing=editing, status=422 if data else 200)
    chosen = form.leaf
    revision = form.cleaned_data["revision"]
    return _save(request, draft, revision, lambda tree: put_leaf(tree, leaf.id, chosen), editing)


def _save(
    request: HttpRequest,
    draft: TreeVersion,
    revision: int,
    edit: Edit,
    editing: dict[str, Any],
) -> HttpResponse:
    try:
        saved = edit_draft(
            version_id=draft.pk, revision=revision, edit=edit, by=actor(request), at=clock.now()
        )
    except DraftChanged as changed:
        return draft_page(request, get_draft(draft.tree_id), notice=str(changed), status=409)
    except EditRefused as refused:
        return draft_page(request, draft, editing=editing, notice=str(refused), status=422)
    return draft_page(request, saved, saved="Saved.")


def _question_initial(draft: TreeVersion, question: Question) -> dict[str, Any]:
    return {
        "revision": draft.revision,
        "text": question.text,
        "help": question.help,
        "fact": question.fact or "",
    }


def _nodes(tree: Tree, *, but: str) -> list[tuple[str, str]]:
    """What is in the tree, to lead to."""
    names = type_names()
    return [
        (id_, f"{id_.upper()} {title_of(node, names)}"[:80])
        for id_, node in tree.nodes.items()
        if id_ != but
    ]
