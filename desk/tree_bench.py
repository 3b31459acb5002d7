"""The test bench of a tree: try answers and facts, keep them as a case, see which cases hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from crm import clock
from crm.permissions import can_edit_catalog, can_view_catalog
from crm.web import actor, allowed_to
from desk.tree_fact_form import FactsForm
from desk.tree_forms import control
from desk.tree_views import get_tree, tree_context, type_names
from desk.tree_words import say_expected, say_leaf
from scheduling.actions.trees import TreeNameTaken, drop_case, keep_case
from scheduling.models import TreeCase
from scheduling.queries.trees import cases_of, find_draft, find_published, tree_of
from scheduling.rules.trees import (
    BrokenTree,
    CaseResult,
    Outcome,
    Question,
    Tree,
    new_tree,
    outcome_of,
    run_case,
    walk,
)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One kept case, as it ends now."""

    row: TreeCase
    result: CaseResult
    expected: str
    asked: str  # what it answers, in words


class CaseForm(FactsForm):
    """Facts, an answer for each question, and where it must end."""

    name = forms.CharField(
        max_length=120, required=False, label="Name of the case", widget=forms.TextInput(control())
    )
    expected = forms.ChoiceField(
        required=False, label="Must end at", widget=forms.Select({"class": "form-select"})
    )

    def __init__(self, *args: Any, tree: Tree, names: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        questions = [node for node in tree.nodes.values() if isinstance(node, Question)]
        for question in questions:
            self.fields[f"answer_{question.id}"] = forms.ChoiceField(
                choices=[("", "Not answered"), *((a.key, a.text) for a in question.answers)],
                required=False,
                label=question.text or question.id.upper(),
                widget=forms.Select({"class": "form-select"}),
            )
        leaves = {
            node.id: say_leaf(node, names)
            for node in tree.nodes.values()
            if not isinstance(node, Question)
        }
        ends: Any = self.fields["expected"]
        ends.choices = [("", "Where it ends now"), *leaves.items()]

    @property
    def answers(self) -> dict[str, str]:
        said = self.cleaned_data
        given = {name: said[name] for name in said if name.startswith("answer_") and said[name]}
        return {name.removeprefix("answer_"): key for name, key in given.items()}

    @property
    def answer_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("answer_")]


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_view_catalog)
def bench(request: HttpRequest, pk: int) -> HttpResponse:
    """The kept cases and how they end in the draft, or without one in the published tree."""
    get_tree(pk)
    tree = _tree_on_bench(pk)
    form = CaseForm(request.POST or None, tree=tree, names=type_names())
    if not form.is_bound:
        return _page(request, pk, tree, form)
    if not form.is_valid():
        return _page(request, pk, tree, form, status=422)
    if "keep" in request.POST and can_edit_catalog(request.user):
        return _keep(request, pk, tree, form)
    return _page(request, pk, tree, form, tried=_try(tree, form))


@never_cache
@require_POST
@allowed_to(can_edit_catalog)
def drop(request: HttpRequest, pk: int, case: int) -> HttpResponse:
    """Take a case off the bench."""
    if TreeCase.objects.filter(pk=case, tree=pk).exists():
        drop_case(case_id=case, by=actor(request), at=clock.now())
        messages.success(request, "The case is off the bench.")
    return redirect("desk:tree-bench", pk)


def _tree_on_bench(pk: int) -> Tree:
    version = find_draft(pk) or find_published(pk)
    return tree_of(version) if version else new_tree()


def _try(tree: Tree, form: CaseForm) -> dict[str, Any]:
    """Where it ends, and the steps on the way."""
    try:
        found = walk(tree, form.answers, form.facts)
    except BrokenTree as broken:
        return {"says": str(broken), "steps": []}
    steps = []
    for step in found.path:
        question = tree.nodes[step.question]
        answer = question.find_answer(step.answer) if isinstance(question, Question) else None
        if isinstance(question, Question) and answer:
            steps.append({"question": question.text, "answer": answer.text, "fact": step.by_fact})
    if isinstance(found, Outcome):
        return {"says": say_leaf(found.leaf, type_names()), "steps": steps, "ended": True}
    return {"says": f"It waits for an answer to “{found.question.text}”.", "steps": steps}


def _keep(request: HttpRequest, pk: int, tree: Tree, form: CaseForm) -> HttpResponse:
    said, tried = form.cleaned_data, _try(tree, form)
    leaf = tree.nodes.get(said["expected"])
    if leaf is None and tried.get("ended"):
        found = walk(tree, form.answers, form.facts)
        leaf = found.leaf if isinstance(found, Outcome) else None
    if leaf is None or isinstance(leaf, Question):
        form.add_error("expected", "It does not end yet. Choose where it must end.")
    if not said["name"].strip():
        form.add_error("name", "Give the case a name.")
    if leaf is None or isinstance(leaf, Question) or form.errors:
        return _page(request, pk, tree, form, tried=tried, status=422)
    try:
        keep_case(
            tree_id=pk,
            name=said["name"],
            answers=form.answers,
            facts=form.fact_values,
            expected=outcome_of(leaf),
            by=actor(request),
            at=clock.now(),
        )
    except TreeNameTaken as taken:
        form.add_error("name", str(taken))
        return _page(request, pk, tree, form, tried=tried, status=422)
    messages.success(request, "The case is kept. Publishing asks it from now on.")
    return redirect("desk:tree-bench", pk)


def _page(
    request: HttpRequest,
    pk: int,
    tree: Tree,
    form: CaseForm,
    *,
    tried: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    names = type_names()
    lines = [
        CaseLine(
            row, run_case(tree, case, names), say_expected(row.expected, names), _asked(tree, row)
        )
        for row, case in cases_of(pk)
    ]
    failing = sum(not line.result.passed for line in lines)
    context = tree_context(request, get_tree(pk)) | {
        "form": form,
        "lines": lines,
        "failing": failing,
        "tried": tried,
    }
    return render(request, "trees/bench.html", context, status=status)


def _asked(tree: Tree, row: TreeCase) -> str:
    """ "age 40 · Yes · No": facts, then answers in the order of the tree."""
    said = [f"{name} {value}" for name, value in row.facts.items()]
    for node in tree.nodes.values():
        if isinstance(node, Question) and node.id in row.answers:
            answer = node.find_answer(row.answers[node.id])
            said.append(answer.text if answer else f"{node.id.upper()}: an answer that is gone")
    return " · ".join(said)
