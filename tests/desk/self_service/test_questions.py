"""Which visit? A clinic's decision tree, for whoever does not know."""

from __future__ import annotations

import pytest

from scheduling.models import DecisionTree, TreeRun, TreeVersion, VisitType
from scheduling.states import SelfServiceStatus, TreeStatus
from tests.desk.self_service.handset import Handset
from tests.factories import NOW
from tests.scheduling.trees import KNEE
from tests.waitlist.visitor import words


@pytest.fixture
def knee(handset: Handset) -> DecisionTree:
    """A published tree whose routine outcome is the visit that is open online."""
    VisitType.objects.filter(pk=handset.scene.visit_type.pk).update(code="BONES-FU")
    tree: DecisionTree = DecisionTree.objects.create(name="Knee pain", created_at=NOW)
    TreeVersion.objects.create(
        tree=tree,
        number=1,
        body=KNEE,
        status=TreeStatus.PUBLISHED,
        created_at=NOW,
        published_at=NOW,
    )
    handset.begin()
    return tree


def answer(handset: Handset, question: str, key: str) -> str:
    url: str = handset.post("questions", question=question, answer=key).url
    return url


def test_leads_to_the_visit_that_is_open_online(handset: Handset, knee: DecisionTree) -> None:
    assert "Help me choose" in handset.read("wish")
    assert "Knee pain" in handset.read("questions")
    handset.post("questions", tree=str(knee.pk))
    assert "How old is the patient?" in handset.read("questions")
    answer(handset, "q1", "a2")
    answer(handset, "q2", "a2")
    assert answer(handset, "q3", "a1") == "/book/go/what/"
    assert handset.session.visit_type == handset.scene.visit_type
    assert TreeRun.objects.get().channel == "web"


def test_what_must_be_soon_or_is_not_online_ends_at_a_call(
    handset: Handset, knee: DecisionTree
) -> None:
    handset.post("questions", tree=str(knee.pk))
    answer(handset, "q1", "a2")
    assert answer(handset, "q2", "a1") == "/book/go/questions/"
    assert "Please call us for this visit" in handset.read("questions")
    handset.post("questions", again="1")
    assert "Knee pain" in handset.read("questions")


def test_what_a_nurse_must_hear_stops_it(handset: Handset, knee: DecisionTree) -> None:
    handset.post("questions", tree=str(knee.pk))
    assert answer(handset, "q1", "a1") == "/book/go/stop/"
    assert handset.session.status == SelfServiceStatus.STOPPED
    assert "Please call us now" in words(handset.get("stop"))


@pytest.mark.parametrize("data", [{"tree": "0"}, {"question": "q9", "answer": "a1"}, {}])
def test_what_is_not_on_the_page_changes_nothing(
    handset: Handset, knee: DecisionTree, data: dict[str, str]
) -> None:
    if "question" in data:
        handset.post("questions", tree=str(knee.pk))
    before = TreeRun.objects.values_list("steps", flat=True).first()
    assert handset.post("questions", **data).url == "/book/go/questions/"
    assert TreeRun.objects.values_list("steps", flat=True).first() == before


def test_is_not_offered_in_spanish(handset: Handset, knee: DecisionTree) -> None:
    handset.post("language", lang="es")
    assert "Ayúdeme a elegir" not in handset.read("wish")
    assert handset.get("questions").url == "/book/go/what/"
