"""A change of language in mid-call: what was typed finds its field again (static/js/drafts.js)."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from bench.desk_case import Case, Sizes, add_case
from crm.states import StaffLanguage
from tests.factories import NOW

pytestmark = pytest.mark.django_db

#: What a draft is named by: who types, the form's address or name, whom it is about, the field.
NAMED_BY = re.compile(r'\b(data-drafts|data-draft-as|data-about|action|name)="([^"?]*)')


@pytest.fixture
def case(db: None) -> Case:
    return add_case(Sizes(visits=2, texts=2, contacts=2, chart=2, waiting=2, free=2), at=NOW)


def speak(client: Client, language: StaffLanguage, here: str) -> str:
    """Choose it in the menu of the page, and come back to the page."""
    said = {"language": language}
    address = reverse("desk:language")
    return client.post(address, said, follow=True, headers={"Referer": here}).content.decode()


def test_every_field_is_called_the_same_in_both_languages(case: Case) -> None:
    agent, here = Client(), f"http://testserver/desk/{case.contact.pk}/"
    agent.force_login(case.agent, backend="django.contrib.auth.backends.ModelBackend")
    english, spanish = (speak(agent, one, here) for one in StaffLanguage)
    assert '<html lang="en">' in english
    assert '<html lang="es">' in spanish
    assert NAMED_BY.findall(english) == NAMED_BY.findall(spanish)
    assert f'data-drafts="{case.agent.pk}"' in spanish
