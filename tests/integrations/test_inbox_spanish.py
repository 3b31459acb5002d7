"""The inbox in Spanish: its own words are translated, and what is kept and sent stays English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import translation

from crm.engine import run_step
from crm.models import User
from crm.states import StaffLanguage
from integrations.hl7v2.codes import MAX_KEY, key
from integrations.hl7v2.errors import Hl7Refused
from integrations.hl7v2.times import BadStamp, read_stamp
from integrations.inbox.actions import receive_hl7
from integrations.inbox.door import note_turned_away
from integrations.inbox.said import WITH_FIGURES, say_chosen, say_outcome
from integrations.models import Hl7Sender, InboxMessage, Replay
from integrations.states import Door, InboxStatus
from tests.cast import Cast
from tests.conventions import words
from tests.factories import NOW
from tests.integrations.hl7 import event, lines, sch
from tests.integrations.test_inbox_views import client_of, text_of

CHICAGO = "America/Chicago"
#: Two sentences that are one message of the catalog.
SHORT_CODE = (
    "Un mensaje de texto de un código corto o un nombre: no hay a quién responder. No se guardó."
)


@pytest.fixture(autouse=True)
def _at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def spanish() -> Iterator[None]:
    with translation.override("es"):
        yield


class TestOutcomes:
    def test_are_english_on_an_english_page(self) -> None:
        assert say_outcome("SCH-2 is longer than 200 characters.").startswith("SCH-2 is longer")
        assert say_chosen("all refused, of APP|FAC") == "all refused, of APP|FAC"

    @pytest.mark.parametrize(
        ("kept", "shown"),
        [
            ("We know no such visit of this sender.", "No conocemos esa cita de este remitente."),
            (
                "Registered a visit, booked. The visit has a new time.",
                "Se registró una cita: reservada. La cita tiene un horario nuevo.",
            ),
            (
                "A text from a short code or a name: nobody to answer to. It was not kept. Anna",
                f"{SHORT_CODE} Anna",
            ),
            (
                "Slot is free now; it was busy.",
                "Estado del horario: ahora libre; antes ocupado.",
            ),
            ("Asked them by mail. Anna will call.", "Asked them by mail. Anna will call."),
            ("", ""),
        ],
    )
    def test_are_said_sentence_by_sentence(self, spanish: None, kept: str, shown: str) -> None:
        assert say_outcome(kept) == shown

    def test_know_their_figures_where_they_are_made(self, spanish: None) -> None:
        with pytest.raises(Hl7Refused) as too_long:
            key("x" * (MAX_KEY + 1), field="SCH-2")
        said = say_outcome(too_long.value.sentence)
        assert said == f"SCH-2 tiene más de {MAX_KEY} caracteres."
        with pytest.raises(BadStamp) as bad:
            read_stamp("20261201", ZoneInfo(CHICAGO))
        assert say_outcome(f"TQ1-7 {bad.value}") == "TQ1-7 indica un día sin hora."

    @pytest.mark.parametrize("sentence", WITH_FIGURES)
    def test_are_still_written_so_somewhere(self, sentence: str) -> None:
        """One that was reworded where it is made would be English again, and nobody told."""
        bare = re.sub(r"^%\(\w+\)s ", "", sentence)
        fixed = (re.escape(part) for part in re.split(r"%\(\w+\)s", bare))
        assert re.search(r"(?:\{[^{}]+\}|\|\S+?)".join(fixed), words.written())

    def test_say_what_was_chosen_for_a_replay(self, spanish: None) -> None:
        assert say_chosen("3 ticked") == "3 marcados"
        assert say_chosen("all refused, HL7 v2, of A|B") == "todos los rechazados, HL7 v2, de A|B"


@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    def manager(self, cast: Cast) -> Client:
        User.objects.filter(pk=cast.manager.pk).update(language=StaffLanguage.SPANISH)
        return client_of(cast.manager)

    @pytest.fixture
    def refused(self) -> InboxMessage:
        Hl7Sender.objects.create(name="APP|FAC", zone=CHICAGO)
        answer = receive_hl7(
            lines(MSH=event("S15"), SCH=sch("Cancelled", f2="F77")), peer="10.0.0.4", at=NOW
        )
        assert b"We know no such visit" in answer
        return InboxMessage.objects.get(status=InboxStatus.REFUSED)

    def test_show_a_message_and_keep_it_as_it_was(
        self, manager: Client, refused: InboxMessage
    ) -> None:
        shown = text_of(manager.get(reverse("inbox:message", args=[refused.pk])))
        for said in ("No conocemos esa cita", "Rechazado", "Corregir una copia…", "Qué ocurrió"):
            assert said in shown
        assert "We know no such" not in text_of(manager.get(reverse("inbox:messages")))
        refused.refresh_from_db()
        assert refused.outcome == "We know no such visit of this sender."

    def test_name_a_replay_in_english_where_it_is_kept(
        self, manager: Client, refused: InboxMessage
    ) -> None:
        manager.post(reverse("inbox:replay-start"), {"status": "refused", "kind": "hl7v2"})
        job = Replay.objects.get()
        assert job.chosen == "all refused, HL7 v2"
        run_step("integrations.replay", job.pk, at=NOW)
        shown = text_of(manager.get(reverse("inbox:replay-progress", args=[job.pk])))
        for said in ("Todos los rechazados, HL7 v2", "Hecho", "Rechazados de nuevo"):
            assert said in shown

    def test_say_how_a_sender_is_read(self, manager: Client, refused: InboxMessage) -> None:
        address = reverse("inbox:sender", args=[Hl7Sender.objects.get().pk])
        shown = text_of(manager.get(address))
        for said in ("Juego de caracteres", "responder AR", "Uno por línea: código = booked"):
            assert said in shown
        looked = manager.post(address, {"zone": "Mars/Base", "charset": "utf-8", "look": "1"})
        assert "No es una zona horaria IANA" in text_of(looked)

    def test_say_who_was_turned_away(self, manager: Client) -> None:
        said = "The body is longer than 500 bytes."
        note_turned_away(door=Door.CALLS, peer="", reason="too-large", sentence=said, at=NOW)
        shown = text_of(manager.get(reverse("inbox:turned-away")))
        for words_shown in ("El cuerpo tiene más de 500 bytes.", "Llamadas", "desconocido"):
            assert words_shown in shown
        assert said in text_of(manager.get(reverse("inbox:turned-away-export")))
