"""The page of those who were turned away before anything was kept."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm import clock
from crm.permissions import can_see_inbox
from crm.web import allowed_to, csv_answer
from integrations.inbox.door import turned_away

COLUMNS = ("day (UTC)", "door", "from", "why", "times", "first", "last")


@never_cache
@require_safe
@allowed_to(can_see_inbox)
def show(request: HttpRequest) -> HttpResponse:
    """Those of the last two weeks."""
    return render(request, "inbox/turned_away.html", {"rows": turned_away(at=clock.now())[:500]})


@never_cache
@require_safe
@allowed_to(can_see_inbox)
def export(request: HttpRequest) -> HttpResponse:
    """All of them as CSV."""
    rows = (
        (
            row.on,
            row.door,
            row.peer,
            row.sentence,
            row.times,
            row.first_at.isoformat(),
            row.last_at.isoformat(),
        )
        for row in turned_away(at=clock.now())
    )
    return csv_answer("turned-away.csv", COLUMNS, rows)
