"""`/rules/`: provider rules, what rules do, audiences and release rules, as lists and as CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm.permissions import can_edit_rules, can_view_overrides, can_view_rules
from crm.states import Role
from crm.web import allowed_to, csv_answer, htmx_of
from desk.queries import rule_lists as queries
from desk.rule_forms import RuleFilter
from desk.rule_words import KINDS, RULES, say_audience, say_effect, say_release, say_rule, say_who
from scheduling.models import Clinic, ProviderRule, RuleSetting
from scheduling.rules import Effect
from scheduling.rules.effects import DEFAULTS, SETTABLE
from scheduling.states import RuleEffect, RuleKind

COLUMNS: Final = ("what", "for whom", "visits", "rule", "why", "id")
_Line = dict[str, Any]


@never_cache
@require_safe
@allowed_to(can_view_rules)
def rules(request: HttpRequest) -> HttpResponse:
    """Provider rules that hold, by clinic, or those that a text finds."""
    form = RuleFilter(request.GET)
    return _page(request, "rules", form, rows=rule_lines(form))


@never_cache
@require_safe
@allowed_to(can_view_rules)
def effects(request: HttpRequest) -> HttpResponse:
    """What each kind of rule does at one clinic."""
    form = RuleFilter(request.GET)
    clinic = form.of or Clinic.objects.order_by("name").first()
    rows = effect_lines(clinic, form.text) if clinic else []
    return _page(request, "effects", form, rows=rows, of=clinic)


@never_cache
@require_safe
@allowed_to(can_view_rules)
def audiences(request: HttpRequest) -> HttpResponse:
    """Whom clinics keep slots for."""
    form = RuleFilter(request.GET)
    found = queries.list_audiences(form.text, clinic=form.of)
    rows = [{"row": row, "says": say_audience(row)} for row in found]
    return _page(request, "audiences", form, rows=rows)


@never_cache
@require_safe
@allowed_to(can_view_rules)
def releases(request: HttpRequest) -> HttpResponse:
    """When what clinics keep back lifts by itself."""
    form = RuleFilter(request.GET)
    found = queries.list_release_rules(form.text, clinic=form.of)
    rows = [{"row": row, "says": say_release(row)} for row in found]
    return _page(request, "releases", form, rows=rows)


@never_cache
@require_safe
@allowed_to(can_view_rules)
def export(request: HttpRequest, what: str) -> HttpResponse:
    """One of the lists as it is filtered."""
    form = RuleFilter(request.GET)
    columns, cells = _EXPORTS[what](form)
    return csv_answer(f"{what}.csv", columns, cells)


def _page(
    request: HttpRequest, tab: str, form: RuleFilter, *, rows: list[_Line], of: Clinic | None = None
) -> HttpResponse:
    context = {
        "tab": tab,
        "form": form,
        "rows": rows,
        "clinic": of or form.of,
        "clinics": Clinic.objects.order_by("name"),
        "kinds": KINDS.items(),
        **may(request),
    }
    template = f"rules/{tab}.html"
    return render(request, f"{template}#found" if htmx_of(request) else template, context)


def may(request: HttpRequest) -> dict[str, bool]:
    """What whoever looks may do with rules."""
    return {
        "may_edit": can_edit_rules(request.user),
        "may_see_overrides": can_view_overrides(request.user),
    }


def rule_lines(form: RuleFilter) -> list[_Line]:
    found = list(queries.list_provider_rules(form.text, clinic=form.of))
    names = queries.types_named([pk for rule in found for pk in rule.type_ids])
    return [_rule_line(rule, names) for rule in found]


def _rule_line(rule: ProviderRule, names: dict[int, str]) -> _Line:
    return {
        "row": rule,
        "what": KINDS[RuleKind(rule.kind)],
        "who": say_who(rule),
        "visits": ", ".join(names[pk] for pk in rule.type_ids if pk in names) or "every visit",
        "says": say_rule(rule),
    }


def effect_lines(clinic: Clinic, text: str = "") -> list[_Line]:
    """Every kind of rule, with what it does by default and here."""
    own = queries.settings_of(clinic)
    words = text.casefold()
    return [
        {
            "rule": rule,
            "word": RULES[rule],
            "default": say_effect(DEFAULTS[rule]),
            "here": say_effect(_effect(own[rule])) if rule in own else "",
        }
        for rule in SETTABLE
        if words in RULES[rule].casefold()
    ]


def _effect(row: RuleSetting) -> Effect:
    return Effect(RuleEffect(row.effect), frozenset(Role(role) for role in row.roles))


_Cells = Iterable[tuple[object, ...]]


def _export_rules(form: RuleFilter) -> tuple[tuple[str, ...], _Cells]:
    return COLUMNS, (
        (
            line["what"],
            line["who"],
            line["visits"],
            line["says"],
            line["row"].reason,
            line["row"].pk,
        )
        for line in rule_lines(form)
    )


def _export_effects(form: RuleFilter) -> tuple[tuple[str, ...], _Cells]:
    clinics = [form.of] if form.of else Clinic.objects.order_by("name")
    return ("clinic", "rule", "by default", "here"), (
        (clinic.name, line["word"], line["default"], line["here"] or line["default"])
        for clinic in clinics
        for line in effect_lines(clinic, form.text)
    )


def _export_audiences(form: RuleFilter) -> tuple[tuple[str, ...], _Cells]:
    found = queries.list_audiences(form.text, clinic=form.of)
    return ("clinic", "name", "for"), ((r.clinic.name, r.name, say_audience(r)) for r in found)


def _export_releases(form: RuleFilter) -> tuple[tuple[str, ...], _Cells]:
    found = queries.list_release_rules(form.text, clinic=form.of)
    return ("clinic", "name", "opens"), ((r.clinic.name, r.name, say_release(r)) for r in found)


_EXPORTS: Final[dict[str, Callable[[RuleFilter], tuple[tuple[str, ...], _Cells]]]] = {
    "rules": _export_rules,
    "effects": _export_effects,
    "audiences": _export_audiences,
    "releases": _export_releases,
}
