"""Trying many messages again: started from the list, watched on a page of its own."""

from __future__ import annotations

import re
from typing import Final

from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from crm import clock
from crm.permissions import can_see_inbox
from crm.saying import translated
from crm.web import actor, allowed_to, htmx_of
from integrations.inbox import progress, queries, replays, words
from integrations.inbox.forms import FilterForm
from integrations.models import Replay
from integrations.states import InboxStatus

#: A message's key: of no more digits than the database counts to; whatever else is ticked is none.
_ROW: Final = re.compile(r"[0-9]{1,18}")


@never_cache
@require_POST
@allowed_to(can_see_inbox)
def start(request: HttpRequest) -> HttpResponse:
    """Those that were ticked; without any, all of the filter that the list shows."""
    said = request.POST.getlist("message")
    ticked = [int(pk) for pk in said if _ROW.fullmatch(pk)]
    try:
        job = replays.start_replay(
            message_ids=ticked if said else _of_filter(request.POST),
            chosen=f"{len(ticked)} ticked" if said else _in_words(request.POST),
            by=actor(request),
            at=clock.now(),
        )
    except replays.NothingToReplay as nothing:
        notes.warning(request, translated(str(nothing)))
        return redirect("inbox:messages")
    return redirect("inbox:replay-progress", job.pk)


@never_cache
@require_safe
@allowed_to(can_see_inbox)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it has come; the part alone for its refresh."""
    try:
        found = progress.get_progress(pk)
    except Replay.DoesNotExist as missing:
        raise Http404 from missing
    part = "replay_progress" if htmx_of(request) else "replay"
    context = {"replay": found, "latest": progress.latest_replays(), "now": clock.now()}
    return render(request, f"inbox/{part}.html", context)


@never_cache
@require_POST
@allowed_to(can_see_inbox)
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Try no more of them."""
    try:
        replays.stop_replay(replay_id=pk, by=actor(request), at=clock.now())
    except Replay.DoesNotExist as missing:
        raise Http404 from missing
    return redirect("inbox:replay-progress", pk)


def _of_filter(said: QueryDict) -> list[int]:
    """Without a state in the filter, those that were refused."""
    chosen = FilterForm(said).chosen
    return queries.chosen_ids(
        status=chosen["status"] or InboxStatus.REFUSED,
        kind=chosen["kind"],
        source=chosen["source"],
    )


def _in_words(said: QueryDict) -> str:
    """In English, as it is kept; `integrations.inbox.said` translates it."""
    chosen = FilterForm(said).chosen
    parts = [words.ALL[chosen["status"] or InboxStatus.REFUSED]]
    if chosen["kind"]:
        parts.append(words.KINDS[chosen["kind"]])
    if chosen["source"]:
        parts.append(f"of {chosen['source']}")
    return ", ".join(parts)
