"""Pages that only the tests of the base templates know."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.urls import path

from config.urls import urlpatterns as real

HERE = Path(__file__).parent
fetched = itertools.count(1)


@dataclass(frozen=True, slots=True)
class DemoRole:
    key: str
    label: str
    blurb: str


ROLES = [
    DemoRole(key, key.title(), "What that person sees.")
    for key in ("agent", "nurse", "front-desk", "manager", "marketing", "admin")
]


def _page(request: HttpRequest, source: str, **context: object) -> HttpResponse:
    template = engines["django"].from_string((HERE / source).read_text("utf-8"))
    return HttpResponse(template.render(context, request))


def probe(request: HttpRequest) -> HttpResponse:
    return _page(request, "probe.html", statuses=(200, 409, 422, 403, 500))


def patient(request: HttpRequest) -> HttpResponse:
    return _page(request, "probe_patient.html", lang=request.GET.get("lang", "en"))


def count(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"fetched {next(fetched)}")


def answer(request: HttpRequest) -> HttpResponse:
    status = int(request.POST["status"])
    return HttpResponse(f"answered {status}", status=status)


def say(request: HttpRequest) -> HttpResponse:
    messages.success(request, "Opening paused.")
    return _page(request, "probe.html", statuses=())


def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return HttpResponse(f"signed in as {request.POST['role']}, then {request.POST['next']}")
    return render(request, "desk/sign_in.html", {"demo_roles": ROLES, "next": "/openings/"})


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


urlpatterns = [
    path("probe/", probe),
    path("probe/patient/", patient),
    path("probe/count/", count),
    path("probe/answer/", answer),
    path("probe/say/", say),
    path("probe/sign-in/", sign_in),
    path("probe/broken/", broken),
    *real,
]
