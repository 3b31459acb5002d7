"""The script, step by step: answered, done, or left out with a reason."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm import clock
from crm.actions.contacts import ContactOver
from crm.permissions import can_take_calls
from crm.saying import translated
from crm.web import actor, allowed_to
from desk.actions.flow import ReasonMissing, StepGone, answer_step, skip_step
from desk.rules.scripts import UnknownAnswer
from desk.screen import page
from desk.screen.acting import by_their_agent
from desk.screen.contact import DeskContact


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def step(request: HttpRequest, contact: DeskContact, key: str) -> HttpResponse:
    """Keep the answer, or that it was done, and go on to what is next."""
    try:
        answer_step(
            contact=contact.interaction,
            key=key,
            said=request.POST.get("said", "")[:300],
            is_verified=contact.is_verified,
            by=actor(request),
            at=clock.now(),
        )
    except UnknownAnswer as unknown:
        return page.answer(request, contact, status=422, step_error=translated(str(unknown)))
    except (ContactOver, StepGone) as refused:
        return page.conflict(request, contact, str(refused))
    return page.answer(request, contact)


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def skip(request: HttpRequest, contact: DeskContact, key: str) -> HttpResponse:
    """Leave a step out, with why."""
    try:
        skip_step(
            contact=contact.interaction,
            key=key,
            reason=request.POST.get("reason", "")[:200],
            is_verified=contact.is_verified,
            by=actor(request),
            at=clock.now(),
        )
    except ReasonMissing as missing:
        return page.answer(request, contact, status=422, step_error=translated(str(missing)))
    except (ContactOver, StepGone) as refused:
        return page.conflict(request, contact, str(refused))
    return page.answer(request, contact)
