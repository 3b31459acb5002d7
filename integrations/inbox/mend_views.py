"""Mending a copy of a refused message: edit, see the difference, try it."""

from __future__ import annotations

from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crm import clock
from crm.engine import record
from crm.permissions import can_see_inbox
from crm.saying import translated
from crm.web import actor, allowed_to
from integrations.inbox import actions, mending
from integrations.inbox.forms import MendForm
from integrations.models import InboxMessage
from integrations.states import InboxStatus


@never_cache
@require_http_methods(["GET", "POST"])
@allowed_to(can_see_inbox)
def mend(request: HttpRequest, pk: int) -> HttpResponse:
    """The copy to edit. Each look at it is written down: it names a patient."""
    found = InboxMessage.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    if found.status != InboxStatus.REFUSED:
        notes.warning(request, _("It is no longer refused, so there is nothing to mend."))
        return redirect("inbox:message", pk)
    before = mending.as_text(found)
    form = MendForm(request.POST or None, initial={"body": before})
    if request.method == "POST" and form.is_valid() and "try" in request.POST:
        return _try(request, found, form)
    record("integrations.inbox.viewed", found, by=actor(request), at=clock.now())
    return _show(request, found, form, before)


def _try(request: HttpRequest, found: InboxMessage, form: MendForm) -> HttpResponse:
    body = mending.as_bytes(found, form.cleaned_data["body"])
    try:
        copy = actions.mend(message_id=found.pk, body=body, by=actor(request), at=clock.now())
    except actions.CannotMend as cannot:
        form.add_error("body", translated(str(cannot)))
        return _show(request, found, form, mending.as_text(found), status=409)
    notes.success(request, _("The mended copy is being tried. What came is kept beside it."))
    return redirect("inbox:message", copy.pk)


def _show(
    request: HttpRequest, found: InboxMessage, form: MendForm, before: str, *, status: int = 200
) -> HttpResponse:
    context = {"found": found, "form": form}
    if form.is_bound and form.is_valid():
        text = form.cleaned_data["body"]
        body = mending.as_bytes(found, text)
        context |= {
            "lines": mending.difference(before, text),
            "meaning": mending.meaning(found, body, at=found.received_at),
            "looked": True,
        }
    elif form.is_bound and status == 200:
        status = 422
    return render(request, "inbox/mend.html", context, status=status)
