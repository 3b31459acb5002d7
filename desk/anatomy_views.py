"""The anatomy of an encounter: one contact's time as a ribbon, and the time of many summed up."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm import clock
from crm.engine import record
from crm.models import Interaction
from crm.permissions import can_oversee_desk
from crm.saying import translated
from crm.web import actor, allowed_to, csv_answer
from desk import anatomy_words as words
from desk.anatomy_drawing import draw, lines_of
from desk.anatomy_forms import AnatomyForm
from desk.queries.anatomy import Asked, By, Group, Sums, left_out, read_sums
from desk.queries.contact_times import find_timed
from desk.queries.handle_time import BASELINE_WEEKS, FEWEST, NOW_WEEKS, read_baseline
from desk.queries.live import call_type_names
from desk.queries.zone import house_zone
from desk.rules.anatomy import Spent

#: What a line's key filters by.
_FILTERS = {By.AGENT: "agent", By.TEAM: "team", By.SHIFT: "shift", By.REASON: "call_type"}


@never_cache
@require_safe
@allowed_to(can_oversee_desk)
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """One contact's ribbon. The look is written down."""
    at = clock.now()
    found = find_timed(pk, at=at)
    if found is None:
        raise Http404
    record("crm.interaction.viewed", Interaction.objects.get(pk=pk), by=actor(request), at=at)
    context = {
        "timed": found,
        "contact": found.contact,
        "bars": draw((one.spent, one.seconds) for one in found.pieces),
        "lines": lines_of(found),
        "sums": [(one, found.spent.get(one, 0.0)) for one in Spent],
        "spent_words": words.spent_words(),
        "names": call_type_names(),
        "zone": house_zone(),
    }
    return render(request, "anatomy/contact.html", context)


@never_cache
@require_safe
@allowed_to(can_oversee_desk)
def anatomy(request: HttpRequest) -> HttpResponse:
    """Sums by what is chosen, the contacts behind a figure, and handle time before and now."""
    at, names = clock.now(), call_type_names()
    form = AnatomyForm(request.GET, names=names)
    asked = form.asked(at=at)
    sums, aside = read_sums(asked, at=at), left_out(asked)
    shows_aside = request.GET.get("show") == "left-out"
    context = {
        "form": form,
        "asked": asked,
        "sums": sums,
        "lines": [_line(request, group, asked, names) for group in sums.groups],
        "whole": _line(request, sums.all, asked, names),
        "bys": [(by, _(word), _query(request, by=by)) for by, word in words.BYS.items()],
        "spent_words": words.spent_words(),
        "spent": asked.spent,
        "rows": [] if shows_aside else sums.behind(asked.spent),
        "aside": aside,
        "shows_aside": shows_aside,
        "aside_query": _query(request, show="left-out"),
        "query": request.GET.urlencode(),
        "names": names,
        "baseline": read_baseline(at=at, zone=asked.zone),
        "baseline_weeks": BASELINE_WEEKS,
        "now_weeks": NOW_WEEKS,
        "fewest": FEWEST,
    }
    return render(request, "anatomy/anatomy.html", context)


@never_cache
@require_safe
@allowed_to(can_oversee_desk)
def export_anatomy(request: HttpRequest) -> HttpResponse:
    """The sums as a table, in seconds a contact."""
    at, names = clock.now(), call_type_names()
    asked = AnatomyForm(request.GET, names=names).asked(at=at)
    sums = read_sums(asked, at=at)
    with translation.override("en-us"):  # what leaves is in one language
        columns, rows = _table(sums, asked, names)
    record("crm.anatomy.exported", request.user, by=actor(request), at=at, rows=len(rows))  # type: ignore[arg-type]
    return csv_answer(f"anatomy-by-{asked.by}.csv", columns, rows)


def _table(
    sums: Sums, asked: Asked, names: dict[str, str]
) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Columns and rows."""
    columns = (words.BYS[asked.by], "contacts", "seconds", *(words.SPENT[one][0] for one in Spent))
    rows: list[tuple[object, ...]] = [
        (
            _say(group, asked, names),
            group.contacts,
            round(group.mean(), 1),
            *(round(group.mean(one), 1) for one in Spent),
        )
        for group in sums.groups
    ]
    return columns, rows


def _line(
    request: HttpRequest, group: Group, asked: Asked, names: dict[str, str]
) -> dict[str, Any]:
    """A line of the sums with its links: each figure opens the contacts behind it."""
    own = {_FILTERS[asked.by]: group.key or "none"} if group.key or group.label else {}
    means = {one: group.mean(one) for one in Spent}
    return {
        "says": _say(group, asked, names),
        "contacts": group.contacts,
        "mean": group.mean(),
        "query": _query(request, **own, show="contacts"),
        "cells": [(one, means[one], _query(request, **own, spent=one.value)) for one in Spent],
        "bars": draw(means.items()),
    }


def _say(group: Group, asked: Asked, names: dict[str, str]) -> str:
    match asked.by:
        case By.REASON:
            return words.say_call_type(group.key, names)
        case By.SHIFT:
            return translated(words.SHIFTS.get(group.key, ""))
        case By.TEAM:
            return group.key or _("No team")
    return group.label


def _query(request: HttpRequest, **own: str) -> str:
    """The filters as they are, with these instead."""
    kept = {
        name: str(value) for name, value in request.GET.items() if name not in {"show", "spent"}
    }
    return urlencode(kept | own)
