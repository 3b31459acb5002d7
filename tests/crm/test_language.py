"""What the staff's pages speak: chosen once, remembered, and only there."""

from __future__ import annotations

import datetime as dt

import pytest
from django import forms
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import formats, translation

from crm.actions import choose_language
from crm.engine import Actor
from crm.models import AuditEntry, User
from crm.states import StaffLanguage
from crm.web.language import COOKIE, StaffLanguageMiddleware
from tests.cast import Cast
from tests.factories import NOW

pytestmark = pytest.mark.django_db

SPANISH, ENGLISH = StaffLanguage.SPANISH, StaffLanguage.ENGLISH
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def agent(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.agent, backend=BACKEND)
    return client


@pytest.fixture
def ana(cast: Cast, agent: Client) -> Client:
    """The same agent, who chose Spanish."""
    User.objects.filter(pk=cast.agent.pk).update(language=SPANISH)
    return agent


def language_of(client: Client, address: str) -> str:
    page = client.get(address).content.decode()
    return page.partition('<html lang="')[2].partition('"')[0]


class TestChoosing:
    def test_is_kept_and_audited_once(self, cast: Cast) -> None:
        for _ in range(2):
            choose_language(user=cast.agent, language=SPANISH, by=Actor.user(cast.agent), at=NOW)
        assert User.objects.get(pk=cast.agent.pk).language == SPANISH
        [row] = AuditEntry.objects.filter(verb="crm.user.language-chosen")
        assert (row.actor_id, row.detail) == (cast.agent.pk, {"language": "es"})

    def test_leads_back_to_the_page_and_speaks_at_once(self, agent: Client) -> None:
        here = "http://testserver/tasks/?show=mine"
        answer = agent.post(reverse("desk:language"), {"language": "es"}, headers={"Referer": here})
        assert (answer.status_code, answer["Location"]) == (302, here)
        assert answer.cookies[COOKIE].value == "es"
        assert language_of(agent, here) == "es"

    @pytest.mark.parametrize(
        "here", ["https://elsewhere.example/tasks/", "//elsewhere.example", ""]
    )
    def test_leads_to_nobody_else(self, agent: Client, here: str) -> None:
        answer = agent.post(reverse("desk:language"), {"language": "es"}, headers={"Referer": here})
        assert answer["Location"] == reverse("desk:home")

    def test_a_page_that_answered_a_form_says_where_to_go(self, agent: Client) -> None:
        answer = agent.post(
            reverse("desk:language"),
            {"language": "es", "next": "/"},
            headers={"Referer": "http://testserver/tasks/7/done/"},
        )
        assert answer["Location"] == "/"

    def test_refuses_another_language_a_visitor_and_a_link(self, cast: Cast, agent: Client) -> None:
        address = reverse("desk:language")
        assert agent.post(address, {"language": "fr"}).status_code == 400
        assert agent.get(address).status_code == 405
        assert Client().post(address, {"language": "es"})["Location"] == reverse("desk:sign-in")
        assert User.objects.get(pk=cast.agent.pk).language == ENGLISH
        assert not AuditEntry.objects.filter(verb="crm.user.language-chosen").exists()

    def test_the_menu_marks_what_is_chosen(self, ana: Client) -> None:
        page = ana.get("/tasks/").content.decode()
        assert 'value="es" lang="es" aria-current="true"' in page
        assert 'value="en-us" lang="en">' in page


class TestSpeaking:
    def test_staff_hear_what_they_chose(self, ana: Client) -> None:
        assert language_of(ana, "/tasks/") == "es"
        assert language_of(ana, "/tasks/999999/") == "es"  # it is not there, and says so
        assert "Cerrar sesión" in ana.get("/tasks/").content.decode()
        assert translation.get_language() == "en-us"

    def test_english_needs_no_cookie(self, agent: Client) -> None:
        assert COOKIE not in agent.get("/tasks/").cookies
        assert language_of(agent, "/tasks/") == "en"

    def test_the_way_in_remembers(self, ana: Client) -> None:
        ana.get("/tasks/")
        ana.post(reverse("desk:sign-out"))
        assert language_of(ana, reverse("desk:sign-in")) == "es"
        assert language_of(ana, "/nowhere/") == "es"
        assert language_of(Client(), reverse("desk:sign-in")) == "en"

    def test_whoever_signs_in_next_hears_their_own(self, cast: Cast, ana: Client) -> None:
        ana.get("/tasks/")
        ana.force_login(cast.nurse, backend=BACKEND)
        assert ana.get("/tasks/").cookies[COOKIE].value == ENGLISH
        assert language_of(ana, "/tasks/") == "en"

    def test_a_forged_cookie_says_nothing(self) -> None:
        visitor = Client()
        visitor.cookies[COOKIE] = "../../x"
        assert language_of(visitor, reverse("desk:sign-in")) == "en"

    @pytest.mark.parametrize(
        ("address", "spoken"),
        [
            ("/tasks/", "es"),
            ("/openings/", "es"),
            ("/o/a-token/", "en-us"),
            ("/book/", "en-us"),
            ("/t/a-token/", "en-us"),
            ("/p/a-token/", "en-us"),
            ("/api/schema/", "en-us"),
            ("/webhooks/rest/slots/", "en-us"),
            ("/admin/", "en-us"),
        ],
    )
    def test_only_the_pages_of_the_staff(self, cast: Cast, address: str, spoken: str) -> None:
        heard = []

        def page(request: HttpRequest) -> HttpResponse:
            heard.append(translation.get_language())
            return HttpResponse()

        request = RequestFactory().get(address)
        request.user = cast.agent
        cast.agent.language = SPANISH
        StaffLanguageMiddleware(page)(request)
        assert heard == [spoken]

    def test_what_is_typed_is_read_as_in_english(self) -> None:
        """The month first; and a calendar of the browser takes nothing but 2026-03-04."""
        march = dt.date(2026, 3, 4)
        with translation.override(SPANISH):
            assert forms.DateField().clean("3/4/2026") == march
            assert 'value="2026-03-04"' in forms.DateInput().render("on", march)
            assert formats.localize(1234.5, use_l10n=True) == "1234.5"

    def test_it_costs_no_statement(self, cast: Cast, agent: Client) -> None:
        agent.get("/tasks/")
        counts = []
        for language in StaffLanguage:
            User.objects.filter(pk=cast.agent.pk).update(language=language)
            with CaptureQueriesContext(connection) as seen:
                agent.get("/tasks/")
            counts.append(len(seen))
        assert counts[0] == counts[1]
