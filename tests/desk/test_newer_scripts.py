"""Newer wording of a shipped script: put in force where nobody wrote in it, else offered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse

from crm.engine import Actor
from crm.models import User
from desk.actions.scripts import edit_script, publish_script
from desk.actions.shipping import NEWER, NothingNewer, add_shipped, take_shipped
from desk.actions.versions import DraftChanged, discard_draft, start_draft
from desk.models import Script, ScriptVersion
from desk.queries import shipped
from desk.queries.scripts import script_of
from desk.queries.shipped import find_newer
from desk.rules.scripts import ScriptDoc
from desk.shipped.build import say
from desk.shipped.scripts import SCRIPTS
from desk.states import VersionStatus
from tests.cast import Cast
from tests.desk.test_task_views import client_of, text_of
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def newer(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is there came with an older Firstcall; "late" and "police" say one thing more now."""
    add_shipped(at=NOW)
    more = say("more", "One thing more.", "Una cosa más.")
    rows = tuple(
        (code, name, kind, [*steps, more] if code in {"late", "police"} else steps)
        for code, name, kind, steps in SCRIPTS
    )
    monkeypatch.setattr(shipped, "SCRIPTS", rows)
    shipped.shipped_scripts.cache_clear()
    yield
    shipped.shipped_scripts.cache_clear()


def late() -> Script:
    return Script.objects.select_related("call_type").get(code="late")


def in_force(code: str) -> ScriptVersion:
    return ScriptVersion.objects.get(script__code=code, status=VersionStatus.PUBLISHED)


def write_in_it(user: User) -> None:
    """A manager leaves its last step out."""
    by = Actor.user(user)
    draft = start_draft(ScriptVersion, document_id=late().pk, by=by, at=NOW)
    shorter = ScriptDoc(script_of(draft).steps[:-1])
    edited = edit_script(version_id=draft.pk, revision=0, edit=lambda _: shorter, by=by, at=NOW)
    publish_script(version_id=draft.pk, revision=edited.revision, reason="Shorter", by=by, at=NOW)


@pytest.mark.usefixtures("newer")
def test_one_that_nobody_wrote_in_says_it_by_itself_once() -> None:
    assert add_shipped(at=NOW) == {"kinds of call": 0, "scripts": 0, "scripts renewed": 1}
    version = in_force("late")
    assert script_of(version).steps[-1].words == "One thing more."
    assert (version.number, version.reason, version.asks_sign_off) == (2, NEWER, False)
    assert not any(add_shipped(at=NOW).values())


@pytest.mark.usefixtures("newer")
def test_one_that_asks_for_sign_offs_is_left_to_managers() -> None:
    add_shipped(at=NOW)
    assert in_force("police").number == 1
    assert find_newer(Script.objects.get(code="police")) is not None


@pytest.mark.usefixtures("newer")
def test_one_that_somebody_wrote_in_stays_and_is_offered_until_decided(cast: Cast) -> None:
    write_in_it(cast.manager)
    assert add_shipped(at=NOW)["scripts renewed"] == 0
    assert in_force("late").number == 2
    by = Actor.user(cast.manager)
    draft = take_shipped(script=late(), by=by, at=NOW)
    assert script_of(draft).steps[-1].words == "One thing more."
    discard_draft(ScriptVersion, version_id=draft.pk, revision=draft.revision, by=by, at=NOW)
    assert find_newer(late()) is None
    with pytest.raises(NothingNewer):
        take_shipped(script=late(), by=by, at=NOW)


@pytest.mark.usefixtures("newer")
def test_takes_the_place_of_no_other_draft(cast: Cast) -> None:
    by = Actor.user(cast.manager)
    theirs = start_draft(ScriptVersion, document_id=late().pk, by=by, at=NOW)
    assert add_shipped(at=NOW)["scripts renewed"] == 0
    with pytest.raises(DraftChanged):
        take_shipped(script=late(), by=by, at=NOW)
    theirs.refresh_from_db()
    assert theirs.revision == 0


@pytest.mark.usefixtures("newer")
def test_managers_compare_and_take_it_and_agents_may_not(cast: Cast) -> None:
    write_in_it(cast.manager)
    page, take = (reverse(f"desk:script{name}", args=["late"]) for name in ("", "-take-newer"))
    manager, agent = client_of(cast.manager), client_of(cast.agent)
    assert "Newer wording" not in text_of(agent.get(page))
    assert agent.post(take).status_code == 403
    assert not ScriptVersion.objects.filter(status=VersionStatus.DRAFT).exists()
    assert manager.get(take).status_code == 405
    assert "One thing more." in text_of(manager.get(page))
    assert manager.post(take)["Location"] == reverse("desk:script-draft", args=["late"])
    assert "One thing more." in text_of(manager.get(reverse("desk:script-draft", args=["late"])))
    assert "Newer wording" not in text_of(manager.get(page))
    assert manager.post(take, follow=True).redirect_chain[-1][0] == page
