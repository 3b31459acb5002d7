"""Why they call: the safety check first, then what kind of call it is."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm import clock
from crm.actions.contacts import ContactOver, keep_answer
from crm.permissions import can_take_calls
from crm.web import actor, allowed_to
from desk.actions.safety import check_said, take_reason
from desk.queries.call_types import find_call_type, match_call_type
from desk.rules.wishes import read_wish
from desk.screen import page
from desk.screen.acting import by_their_agent
from desk.screen.contact import DeskContact
from desk.screen.speaking import speaker_after

#: What scripts ask of the clinician, and need not where the reason says it.
CLINICIAN_WISH = "clinician-wish"


class ReasonForm(forms.Form):
    """The caller's words, or a kind of call by a tap; one of them."""

    reason = forms.CharField(max_length=300, required=False)
    call_type = forms.SlugField(required=False)


@never_cache
@require_POST
@allowed_to(can_take_calls)
@by_their_agent
def reason(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """Read the words for danger, then for what is wanted; nothing is kept in an address."""
    form = ReasonForm(request.POST)
    said = form.cleaned_data.get("reason", "").strip() if form.is_valid() else ""
    chosen = form.cleaned_data.get("call_type", "") if form.is_valid() else ""
    if not said and not chosen:
        return page.answer(request, contact, status=422, reason_error=_("Type why they call."))
    at, by = clock.now(), actor(request)
    is_new = bool(said) or not contact.interaction.acuity  # a tap says nothing that is not checked
    said = said or contact.interaction.reason
    finding = check_said(said, contact=contact.interaction) if said and is_new else None
    tapped = find_call_type(chosen) if chosen else None
    kinds = (tapped,) if tapped else match_call_type(said)
    kind = kinds[0] if len(kinds) == 1 else None
    try:
        take_reason(
            contact_id=contact.pk,
            reason=said,
            call_type=kind.code if kind else "",
            need=kind.need if kind else "",
            finding=finding,
            speaker=speaker_after(contact, kind),
            by=by,
            at=at,
        )
    except ContactOver as over:
        return page.conflict(request, contact, str(over))
    if read_wish(said).same_clinician:
        keep_answer(
            contact=contact.interaction,
            key=CLINICIAN_WISH,
            value="same",
            was_asked=False,
            by=by,
            at=at,
        )
    if kind is None:
        return page.answer(request, contact, query="")
    return page.go_on(request, contact, at=at)
