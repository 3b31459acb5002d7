"""A call that rings at an agent's telephone: possible names on their desk, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.models import Agent, AuditEntry, Event, Interaction, QueueEntry, User
from crm.rules.calls import CallNews
from crm.states import CallStatus, EntryStatus, Role, StaffLanguage
from tests.cast import Cast
from tests.crm.center import agent, hear, line, queue
from tests.factories import ProxyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def dana(cast: Cast) -> User:
    """Free, at extension 201, behind a line that asks for Spanish."""
    ProxyFactory.create(patient=cast.patient, name="Bea Sol", relationship="daughter", phone=None)
    line(queue("spanish", "es"), language="es")
    return agent("es", extension="201", roles=[Role.AGENT])


def rings(cast: Cast, *, at: str = "201", n: float = 0, **said: str) -> Interaction:
    told: dict[str, Any] = {"caller": str(cast.phone.number), "extension": at} | said
    return hear(CallNews.RANG, n, **told).interaction


def desk_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_ring_shows_possible_names_the_line_and_the_language_before_it_is_answered(
    cast: Cast, dana: User
) -> None:
    contact = rings(cast)
    page = desk_of(dana).get("/desk/left/").content.decode()
    card = page.split(f'id="rings-{contact.pk}"')[1].split("</section>")[0]
    assert "Rosa D." in card
    assert "It is their number." in card
    assert "Spanish line" in card
    assert "Spanish</p>" in card
    assert f"/desk/claim/{QueueEntry.objects.get().pk}/" in card
    # Names only, and the same caller in no second place.
    for kept_back in ("Delgado", "1972", "MRN"):
        assert kept_back not in page
    assert 'id="entry-' not in page
    seen = AuditEntry.objects.filter(verb="crm.patient.viewed", patient_id=cast.patient.pk)
    assert seen.count() == 1


def test_a_ring_speaks_the_language_of_whoever_it_rings_for(cast: Cast, dana: User) -> None:
    User.objects.filter(pk=dana.pk).update(language=StaffLanguage.SPANISH)
    contact = rings(cast)
    page = desk_of(dana).get("/desk/left/").content.decode()
    card = page.split(f'id="rings-{contact.pk}"')[1].split("</section>")[0]
    assert "español</p>" in card
    assert "Es su número." in card


def test_a_ring_shows_on_no_other_desk_and_a_wait_in_a_queue_names_nobody(
    cast: Cast, dana: User
) -> None:
    sam = agent("es", extension="202", roles=[Role.AGENT])
    rings(cast)
    page = desk_of(sam).get("/desk/left/").content.decode()
    assert "Rosa" not in page
    assert 'id="entry-' in page
    assert not AuditEntry.objects.filter(patient_id=cast.patient.pk).exists()


def test_it_opens_by_itself_though_not_over_a_contact_in_hand(cast: Cast, dana: User) -> None:
    client = desk_of(dana)
    contact = rings(cast)
    opens = client.get("/desk/pop/?shown=&known=", headers={"hx-request": "true"})
    assert f"/desk/{contact.pk}/" in opens["HX-Location"]
    assert client.get(f"/desk/pop/?shown=&known={contact.pk}").status_code == 204
    assert client.get("/desk/")["location"] == f"/desk/{contact.pk}/"
    page = client.get(f"/desk/{contact.pk}/").content.decode()
    assert "Answer" in page
    assert "Rosa D." in page
    assert f"live:contact:{contact.pk} from:body" in page  # it may end before it is answered
    assert "This one" not in page  # nobody is chosen before somebody has answered
    other = rings(cast, n=5, source_id="c2")
    assert client.get(f"/desk/pop/?shown={contact.pk}&known={contact.pk}").status_code == 204
    client.post(f"/desk/{contact.pk}/take/")
    assert client.get(f"/desk/pop/?shown={contact.pk}&known={contact.pk}").status_code == 204
    assert f'id="rings-{other.pk}"' in client.get("/desk/left/").content.decode()


def test_the_desk_of_each_at_whose_telephone_it_rings_is_told_once(cast: Cast, dana: User) -> None:
    page = desk_of(dana).get("/desk/").content.decode()
    assert f"live:crm.call-rings:crm.agent:{dana.agent.pk} from:body" in page
    agent("es", extension="202")
    rings(cast)
    rings(cast, n=1, at="202")
    rings(cast, n=1, at="202")
    told = Event.objects.filter(name="crm.call-rings").order_by("pk")
    keys = list(Agent.objects.filter(extension__in=["201", "202"]).order_by("extension"))
    assert [event.subject_id for event in told] == [one.pk for one in keys]


@pytest.mark.parametrize(
    "news", [CallNews.MISSED, CallNews.ANSWERED, CallNews.ABANDONED, CallNews.ENDED]
)
def test_it_rings_no_longer_once_it_was_missed_answered_or_is_over(
    cast: Cast, dana: User, news: CallNews
) -> None:
    contact = rings(cast)
    told: dict[str, Any] = (
        {"extension": "201"} if news in {CallNews.MISSED, CallNews.ANSWERED} else {}
    )
    hear(news, 20, **told)
    assert "rings-title" not in desk_of(dana).get("/desk/left/").content.decode()
    missed = news is CallNews.MISSED
    contact.call.refresh_from_db()
    assert (contact.call.status == CallStatus.RINGING) == missed
    assert QueueEntry.objects.filter(status=EntryStatus.WAITING).exists() == missed


def test_of_two_at_whose_telephones_it_rings_one_gets_it(cast: Cast, dana: User) -> None:
    sam = agent("es", extension="202", roles=[Role.AGENT], first_name="Sam", last_name="Ode")
    contact = rings(cast)
    rings(cast, n=1, at="202")
    first, second = desk_of(dana), desk_of(sam)
    for each in (first, second):
        assert "rings-title" in each.get("/desk/left/").content.decode()
    wait = QueueEntry.objects.get()
    assert second.post(f"/desk/claim/{wait.pk}/").status_code == 302
    assert first.post(f"/desk/claim/{wait.pk}/").status_code == 409
    assert first.post(f"/desk/{contact.pk}/take/").status_code == 409
    assert Interaction.objects.get().agent == sam
    assert "rings-title" not in first.get("/desk/left/").content.decode()


def test_a_ring_at_a_telephone_takes_nobody_out_of_the_queue_where_they_are(
    cast: Cast, dana: User
) -> None:
    """Handed to the nurses while it waits: their telephone rings, and the wait stays theirs."""
    rings(cast, at="")
    nurses = queue("nurse", "nurse")
    QueueEntry.objects.update(queue=nurses)
    rings(cast, n=9)
    assert QueueEntry.objects.get().queue == nurses
    hear(CallNews.PRESSED, 12, key="8", extension="201")  # a key leads on, whatever else it says
    assert QueueEntry.objects.get().queue.code == "spanish"


def test_each_that_rings_takes_a_fixed_number_of_statements(cast: Cast, dana: User) -> None:
    client = desk_of(dana)
    rings(cast, at="", source_id="c0")
    client.get("/desk/left/")
    before = _count(client)
    rings(cast)
    assert _count(client) == before + 6  # five for the names, one for the audit


def _count(client: Client) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get("/desk/left/").status_code == 200
    return len(found)
