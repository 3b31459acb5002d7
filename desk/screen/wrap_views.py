"""The end of a contact: one press where the proposal fits, and its note afterwards."""

from __future__ import annotations

from hashlib import blake2b

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from crm import clock
from crm.actions.contacts import ContactOver
from crm.actions.wrapping import HandoffWaits, HasMoved, amend_note, send_again, wrap_up
from crm.permissions import can_take_calls
from crm.states import Role
from crm.web import actor, allowed_to
from desk.screen import page
from desk.screen.acting import by_their_agent
from desk.screen.contact import DeskContact, with_contact
from desk.screen.handoff_views import dialog, in_place
from desk.screen.wrap_forms import CALL_BACK, NOTHING, NoteForm, WrapForm
from desk.screen.wrap_next import CALLS_BACK, read_following
from desk.screen.wrap_reading import Proposal, endings_of, propose


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_take_calls)
@by_their_agent
def wrap(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """How it ended, the note, what comes next. Nobody leaves while a required step is open."""
    at, found = clock.now(), propose(contact, at=clock.now())
    form = _form(request, contact, found)
    if request.method != "POST" or not form.is_valid() or found.missing:
        status = 200 if request.method != "POST" else 409 if found.missing else 422
        context = {"contact": contact, "form": form, "missing": found.missing}
        return dialog(request, "screen/wrap.html", context, status=status)
    note, user = form.cleaned_data["note"], page.user_of(request)
    try:
        wrap_up(
            contact_id=contact.pk,
            disposition=form.cleaned_data["disposition"],
            note=note,
            was_edited=digest(note) != form.cleaned_data["written"],
            follow_up=form.follow_up(contact, user, at=at),
            resolves_journey=form.ending.resolves,
            by=actor(request),
            at=at,
        )
    except (ContactOver, HandoffWaits, HasMoved) as refused:
        return in_place(request, page.conflict(request, contact, str(refused)))
    return in_place(request, page.answer(request, contact))


def _form(request: HttpRequest, contact: DeskContact, found: Proposal) -> WrapForm:
    initial = {
        "following": CALL_BACK if found.chosen in CALLS_BACK else NOTHING,
        "disposition": found.chosen,
        "note": found.note.text,
        "written": digest(found.note.text),
    }
    data = request.POST if request.method == "POST" else None
    goes_on = read_following(contact)
    return WrapForm(data, initial=initial, endings=found.endings, goes_on=goes_on)


def digest(note: str) -> str:
    """A short name for a note: another one means that somebody changed it."""
    return blake2b(note.encode(), digest_size=9).hexdigest()


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_take_calls)
@with_contact
def note(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """Change the note of a contact that is over; the EHR gets an amended one."""
    kept = _kept_by_them(request, contact).wrap_up
    assert kept is not None  # noqa: S101 by `_kept_by_them`
    initial = {"disposition": kept.disposition, "note": kept.note}
    endings = endings_of(contact.interaction.call_type)
    form = NoteForm(request.POST or None, initial=initial, endings=endings)
    if request.method == "POST" and form.is_valid() and not form.cleaned_data["note"]:
        form.add_error("note", _("A note that is in the EHR cannot be emptied. Say what is so."))
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        context = {"contact": contact, "form": form}
        return dialog(request, "screen/wrap_note.html", context, status=status)
    said = form.cleaned_data
    amend_note(
        contact_id=contact.pk,
        disposition=said["disposition"],
        note=said["note"],
        by=actor(request),
        at=clock.now(),
    )
    return in_place(request, page.answer(request, contact))


@never_cache
@require_POST
@allowed_to(can_take_calls)
@with_contact
def again(request: HttpRequest, contact: DeskContact) -> HttpResponse:
    """Ask the EHR once more to keep a note that it refused."""
    kept = _kept_by_them(request, contact).wrap_up
    assert kept is not None  # noqa: S101 by `_kept_by_them`
    send_again(wrap_up_id=kept.pk, by=actor(request), at=clock.now())
    return page.answer(request, contact)


def _kept_by_them(request: HttpRequest, contact: DeskContact) -> DeskContact:
    """:raises Http404: while it is not wrapped up. :raises PermissionDenied: for another agent."""
    if contact.wrap_up is None:
        raise Http404
    if not contact.mine(request.user) and not page.user_of(request).has_role(Role.MANAGER):
        raise PermissionDenied
    return contact
