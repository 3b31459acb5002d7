"""How each sender is read: its registration with a preview, and what its codes stand for."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as notes
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import clock
from crm.permissions import can_see_inbox
from crm.web import actor, allowed_to
from integrations.inbox import preview
from integrations.inbox.sender_forms import CodeForm, SenderForm
from integrations.inbox.senders import save_sender
from integrations.models import Hl7Sender, InboxMessage
from integrations.states import InboxKind, InboxStatus
from scheduling.actions.codes import set_source_code
from scheduling.models import Location, Provider, VisitType

#: So many clinicians are offered to choose from.
MOST_CHOICES = 500


@never_cache
@require_safe
@allowed_to(can_see_inbox)
def senders(request: HttpRequest) -> HttpResponse:
    """Who is registered, and who sends without being."""
    context = {"senders": Hl7Sender.objects.order_by("name"), "strangers": preview.unregistered()}
    return render(request, "inbox/senders.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_see_inbox)
def register(request: HttpRequest) -> HttpResponse:
    """A sender that sent already, by its name in the address."""
    name = request.GET.get("name", "")
    if name not in preview.unregistered():
        raise Http404
    return _edit(request, Hl7Sender(name=name), before=None)


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_see_inbox)
def sender(request: HttpRequest, pk: int) -> HttpResponse:
    """One registration: change it, see what that does to what it sent, keep it."""
    return _edit(request, _find(pk), before=_find(pk))


@never_cache
@require_POST
@allowed_to(can_see_inbox)
def set_code(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what one of its codes stands for."""
    found, form = _find(pk), CodeForm(request.POST)
    if not form.is_valid():
        notes.warning(request, _("Choose what it stands for."))
        return redirect("inbox:sender", pk)
    said = form.cleaned_data
    try:
        set_source_code(
            source=found.source or found.name,
            kind=said["kind"],
            code=said["code"],
            target_id=said["target"],
            by=actor(request),
            at=clock.now(),
        )
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    notes.success(request, _("Kept. Messages from now on are read so; try the refused ones again."))
    return redirect("inbox:sender", pk)


def _edit(request: HttpRequest, row: Hl7Sender, *, before: Hl7Sender | None) -> HttpResponse:
    form = SenderForm(request.POST or None, instance=row)
    context: dict[str, Any] = {"form": form, "sender": row}
    is_valid = request.method == "POST" and form.is_valid()
    if is_valid and "keep" in request.POST:
        kept = save_sender(row=form.save(commit=False), by=actor(request), at=clock.now())
        notes.success(request, _("Kept. What was refused can be tried again now."))
        return redirect("inbox:sender", kept.pk)
    messages = preview.kept_of(row.name)
    if is_valid:
        context["preview"] = preview.preview(before, form.save(commit=False), messages)
    elif before is not None:
        context |= {"codes": preview.codes_of(before, messages), "choices": _choices()}
    context["refused"] = _refused_of(row.name)
    status = 422 if request.method == "POST" and not is_valid else 200
    return render(request, "inbox/sender.html", context, status=status)


def _choices() -> dict[str, list[tuple[int, str]]]:
    """Our rows that a code may stand for."""
    people = Provider.objects.filter(is_active=True).order_by("family_name", "given_name")
    return {
        "provider": [(row.pk, str(row)) for row in people[:MOST_CHOICES]],
        "location": [(r.pk, r.name) for r in Location.objects.filter(is_active=True)],
        "visit-type": [(r.pk, r.name) for r in VisitType.objects.order_by("name")],
    }


def _refused_of(name: str) -> int:
    rows = InboxMessage.objects.filter(kind=InboxKind.HL7, source=name)
    return rows.filter(status=InboxStatus.REFUSED).count()


def _find(pk: int) -> Hl7Sender:
    found = Hl7Sender.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
