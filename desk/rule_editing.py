"""Adding, changing and ending rules, with a look at what they would have done last month."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crm import clock
from crm.permissions import can_edit_rules
from crm.web import actor, allowed_to, htmx_of, note_views
from desk.rule_forms import AudienceForm, EffectForm, ReleaseForm, RuleForm
from desk.rule_words import KINDS, RULES, say_effect, say_rule, say_who
from scheduling.actions.provider_rules import (
    AudienceInUse,
    end_audience,
    end_provider_rule,
    save_audience,
    save_provider_rule,
    set_rule_effect,
)
from scheduling.actions.releasing import end_release_rule, save_release_rule
from scheduling.models import Clinic, ProviderRule, ReleaseRule, RuleSetting, SlotAudience
from scheduling.queries.rule_preview import initials, preview_rule
from scheduling.rules import HiddenBy
from scheduling.rules.effects import DEFAULTS, SETTABLE
from scheduling.states import RuleKind

#: Rows that stand behind the number on the page; the CSV of the overrides has no such limit.
SHOWN: Final = 100


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_edit_rules)
def add_rule(request: HttpRequest) -> HttpResponse:
    """A new provider rule, of the kind that was chosen."""
    kind = _kind(request.GET.get("kind", ""))
    return _edit_rule(request, RuleForm(request.POST or None, kind=kind), None)


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_edit_rules)
def edit_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a provider rule."""
    rule = get_object_or_404(ProviderRule, pk=pk, is_active=True)
    form = RuleForm(request.POST or None, instance=rule, kind=RuleKind(rule.kind))
    return _edit_rule(request, form, rule)


def _edit_rule(request: HttpRequest, form: RuleForm, rule: ProviderRule | None) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "rule": rule,
        "kind": form.kind,
        "kinds": KINDS.items(),
    }
    context["kind_word"] = KINDS[form.kind]
    if request.method != "POST":
        return render(request, "rules/edit.html", context)
    template = "rules/edit.html#preview" if _wants_preview(request) else "rules/edit.html"
    if not form.is_valid():
        return render(request, template, context, status=422)
    if "preview" in request.POST:
        return render(request, template, context | _preview(request, form.instance))
    saved = save_provider_rule(rule=form.instance, by=actor(request), at=clock.now())
    messages.success(request, f"{say_who(saved)}: {say_rule(saved).lower()}.")
    return redirect("desk:rules")


def _wants_preview(request: HttpRequest) -> bool:
    return bool(htmx_of(request)) and "preview" in request.POST


def _preview(request: HttpRequest, rule: ProviderRule) -> dict[str, Any]:
    """Names nobody; that their visits were looked at is written down all the same."""
    at = clock.now()
    found = preview_rule(rule, at=at)
    note_views(request, what="preview of a rule", patient_ids=found.patient_ids, at=at)
    rows = [
        {
            "visit": one.visit,
            "who": initials(one.visit.patient),
            "zone": one.visit.role.clinic.location.zone if one.visit.role else "UTC",
            "sentence": one.sentence,
        }
        for one in found.stopped[:SHOWN]
    ]
    return {"preview": found, "stopped": rows, "more": max(0, len(found.stopped) - SHOWN)}


def _kind(said: str) -> RuleKind:
    return RuleKind(said) if said in set(RuleKind) else RuleKind.WHOM


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_edit_rules)
def edit_audience(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A new audience, or a change of one."""
    audience = get_object_or_404(SlotAudience, pk=pk, is_active=True) if pk else None
    form = AudienceForm(request.POST or None, instance=audience)
    if request.method == "POST" and form.is_valid():
        saved = save_audience(audience=form.instance, by=actor(request), at=clock.now())
        messages.success(request, f"Kept: {saved.name}.")
        return redirect("desk:rule-audiences")
    return _form(request, form, what="audience", back="desk:rule-audiences")


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_edit_rules)
def edit_release(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A new release rule, or a change of one: then its slots to come open by the new one."""
    rule = get_object_or_404(ReleaseRule, pk=pk, is_active=True) if pk else None
    form = ReleaseForm(request.POST or None, instance=rule)
    if request.method == "POST" and form.is_valid():
        made = save_release_rule(
            clinic=form.instance.clinic,
            name=form.instance.name,
            terms=form.terms,
            rule=rule,
            by=actor(request),
            at=clock.now(),
        )
        slots = "1 slot opens" if made.slots == 1 else f"{made.slots} slots open"
        messages.success(request, f"Kept: {made.rule.name}. {slots} at another time now.")
        return redirect("desk:rule-releases")
    return _form(request, form, what="release rule", back="desk:rule-releases")


def _form(
    request: HttpRequest, form: AudienceForm | ReleaseForm, *, what: str, back: str
) -> HttpResponse:
    context = {"form": form, "what": what, "back": back, "is_new": form.instance.pk is None}
    status = 422 if request.method == "POST" else 200
    return render(request, "rules/form.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_edit_rules)
def set_effect(request: HttpRequest, clinic_id: int, rule: str) -> HttpResponse:
    """What a kind of rule does at a clinic."""
    if rule not in {str(one) for one in SETTABLE}:
        raise Http404
    clinic, which = get_object_or_404(Clinic, pk=clinic_id), HiddenBy(rule)
    own = RuleSetting.objects.filter(clinic=clinic, rule=rule).first()
    known = {"effect": own.effect if own else "", "roles": own.roles if own else []}
    form = EffectForm(request.POST or None, initial=known)
    back = f"?clinic={clinic.pk}"
    if request.method == "POST" and form.is_valid():
        effect, roles = form.chosen, form.chosen_roles
        by, at = actor(request), clock.now()
        set_rule_effect(clinic=clinic, rule=which, effect=effect, roles=roles, by=by, at=at)
        messages.success(request, f"Kept for {clinic.name}: {RULES[which].lower()}.")
        return redirect(f"{reverse('desk:rule-effects')}{back}")
    context = {
        "form": form,
        "clinic": clinic,
        "word": RULES[which],
        "default": say_effect(DEFAULTS[which]),
        "back": f"{reverse('desk:rule-effects')}{back}",
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "rules/effect.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_edit_rules)
def end(request: HttpRequest, what: str, pk: int) -> HttpResponse:
    """End a rule, an audience or a release rule; says first what that does."""
    row, said, back = _ending(what, pk)
    context = {"row": row, "what": what, "said": said, "back": back}
    if request.method != "POST":
        return render(request, "rules/end.html", context)
    by, at = actor(request), clock.now()
    try:
        if isinstance(row, ProviderRule):
            end_provider_rule(rule=row, by=by, at=at)
        elif isinstance(row, SlotAudience):
            end_audience(audience=row, by=by, at=at)
        else:
            end_release_rule(rule=row, by=by, at=at)
    except AudienceInUse as used:
        return render(request, "rules/end.html", context | {"notice": str(used)}, status=409)
    messages.success(request, f"Ended: {said}.")
    return redirect(back)


def _ending(what: str, pk: int) -> tuple[ProviderRule | SlotAudience | ReleaseRule, str, str]:
    match what:
        case "rules":
            rule = get_object_or_404(ProviderRule, pk=pk, is_active=True)
            return rule, f"{say_who(rule)}: {say_rule(rule).lower()}", "desk:rules"
        case "audiences":
            audience = get_object_or_404(SlotAudience, pk=pk, is_active=True)
            return audience, audience.name, "desk:rule-audiences"
        case _:
            release = get_object_or_404(ReleaseRule, pk=pk, is_active=True)
            return release, release.name, "desk:rule-releases"
