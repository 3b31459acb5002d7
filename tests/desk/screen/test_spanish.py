"""The desk in Spanish: its own words are translated, and what is kept stays English."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import translation

from bench.desk_case import Case, Sizes, add_case
from crm.models import User
from crm.rules.said import say, say_all, say_count
from crm.saying import translated
from crm.states import StaffLanguage
from scheduling.rules.words import say_days, say_list, say_when
from tests.factories import NOW

#: Words that Python makes, as an agent reads them on the whole screen; and some of them in Spanish.
ENGLISH = (
    *("On a contact", "30:00 left", "sex unknown", "birth date, ZIP", "Wed Dec 16, 10:00 AM"),
    *("EHR 1 min ago", "ordered Oct", "due by Dec", "Say: not ready yet", "Have it sent"),
    *("refills left", "checked 1 min ago", "What to do before the visit", "Mobile"),
)
SPANISH = (
    *("En un contacto", "quedan 30:00", "mié 16 dic, 10:00 AM", "EHR hace 1 min", "ordenado el"),
    *("Diga: aún no está listo", "Pedir que se envíe", "resurtidos", "Móvil"),
)
SEVERAL = Sizes(visits=5, texts=5, contacts=5, chart=8, waiting=3, free=3)


@pytest.fixture
def spanish() -> Iterator[None]:
    with translation.override("es"):
        yield


class TestSaid:
    NAMED = say("%(who)s was faster, and has taken it.", who="May")

    def test_is_english_wherever_it_is_kept(self, spanish: None) -> None:
        assert json.dumps([self.NAMED]) == '["May was faster, and has taken it."]'
        assert str(ValueError(self.NAMED)) == "May was faster, and has taken it."

    def test_is_said_in_the_language_of_the_page(self, spanish: None) -> None:
        assert translated(str(ValueError(self.NAMED))) == "May se adelantó y lo tomó."

    def test_is_as_it_was_on_an_english_page(self) -> None:
        assert translated(self.NAMED) is self.NAMED
        assert translated("Every seat is taken.") == "Every seat is taken."

    def test_translates_what_it_is_made_of_and_no_name(self, spanish: None) -> None:
        first = say_list([say("a referral"), "MRI", say("the outside records")])
        assert translated(first) == "una referencia, MRI y los expedientes externos"
        assert translated(say_all([say_days(1), say_days(30)], "; ")) == "1 día; 4 semanas"

    def test_says_days_in_their_order(self, spanish: None) -> None:
        assert (
            translated(say_when(dt.datetime(2026, 12, 1, 9, 40, tzinfo=dt.UTC)))
            == "mar 1 dic a las 9:40 AM"
        )

    def test_counts(self) -> None:
        assert say_count("%(n)s week", "%(n)s weeks", n=1) == "1 week"
        assert say_count("%(n)s week", "%(n)s weeks", n=2) == "2 weeks"


@pytest.mark.django_db
class TestTheScreen:
    @pytest.fixture
    def case(self) -> Case:
        return add_case(SEVERAL, at=NOW)

    @pytest.fixture
    def agent(self, case: Case) -> Client:
        client = Client()
        client.force_login(case.agent, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def test_says_nothing_of_its_own_in_english(self, case: Case, agent: Client) -> None:
        User.objects.filter(pk=case.agent.pk).update(language=StaffLanguage.SPANISH)
        read = self._read(agent, case)
        assert [word for word in ENGLISH if word in read] == []
        assert [word for word in SPANISH if word not in read] == []

    def test_says_the_same_in_english_as_ever(self, case: Case, agent: Client) -> None:
        read = self._read(agent, case)
        assert [word for word in ENGLISH if word not in read] == []
        assert [word for word in SPANISH if word in read] == []

    def _read(self, agent: Client, case: Case) -> str:
        """The page and the panels that come after it, as text."""
        parts = ("", "rest/")
        pages = (agent.get(f"/desk/{case.contact.pk}/{part}").content.decode() for part in parts)
        return re.sub(r"\s+", " ", "".join(pages))
