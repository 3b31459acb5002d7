"""The way in, and where it leads."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import clock
from crm.actions import choose_language
from crm.engine import Actor, record
from crm.models import User
from crm.permissions import can_edit_rules, can_take_calls, can_view_openings
from crm.states import StaffLanguage
from crm.web import actor
from desk import signing_in
from desk.forms import FirstAdminForm

_BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page that this person may see."""
    if not request.user.is_authenticated:
        return redirect("desk:sign-in")
    if can_take_calls(request.user) and not can_edit_rules(request.user):
        return redirect("desk:screen")
    if can_view_openings(request.user):
        return redirect("waitlist:openings")
    return render(request, "desk/home.html")


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """By one click in a demo, else by name and password."""
    if request.method == "POST" and "role" in request.POST:
        user = signing_in.find_demo_user(request.POST["role"])
        return _enter(request, user) if user else _page(request, status=422)
    if signing_in.demo_roles():
        return _page(request)
    form = AuthenticationForm(request, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _enter(request, form.get_user())
    return _page(request, form=form, status=422 if form.errors else 200)


def _page(
    request: HttpRequest, *, form: AuthenticationForm | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "demo_roles": signing_in.demo_roles(),
        "form": form,
        "next": request.GET.get("next", request.POST.get("next", "")),
        "has_ended": request.method == "GET" and "ended" in request.GET,
    }
    return render(request, "desk/sign_in.html", context, status=status)


def _enter(request: HttpRequest, user: User) -> HttpResponse:
    login(request, user, backend=_BACKEND)
    record("crm.user.signed-in", user, by=Actor.user(user), at=clock.now())
    return redirect(_safe(request, request.POST.get("next", "")))


def _safe(request: HttpRequest, going: str) -> str:
    """An address of ours, or the first page instead."""
    ours = url_has_allowed_host_and_scheme(going, {request.get_host()}, request.is_secure())
    return going if ours else reverse("desk:home")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        record("crm.user.signed-out", request.user, by=Actor.user(request.user), at=clock.now())
    logout(request)
    return redirect(settings.LOGIN_URL)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """What the pages speak to whoever asks; back to where they are."""
    if not isinstance(request.user, User):
        return redirect(settings.LOGIN_URL)
    try:
        chosen = StaffLanguage(request.POST.get("language", ""))
    except ValueError as error:
        raise BadRequest("no language of ours") from error
    choose_language(user=request.user, language=chosen, by=actor(request), at=clock.now())
    # The desk changes its address as one works, so the browser knows best where they are; a page
    # that answered a form has an address that can't be opened, and says `next`.
    here = request.POST.get("next") or request.headers.get("Referer", "")
    return redirect(_safe(request, here))


@never_cache
@require_http_methods(["GET", "POST"])
def first_admin(request: HttpRequest, token: str) -> HttpResponse:
    """The one-time link that `make up` prints outside demo mode."""
    if not signing_in.is_first_admin_token(token):
        return HttpResponseNotFound(render(request, "desk/first_admin_over.html").content)
    form = FirstAdminForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = signing_in.make_first_admin(
            username=form.cleaned_data["username"],
            password=form.cleaned_data["password1"],
            at=clock.now(),
        )
        if user is not None:
            return _enter(request, user)
    status = 422 if form.errors else 200
    return render(request, "desk/first_admin.html", {"form": form}, status=status)
