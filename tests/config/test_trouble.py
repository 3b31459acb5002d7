"""What a request hears while the database cannot serve it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import DataError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from config.trouble import RETRY_AFTER, TroubleMiddleware
from config.up.valkey import free_port
from crm.web.language import COOKIE


@pytest.fixture
def nobody_answers(django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Where the database should be, nothing listens."""
    with django_db_blocker.unblock():
        connection.close()
        with monkeypatch.context() as moved:
            moved.setitem(connection.settings_dict, "HOST", "127.0.0.1")
            moved.setitem(connection.settings_dict, "PORT", str(free_port()))
            yield
            connection.close()


@pytest.fixture
def colleague() -> Client:
    """Their browser holds a session; whose it is stands in the database alone."""
    client = Client(raise_request_exception=False)
    client.cookies[configured.SESSION_COOKIE_NAME] = "k" * 32
    return client


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


@pytest.mark.fault(4)
@pytest.mark.usefixtures("nobody_answers")
class TestWhoIsSignedIn:
    """Who asks is read before any view is reached."""

    @pytest.mark.parametrize("path", ["/", "/desk/", "/nowhere/", "/api/schema/", "/admin/"])
    def test_hears_503_and_when_to_ask_again(self, colleague: Client, path: str) -> None:
        answer = colleague.get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, str(RETRY_AFTER))
        said = answer.content.decode()
        assert "Nothing was saved" in said
        assert "127.0.0.1" not in said

    def test_reads_it_in_their_language(self, colleague: Client) -> None:
        colleague.cookies[COOKIE] = "es"
        assert '<html lang="es">' in colleague.get("/desk/").content.decode()

    def test_is_written_down_once(
        self, colleague: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.ERROR):
            colleague.get("/desk/")
        ours = [line for line in caplog.messages if "database.trouble" in line]
        assert len(ours) == 1, caplog.messages


@pytest.mark.parametrize(
    ("error", "status"),
    [(OperationalError, 503), (InterfaceError, 503), (DataError, 500), (RuntimeError, 500)],
)
def test_whatever_else_fails_before_a_view_is_no_trouble_of_the_database(
    colleague: Client, monkeypatch: pytest.MonkeyPatch, error: type[Exception], status: int
) -> None:
    def fail(*args: object) -> None:
        raise error("on purpose")

    monkeypatch.setattr("django.contrib.auth.middleware.get_user", fail)
    answer = colleague.get("/desk/")
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) is (status == 503)
    assert "on purpose" not in answer.content.decode()
