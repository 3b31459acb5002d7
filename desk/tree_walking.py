"""Walking a tree with somebody on the line: the reason, the safety check, one question a time."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from crm import clock
from crm.permissions import can_view_catalog
from crm.saying import translated
from crm.states import Channel
from crm.web import actor, allowed_to, htmx_of
from desk.tree_fact_form import FactsForm
from desk.tree_forms import control
from desk.tree_views import get_tree, type_names
from desk.tree_words import LEFT, MODALITIES, URGENCIES, say_leaf
from scheduling.actions.tree_runs import TreeNotPublished, answer_run, leave_run, start_run
from scheduling.models import Location, TreeRun
from scheduling.queries.catalog import get_catalog_page
from scheduling.queries.tree_runs import RunView, get_run
from scheduling.queries.trees import find_trees, list_trees
from scheduling.rules.trees import Facts, Outcome, Question, UnknownAnswer, Visit
from scheduling.states import LeftWhy, TreeRunStatus
from triage.actions import check_text
from triage.ports import Finding
from triage.states import HelpLine, Level

#: Contacts of this session's runs, in the session: which contact each run is walked in.
CONTACTS = "desk_tree_contacts"
MOST_REMEMBERED = 20


class ReasonForm(FactsForm):
    """What the caller says. Sent in the body, never in an address."""

    reason = forms.CharField(
        max_length=300,
        label=gettext_lazy("Why do they call?"),
        help_text=gettext_lazy("In their own words. Misspellings are found too."),
        widget=forms.TextInput(control(autofocus=True)),
        error_messages={"required": gettext_lazy("Write down what the caller says.")},
    )

    @property
    def asked_fields(self) -> list[forms.BoundField]:
        """What may be known; the hour is read from the clock."""
        return [field for field in self.fact_fields if field.name != "hour"]


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_view_catalog)
def find(request: HttpRequest) -> HttpResponse:
    """Trees that a reason may mean; a reason that may be danger stops here."""
    form = ReasonForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "searched": False}
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        finding = check_text(reason, age_months=_months(form.facts))
        danger = "" if finding.is_none else _danger(finding)
        found = () if danger else find_trees(reason)
        context |= {"searched": True, "found": found, "danger": danger, "safe": not danger}
    if not context.get("danger") and not context.get("found"):
        context["all"] = [line for line in list_trees(at=clock.now()) if line.published]
    template = "trees/find.html#found" if htmx_of(request) else "trees/find.html"
    is_wrong = form.is_bound and not form.is_valid()
    return render(request, template, context, status=422 if is_wrong else 200)


@never_cache
@require_POST
@allowed_to(can_view_catalog)
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin; what is known answers itself."""
    get_tree(pk)
    form = FactsForm(request.POST)
    facts = form.facts if form.is_valid() else Facts()
    at = clock.now()
    try:
        run = start_run(
            tree_id=pk,
            facts=_with_hour(facts, at),
            channel=Channel.DESK,
            by=actor(request),
            at=at,
        )
    except TreeNotPublished as missing:
        messages.warning(request, translated(str(missing)))
        return redirect("desk:tree-find")
    there = reverse("desk:tree-run", args=[run.pk])
    return HttpResponseClientRedirect(there) if htmx_of(request) else redirect(there)


@never_cache
@require_safe
@allowed_to(can_view_catalog)
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """The question that is open, or where it ended."""
    return show(request, pk)


@never_cache
@require_POST
@allowed_to(can_view_catalog)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer it, or an earlier one anew."""
    _get(pk)
    question, key = request.POST.get("question", ""), request.POST.get("answer", "")
    try:
        answer_run(run_id=pk, question=question, answer=key, by=actor(request), at=clock.now())
    except UnknownAnswer as unknown:
        return _page(request, _get(pk), notice=translated(str(unknown)), status=409)
    return _page(request, _get(pk)) if htmx_of(request) else redirect("desk:tree-run", pk)


@never_cache
@require_POST
@allowed_to(can_view_catalog)
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it up, and why."""
    _get(pk)
    why = request.POST.get("why", "")
    if why not in {each.value for each in LeftWhy}:
        return _page(request, _get(pk), notice=_("Choose why you leave it."), status=422)
    leave_run(run_id=pk, why=LeftWhy(why), by=actor(request), at=clock.now())
    messages.success(request, _("Left. It counts where callers leave this tree."))
    return redirect("desk:tree-find")


def remember_contact(request: HttpRequest, run_pk: int, contact_pk: int) -> None:
    """This session walks the run in that contact, so it ends at the contact's times."""
    runs = request.session.get(CONTACTS, {})
    newest = dict(list(runs.items())[-MOST_REMEMBERED:])
    request.session[CONTACTS] = {**newest, str(run_pk): contact_pk}


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The question that is open, or where it ended."""
    return _page(request, _get(pk))


def _get(pk: int) -> RunView:
    try:
        return get_run(pk)
    except TreeRun.DoesNotExist as missing:
        raise Http404 from missing


def _page(
    request: HttpRequest, view: RunView, *, notice: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "run": view.run,
        "tree": view.run.version.tree,
        "version": view.run.version,
        "asked": _behind(request, view),
        "question": None,
        "leave_reasons": [(why.value, _(LEFT[why])) for why in LeftWhy],
        "is_left": view.run.status == TreeRunStatus.LEFT,
        "notice": notice,
        "contact_pk": request.session.get(CONTACTS, {}).get(str(view.run.pk)),
    }
    context |= _ended(view) if isinstance(view.now, Outcome) else {"question": view.now.question}
    template = "trees/run.html#run" if htmx_of(request) else "trees/run.html"
    return render(request, template, context, status=status)


def _ended(view: RunView) -> dict[str, Any]:
    leaf = view.now.leaf if isinstance(view.now, Outcome) else None
    if not isinstance(leaf, Visit):
        return {"leaf": leaf, "says": translated(say_leaf(leaf, {}))} if leaf else {}
    page = get_catalog_page(view.visit_type.pk) if view.visit_type else None
    return {
        "leaf": leaf,
        "says": say_leaf(leaf, type_names()),
        "visit_type": view.visit_type,
        "how": _(MODALITIES[leaf.modality]),
        "soon": _(URGENCIES[leaf.urgency]),
        "twins": page.twins if page else (),
    }


def _behind(request: HttpRequest, view: RunView) -> list[dict[str, Any]]:
    """Questions behind us; one that is to be changed shows its answers again."""
    again = request.GET.get("again", "")
    steps = []
    for step in view.now.path:
        question = view.tree.nodes[step.question]
        answer = question.find_answer(step.answer) if isinstance(question, Question) else None
        if isinstance(question, Question) and answer is not None:
            steps.append(
                {
                    "question": question,
                    "answer": answer,
                    "known": question.id not in view.run.answers,
                    "again": question.id == again,
                    "change": f"{reverse('desk:tree-run', args=[view.run.pk])}?again={question.id}",
                }
            )
    return steps


def _with_hour(facts: Facts, at: dt.datetime) -> Facts:
    """The hour at the chosen site, unless somebody said another."""
    if facts.hour is not None or not facts.location:
        return facts
    site = Location.objects.filter(short_name=facts.location, is_active=True).first()
    return replace(facts, hour=at.astimezone(site.tz).hour) if site else facts


def _months(facts: Facts) -> int | None:
    return facts.age * 12 if facts.age is not None else None


def _danger(finding: Finding) -> str:
    """Whom to bring in: nothing else is for somebody who is no clinician to say."""
    is_emergency = finding.level is Level.EMERGENCY
    return (finding.line or HelpLine.CALL_911).value if is_emergency else "nurse"
