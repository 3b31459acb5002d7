"""What is done about a danger: asked, ruled out by a nurse, sent to 911."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm import clock
from crm.permissions import can_take_calls
from crm.web import actor, allowed_to
from desk.actions.safety import note_help, rule_out, say_not_now
from desk.rules.danger import HELPED
from desk.screen import page
from desk.screen.acting import by_their_agent
from desk.screen.contact import DeskContact
from triage.permissions import can_work_alerts

ONLY_A_NURSE = gettext_noop("Only a nurse may rule this out. Hand over now.")


class BecauseForm(forms.Form):
    """Why there is no danger."""

    because = forms.CharField(
        max_length=300, error_messages={"required": gettext_lazy("Say why it is ruled out.")}
    )


class HelpForm(forms.Form):
    """What was done for somebody in an emergency."""

    how = forms.ChoiceField(choices=list(HELPED.items()))


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def not_now(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """The agent asked: what the words named is not so now. Only where they said so or it is past.

    The red flag itself stays in the contact, with who asked.
    """
    if not contact.danger.may_ask:
        return page.conflict(request, contact, ONLY_A_NURSE)
    say_not_now(contact=contact.interaction, by=actor(request), at=clock.now())
    return page.answer(request, contact)


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def ruled_out(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """A nurse who has the contact says that there is none, and why."""
    if not can_work_alerts(request.user):
        return page.conflict(request, contact, ONLY_A_NURSE)
    if not contact.danger.stands:
        return page.conflict(request, contact, gettext_noop("No danger stands here any more."))
    form = BecauseForm(request.POST)
    if not form.is_valid():
        said = str(form.errors["because"][0])
        return page.answer(request, contact, status=422, danger_error=said)
    because = form.cleaned_data["because"]
    rule_out(contact=contact.interaction, because=because, by=actor(request), at=clock.now())
    return page.answer(request, contact)


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def helped(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """They were told to call 911, or the agent stayed until help was there."""
    form = HelpForm(request.POST)
    if not contact.danger.is_emergency or not form.is_valid():
        return page.conflict(
            request, contact, gettext_noop("This is no emergency. Hand them to a nurse.")
        )
    how = form.cleaned_data["how"]
    note_help(contact=contact.interaction, how=how, by=actor(request), at=clock.now())
    return page.answer(request, contact)
