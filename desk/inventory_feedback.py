""" "This slot is mislabeled": one click, the clinic's list, and its answer back."""

from __future__ import annotations

from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import clock
from crm.engine import IllegalMove, MovedMeanwhile
from crm.models import User
from crm.permissions import can_run_openings, can_view_openings
from crm.web import actor, allowed_to, csv_answer, htmx_of
from desk.inventory_act_forms import AnswerForm, FlagForm
from desk.queries import inventory_feedback as queries
from outreach.rules.times import say_time
from scheduling.actions.feedback import (
    answer_flag,
    flag_slot,
    flag_visit_type,
    reopen_flag,
    take_back_flag,
    tell_answers,
)
from scheduling.models import Slot, SlotFeedback, VisitType
from scheduling.queries import get_slot
from scheduling.states import FeedbackStatus

_GONE = gettext_noop("Somebody has dealt with it meanwhile. This is how it stands now.")


@never_cache
@require_POST
@allowed_to(can_view_openings)
def flag_a_slot(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the clinic; a second time with words adds them."""
    try:
        slot = get_slot(pk)
    except Slot.DoesNotExist as missing:
        raise Http404 from missing
    flag = flag_slot(
        slot=slot,
        user=_user(request),
        should_be=FlagForm(request.POST).words,
        by=actor(request),
        at=clock.now(),
    )
    return _flagged(request, flag)


@never_cache
@require_POST
@allowed_to(can_view_openings)
def flag_a_visit_type(request: HttpRequest, pk: int) -> HttpResponse:
    """The same of a kind of visit."""
    visit_type = VisitType.objects.filter(pk=pk).first()
    if visit_type is None:
        raise Http404
    flag = flag_visit_type(
        visit_type=visit_type,
        user=_user(request),
        should_be=FlagForm(request.POST).words,
        by=actor(request),
        at=clock.now(),
    )
    return _flagged(request, flag)


def _flagged(request: HttpRequest, flag: SlotFeedback) -> HttpResponse:
    if htmx_of(request):
        return render(request, "inventory/mislabeled.html", _flag_context(request, flag))
    notes.success(request, _("The clinic is told that it is mislabeled."))
    return redirect(_next(request))


def _flag_context(request: HttpRequest, flag: SlotFeedback) -> dict[str, object]:
    return {
        "flag": flag if flag.status == FeedbackStatus.OPEN else None,
        "slot_id": flag.slot_id,
        "visit_type_id": None if flag.slot_id else flag.visit_type_id,
        "flag_next": _next(request),
    }


@never_cache
@require_POST
@allowed_to(can_view_openings)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own flag back."""
    flag = SlotFeedback.objects.filter(pk=pk, flagged_by=_user(request)).first()
    if flag is None:
        raise Http404
    try:
        take_back_flag(feedback=flag, by=actor(request), at=clock.now())
    except (MovedMeanwhile, IllegalMove):
        notes.warning(request, _(_GONE))
    if htmx_of(request):
        return render(request, "inventory/mislabeled.html", _flag_context(request, flag))
    return redirect(_next(request))


@never_cache
@require_safe
@allowed_to(can_view_openings)
def feedback(request: HttpRequest) -> HttpResponse:
    """What was flagged, open first; the clinics' people answer."""
    shown = queries.Shown.of(request.GET.get("show", ""))
    user = _user(request)
    context = {
        "shown": shown,
        "lists": queries.lists(user),
        "lines": queries.flags(shown, user),
        "can_answer": can_run_openings(user),
        "form": AnswerForm(),
        "now": clock.now(),
    }
    return render(request, "inventory/feedback.html", context)


@never_cache
@require_safe
@allowed_to(can_view_openings)
def export_feedback(request: HttpRequest) -> HttpResponse:
    """The list as it is shown."""
    shown = queries.Shown.of(request.GET.get("show", ""))
    columns = ("Flagged", "By", "Clinic", "Slot", "Visit type", "Should be", "State", "Answer")
    rows = [
        (
            say_time(line.flagged_at, line.zone, "en"),
            line.flagged_by,
            line.clinic,
            say_time(line.starts_at, line.zone, "en") if line.starts_at else "",
            line.visit_type,
            line.should_be,
            line.status,
            line.answer,
        )
        for line in queries.flags(shown, _user(request))
    ]
    return csv_answer("mislabeled.csv", columns, rows)


@never_cache
@require_http_methods(["POST"])
@allowed_to(can_run_openings)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """What the clinic says to it; whoever flagged it is told on their next page."""
    flag = _find(pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        notes.error(request, _("Say in a few words what became of it."))
        return redirect("desk:feedback")
    try:
        answer_flag(
            feedback=flag, answer=form.cleaned_data["answer"], by=actor(request), at=clock.now()
        )
    except (MovedMeanwhile, IllegalMove):
        notes.warning(request, _(_GONE))
    else:
        notes.success(request, "Answered. Whoever flagged it is told.")
    return redirect("desk:feedback")


@never_cache
@require_POST
@allowed_to(can_run_openings)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo an answer."""
    try:
        reopen_flag(feedback=_find(pk), by=actor(request), at=clock.now())
    except (MovedMeanwhile, IllegalMove):
        notes.warning(request, _(_GONE))
    return redirect("desk:feedback")


@never_cache
@require_POST
@allowed_to(can_view_openings)
def news(request: HttpRequest) -> HttpResponse:
    """Answers to one's own flags as toasts, each once. 204 when there are none."""
    answers = tell_answers(user=_user(request), at=clock.now())
    if not answers:
        return HttpResponse(status=204)
    for told in answers:
        named = told.clinic.name if told.clinic else _("The clinic")
        said = {"clinic": named, "visit": told.visit_type, "answer": told.answer}
        notes.info(request, _("%(clinic)s answered your flag (%(visit)s): %(answer)s") % said)
    return render(request, "components/messages.html", {"oob": True})


def _find(pk: int) -> SlotFeedback:
    flag = SlotFeedback.objects.filter(pk=pk).first()
    if flag is None:
        raise Http404
    return flag


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 for the type checker
    return request.user


def _next(request: HttpRequest) -> str:
    going = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(going, {request.get_host()}, request.is_secure())
    return going if safe else reverse("desk:inventory")
