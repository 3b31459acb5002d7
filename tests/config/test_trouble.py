"""What a request hears while the database cannot serve it."""

from __future__ import annotations

import pytest
from django.db import DataError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from config.trouble import RETRY_AFTER, TroubleMiddleware


def test_a_view_without_a_database_answers_503_and_when_to_ask_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No database mark: whatever touches it here fails, so the page does not."""

    def refuse(*args: object, **kwargs: object) -> HttpResponse:
        raise OperationalError("FATAL: sorry, too many clients already")

    monkeypatch.setattr("desk.views.render", refuse, raising=False)
    monkeypatch.setattr("django.contrib.auth.views.LoginView.dispatch", refuse)
    answer = Client().get(reverse("desk:sign-in"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, str(RETRY_AFTER))
    said = answer.content.decode()
    assert "Nothing was saved" in said
    assert "too many clients" not in said


def test_other_errors_are_left_to_others() -> None:
    middleware = TroubleMiddleware(lambda request: HttpResponse())
    assert middleware.process_exception(HttpRequest(), DataError("bad value")) is None
