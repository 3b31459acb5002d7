"""The way in, and where it leads."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import clock
from crm.engine import Actor, record
from crm.models import User
from crm.permissions import can_edit_rules, can_take_calls, can_view_openings
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
    }
    return render(request, "desk/sign_in.html", context, status=status)


def _enter(request: HttpRequest, user: User) -> HttpResponse:
    login(request, user, backend=_BACKEND)
    record("crm.user.signed-in", user, by=Actor.user(user), at=clock.now())
    going = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(going, {request.get_host()}, request.is_secure())
    return redirect(going if safe else reverse("desk:home"))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        record("crm.user.signed-out", request.user, by=Actor.user(request.user), at=clock.now())
    logout(request)
    return redirect(settings.LOGIN_URL)


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
