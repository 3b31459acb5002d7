"""None of these times suits: why, and onto the waitlist, without leaving the conversation."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crm import clock
from crm.permissions import can_take_calls
from crm.web import actor, allowed_to
from desk.actions.declining import decline_times
from desk.screen import page
from desk.screen.acting import by_their_agent
from desk.screen.booking_views import TRAINING
from desk.screen.contact import DeskContact
from desk.screen.handoff_views import dialog, in_place
from desk.screen.schedule import filter_form, search_of
from desk.slot_forms import CloseForm
from scheduling.actions import BookingRefused, SearchOver
from scheduling.models import SearchRecord


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_take_calls)
@by_their_agent
def decline(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """The dialog of the slot page, about what this contact has looked for."""
    if contact.interaction.is_training:
        return in_place(request, page.conflict(request, contact, TRAINING))
    search = _search(request, contact)
    wait = "wait" in request.GET
    form = CloseForm(request.POST if request.method == "POST" else None, initial={"wait": wait})
    if not form.is_valid():
        context = {
            "form": form,
            "search": search,
            "action": request.get_full_path(),
            "back": page.address(contact),
        }
        status = 422 if form.is_bound else 200
        return dialog(request, "slots/close.html", context, status=status)
    said, waits = form.cleaned_data, form.cleaned_data["wait"] and contact.heard_patient is not None
    try:
        decline_times(
            contact=contact.interaction,
            search=search,
            why=form.why,
            note=said["note"],
            waits=waits,
            by=actor(request),
            at=clock.now(),
        )
    except (SearchOver, BookingRefused) as refused:
        return in_place(request, page.conflict(request, contact, str(refused)))
    told = _("They are on the waitlist, and are told when one frees.") if waits else _("Noted why.")
    return in_place(request, page.answer(request, contact, query="", did=told))


def _search(request: HttpRequest, contact: DeskContact) -> SearchRecord:
    """:raises Http404: where nothing was looked for."""
    kind = filter_form(request, contact).said("visit_type")
    key = search_of(contact, kind.code) if kind else None
    found = SearchRecord.objects.select_related("patient", "visit_type").filter(pk=key or 0).first()
    if found is None:
        raise Http404
    return found
