"""What is not FHIR: the page for people, the switches, and a hand that takes slots."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone

from integrations.practice_ehr import slots
from integrations.practice_ehr.documents import KINDS
from integrations.practice_ehr.faults import describe, read_switches, set_switches
from integrations.practice_ehr.models import Document
from integrations.practice_ehr.outcomes import FhirError
from integrations.practice_ehr.responses import document_response
from integrations.practice_ehr.views import base_url, read_body


def home(request: HttpRequest) -> HttpResponse:
    """What this is, how much it holds, and how it is told to misbehave."""
    counts = dict(Document.objects.values_list("kind").annotate(Count("pk")))
    now = timezone.now()
    ahead = Document.objects.filter(kind="Slot", starts_at__gte=now).aggregate(
        free=Count("pk", filter=Q(status="free")), busy=Count("pk", filter=Q(status="busy"))
    )
    context = {
        "base_url": base_url(request),
        "practice_url": request.build_absolute_uri("/practice"),
        "counts": [(kind, counts.get(kind, 0)) for kind in KINDS],
        "slots_ahead": ahead,
        "switches": [
            (name, ("no", "yes")[value] if isinstance(value, bool) else value)
            for name, value in describe(read_switches()).items()
        ],
    }
    return render(request, "practice_ehr/home.html", context)


def style(request: HttpRequest) -> HttpResponse:
    """The page's style sheet."""
    return HttpResponse(render_to_string("practice_ehr/home.css"), content_type="text/css")


def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the tables can be reached."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM practice_ehr_switches LIMIT 1")
    return JsonResponse({"status": "ok"})


def switches(request: HttpRequest) -> JsonResponse:
    """GET the switches, PUT those that shall change."""
    if request.method == "PUT":
        return JsonResponse(describe(set_switches(read_body(request))))
    if request.method != "GET":
        raise FhirError(405, "Only GET and PUT are possible here.")
    return JsonResponse(describe(read_switches()))


def take_slot(request: HttpRequest, slot_id: str) -> HttpResponse:
    """The front desk gives the slot to somebody on the phone: busy, without a visit to see."""
    if request.method != "POST":
        raise FhirError(405, "Only POST is possible here.")
    with transaction.atomic():
        slots.take(slot_id=slot_id, at=timezone.now())
    return document_response(Document.objects.get(kind="Slot", fhir_id=slot_id))
