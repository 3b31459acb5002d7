"""Booking links for staff: made, switched off, printed with a QR code, texted, counted."""

from __future__ import annotations

from io import BytesIO

import segno
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import clock
from crm.engine import record
from crm.models import User
from crm.permissions import can_keep_booking_links, can_view_openings
from crm.web import actor, allowed_to, csv_answer
from desk.self_service.actions.links import (
    LinkNotSent,
    add_link,
    address_of,
    send_link,
    switch_link,
)
from desk.self_service.link_forms import LinkForm, SendForm
from scheduling.actions.online_visits import set_online
from scheduling.models import BookingLink, Clinic, OnlineVisit, VisitType
from scheduling.states import SelfServiceStatus

COLUMNS = (
    *("name", "address", "site", "clinician", "visit", "language", "on", "made"),
    *("opened", "finished", "left", "stopped for safety"),
)


def _links() -> QuerySet[BookingLink]:
    """All of them, with what became of the sessions that began there."""
    ended = {
        name: Count("sessions", filter=Q(sessions__status=status))
        for name, status in (
            ("finished", SelfServiceStatus.DONE),
            ("left_off", SelfServiceStatus.LEFT),
            ("stopped", SelfServiceStatus.STOPPED),
        )
    }
    rows = BookingLink.objects.select_related("location", "role__provider", "visit_type")
    return rows.annotate(**ended).order_by("-is_active", "-created_at", "-pk")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_to(can_view_openings)
def links(request: HttpRequest) -> HttpResponse:
    """All links, and a form for one more."""
    may_keep = can_keep_booking_links(request.user)
    form = LinkForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not may_keep or not isinstance(request.user, User):
            raise PermissionDenied
        if form.is_valid():
            facts = form.cleaned_data
            made = add_link(user=request.user, by=actor(request), at=clock.now(), **facts)
            messages.success(request, "The link is made. Print its QR code, or copy its address.")
            return redirect("book-links:link", made.pk)
    context = {"links": _links(), "form": form, "may_keep": may_keep, "clinics": _clinics()}
    status = 422 if form.errors else 200
    return render(request, "self_service/links.html", context, status=status)


def _clinics() -> list[tuple[Clinic, list[tuple[VisitType, OnlineVisit | None]]]]:
    """Each clinic with the kinds of visit it has, and how patients may book them, if they may."""
    rows = Clinic.objects.select_related("location").prefetch_related(
        "visit_types", "online_visits__visit_type"
    )
    found = []
    for clinic in rows.order_by("location__name", "name"):
        online = {row.visit_type: row for row in clinic.online_visits.all()}
        kinds = sorted({*clinic.visit_types.all(), *online}, key=lambda kind: kind.name)
        found.append((clinic, [(kind, online.get(kind)) for kind in kinds]))
    return found


@never_cache
@require_safe
@allowed_to(can_view_openings)
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """One link with its code, and a form to text it."""
    return _link_page(request, get_object_or_404(_links(), pk=pk), SendForm())


def _link_page(
    request: HttpRequest, found: BookingLink, form: SendForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "link": found,
        "address": address_of(found),
        "form": form,
        "may_keep": can_keep_booking_links(request.user),
    }
    return render(request, "self_service/link.html", context, status=status)


@never_cache
@require_POST
@allowed_to(can_view_openings)
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Text the link, where that is allowed; else say why not."""
    found, form = get_object_or_404(_links(), pk=pk, is_active=True), SendForm(request.POST)
    if form.is_valid():
        try:
            number = form.cleaned_data["phone"]
            send_link(link=found, number=number, by=actor(request), at=clock.now())
        except LinkNotSent as refused:
            form.add_error("phone", str(refused))
        else:
            messages.success(request, "The link is on its way, as soon as their hours allow.")
            return redirect("book-links:link", pk)
    return _link_page(request, found, form, status=422)


@never_cache
@require_POST
@allowed_to(can_keep_booking_links)
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """On or off."""
    found, on = get_object_or_404(BookingLink, pk=pk), request.POST.get("on") == "1"
    switch_link(link=found, on=on, by=actor(request), at=clock.now())
    messages.success(request, "The link can be used." if on else "The link is switched off.")
    return redirect("book-links:link", pk)


@never_cache
@require_POST
@allowed_to(can_keep_booking_links)
def online(request: HttpRequest) -> HttpResponse:
    """Which kinds of visit one clinic opens for booking by patients."""
    clinic = get_object_or_404(Clinic, pk=_number(request.POST.get("clinic", "")))
    chosen = {_number(value) for value in request.POST.getlist("kind")}
    named = {
        pk: (_name(request, f"en-{pk}"), _name(request, f"es-{pk}"))
        for pk in VisitType.objects.filter(pk__in=chosen).values_list("pk", flat=True)
    }
    set_online(clinic=clinic, named=named, by=actor(request), at=clock.now())
    messages.success(request, f"Kept for {clinic.name}.")
    return redirect("book-links:links")


def _name(request: HttpRequest, field: str) -> str:
    return " ".join(request.POST.get(field, "").split())[:80]


def _number(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


@never_cache
@require_safe
@allowed_to(can_view_openings)
def poster(request: HttpRequest, pk: int) -> HttpResponse:
    """A sheet to print: the code, the address, and what it is for, in both languages."""
    found = get_object_or_404(_links(), pk=pk)
    shown = address_of(found).split("://", 1)[-1]
    return render(request, "self_service/poster.html", {"link": found, "address": shown})


@require_safe
@allowed_to(can_view_openings)
def qr(request: HttpRequest, pk: int) -> HttpResponse:
    """The QR code as SVG, made here: nobody else learns of the address."""
    found, drawn = get_object_or_404(BookingLink, pk=pk), BytesIO()
    code = segno.make(address_of(found), error="m", micro=False)
    code.save(drawn, kind="svg", scale=8, border=4, dark="#000", light="#fff")
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml")


@never_cache
@require_safe
@allowed_to(can_view_openings)
def export(request: HttpRequest) -> HttpResponse:
    """All links with their figures, as CSV."""
    by, at = actor(request), clock.now()
    rows = list(_links())
    record("scheduling.links.exported", request.user, by=by, at=at, rows=len(rows))  # type: ignore[arg-type]
    return csv_answer("booking-links.csv", COLUMNS, (_row(row) for row in rows))


def _row(row: BookingLink) -> tuple[object, ...]:
    counts = (getattr(row, name) for name in ("finished", "left_off", "stopped"))
    return (
        row.name,
        address_of(row),
        row.location or "",
        row.role.provider if row.role else "",
        row.visit_type or "",
        row.language,
        "on" if row.is_active else "off",
        row.created_at.date(),
        row.uses,
        *counts,
    )
