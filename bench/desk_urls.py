"""Firstcall's addresses, and one page that does no more than let an agent in and read one row."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from crm.models import Patient
from crm.permissions import can_take_calls
from crm.web import allowed_to


@allowed_to(can_take_calls)
def bare(request: HttpRequest, pk: int) -> HttpResponse:
    """The floor of `bench.desk`."""
    return HttpResponse(str(Patient.objects.get(pk=pk)))


urlpatterns = [
    path("bench/bare/<int:pk>/", bare),
    path("", include("config.urls")),
]
