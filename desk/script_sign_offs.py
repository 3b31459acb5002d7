"""Sign-offs and training: who may take what alone, who practiced, and beginning to practice."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from crm import clock
from crm.models import Interaction, User
from crm.permissions import can_sign_off, can_take_calls, can_view_knowledge
from crm.web import actor, allowed_to
from desk.actions.sign_offs import MayNotSignOff, sign_off, start_training
from desk.knowledge_views import user_of
from desk.models import CallType
from desk.queries.sign_offs import sign_off_table, training_contacts

#: Training of so many days is shown.
LOOKS_BACK = dt.timedelta(days=30)


class SignOffForm(forms.Form):
    """Whom, for what, and after which training."""

    user = forms.ModelChoiceField(User.objects.filter(is_active=True))
    call_type = forms.ModelChoiceField(CallType.objects.all(), to_field_name="code")
    training = forms.ModelChoiceField(Interaction.objects.filter(is_training=True), required=False)
    note = forms.CharField(max_length=300, required=False)


@never_cache
@require_safe
@allowed_to(can_view_knowledge)
def sign_offs(request: HttpRequest) -> HttpResponse:
    """The supervisor's page; an agent finds their own line in it, and where to practice."""
    user = user_of(request)
    may = can_sign_off(user)
    table = sign_off_table()
    trained = training_contacts(since=clock.now() - LOOKS_BACK)
    context = {
        "table": table if may else [row for row in table if row[0] == user],
        "kinds": list(CallType.objects.filter(needs_sign_off=True, is_active=True)),
        "all_kinds": list(CallType.objects.filter(is_active=True)),
        "trained": trained if may else trained.filter(agent=user),
        "may_sign_off": may,
        "names": dict(CallType.objects.values_list("code", "name")),
    }
    return render(request, "scripts/sign_offs.html", context)


@never_cache
@require_POST
@allowed_to(can_sign_off)
def give(request: HttpRequest) -> HttpResponse:
    """Somebody may take such calls alone, by the script that is in force."""
    form = SignOffForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose who is signed off, and for which kind of call.")
        return redirect("desk:sign-offs")
    try:
        made = sign_off(
            **form.cleaned_data, supervisor=user_of(request), by=actor(request), at=clock.now()
        )
    except MayNotSignOff as refused:
        messages.error(request, str(refused))
        return redirect("desk:sign-offs")
    name = form.cleaned_data["user"].get_full_name()
    kind = form.cleaned_data["call_type"].name
    told = "may take" if made else "may already take"
    messages.success(request, f"{name} {told} “{kind}” alone.")
    return redirect("desk:sign-offs")


@never_cache
@require_POST
@allowed_to(can_take_calls)
def practice(request: HttpRequest, code: str) -> HttpResponse:
    """Open a contact with a made-up patient; nothing of it leaves the desk."""
    call_type = CallType.objects.filter(code=code, is_active=True).first()
    if call_type is None:
        raise Http404
    language = "es" if request.POST.get("language") == "es" else "en"
    contact = start_training(
        user=user_of(request),
        call_type=call_type,
        language=language,
        by=actor(request),
        at=clock.now(),
    )
    return redirect("desk:screen-contact", contact.pk)
