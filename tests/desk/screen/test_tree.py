"""A decision tree in the conversation: asked in the dialog, and its end looked for here."""

from __future__ import annotations

import pytest
from django.urls import reverse

from desk.screen.contact import read_contact
from desk.screen.tree_views import facts_of
from scheduling.models import DecisionTree, TreeRun, VisitType
from scheduling.states import AppointmentStatus
from tests.desk.screen.conftest import Desk
from tests.desk.test_task_views import text_of
from tests.factories import NOW, AppointmentFactory, SlotFactory

WORDS = "an appointment for my knee"


def test_words_that_name_no_visit_lead_to_the_tree_and_it_to_the_times(
    desk: Desk,
    knee: DecisionTree,
) -> None:
    desk.know()
    talk = desk.post("reason", reason=WORDS)
    assert f'action="{desk.url("tree", knee.pk)}"' in text_of(talk)
    asked = desk.post("tree", knee.pk)
    run = TreeRun.objects.get()
    assert (run.patient, run.channel) == (desk.patient, "voice")
    assert run.version.tree == knee
    answer = reverse("desk:tree-answer", args=[run.pk])
    assert f'hx-post="{answer}"' in asked.content.decode()
    assert "Did it begin with an injury?" in text_of(asked)  # how old they are is known
    said = {"question": "q2", "answer": "a2"}
    ended = desk.client.post(answer, said, headers={"hx-request": "true"})
    kind = VisitType.objects.get(code="BONES-NEW")  # nor was it asked whether they were here
    assert f"{desk.url('talk')}?visit_type={kind.pk}" in text_of(ended)


def test_what_is_known_answers_itself_once_they_are_verified(desk: Desk) -> None:
    before = facts_of(read_contact(desk.contact.pk, at=NOW), at=NOW)
    assert (before.age, before.patient, before.sex) == (None, "", "")
    desk.know()
    known = facts_of(read_contact(desk.contact.pk, at=NOW), at=NOW)
    assert (known.patient, known.age) == ("new", NOW.year - 1972)
    AppointmentFactory.create(
        patient=desk.patient,
        slot=SlotFactory.create(starts_at=NOW.replace(year=NOW.year - 1)),
        status=AppointmentStatus.FULFILLED,
    )
    known = facts_of(read_contact(desk.contact.pk, at=NOW), at=NOW)
    assert known.patient == "established"


@pytest.mark.usefixtures("knee")
def test_a_visit_that_was_named_needs_no_tree(desk: Desk) -> None:
    desk.know()
    talk = desk.post("reason", reason="appointment, orthopedics, for my knee")
    assert "Ask the questions" not in text_of(talk)


def test_a_tree_that_is_not_published_any_more_says_so(desk: Desk, knee: DecisionTree) -> None:
    desk.know()
    knee.versions.update(status="retired")
    answer = desk.post("tree", knee.pk)
    assert answer.status_code == 409
    assert "Choose another" in text_of(answer)
    assert not TreeRun.objects.exists()
