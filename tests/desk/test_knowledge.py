"""Versions that are written, scheduled, published and gone back to; articles and votes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from crm.engine import run_step
from crm.engine.models import Event
from desk.actions.articles import (
    add_article,
    note_use,
    place_article,
    publish_article,
    vote,
    write_article,
)
from desk.actions.scripts import ScriptTaken, add_script, edit_script, publish_script
from desk.actions.versions import (
    DraftChanged,
    NothingToGoBackTo,
    VersionHasProblems,
    discard_draft,
    go_back_to,
    start_draft,
    take_back,
)
from desk.models import Article, ArticleUse, ArticleVersion, ArticleVote, CallType, ScriptVersion
from desk.queries.articles import ArticleFacts, articles_for, find_article
from desk.queries.scripts import find_version
from desk.queries.versions import standing_of
from desk.rules.scripts import ScriptDoc, read_script
from desk.rules.writing import BlockKind, Mark, plain, read, read_line
from desk.states import VersionStatus
from desk.tasks import start_script
from tests.cast import Cast
from tests.factories import NOW, TEST, LocationFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
ONE: dict[str, Any] = {
    "steps": [{"key": "hello", "kind": "say", "words": "Hello.", "words_es": "Hola."}]
}
TWO: dict[str, Any] = {"steps": [*ONE["steps"], {"key": "look", "kind": "check", "words": "Look."}]}


def script_of_steps(document: dict[str, Any]) -> ScriptVersion:
    made = add_script(code="s", name="S", script=read_script(document), by=TEST, at=NOW)
    return made.versions.get()


def published(document: dict[str, Any]) -> ScriptVersion:
    draft = script_of_steps(document)
    return publish_script(version_id=draft.pk, revision=0, reason="first", by=TEST, at=NOW)


def parking(body: str = "Garage B.") -> ArticleVersion:
    made = add_article(
        code="parking", title="Where to park", words=["Garage"], body=body, by=TEST, at=NOW
    )
    draft = made.versions.get()
    return publish_article(version_id=draft.pk, revision=0, reason="first", by=TEST, at=NOW)


def kind_of_call(code: str) -> CallType:
    return CallType.objects.create(code=code, name=code, need=code, speakers=["patient"])


def published_events(name: str) -> int:
    return Event.objects.filter(name=name).count()


# --- versions --------------------------------------------------------------------------------


def test_a_newer_version_takes_the_place_of_the_one_in_force() -> None:
    first = published(ONE)
    draft = start_draft(ScriptVersion, document_id=first.script_id, by=TEST, at=NOW)
    assert (draft.number, draft.body) == (2, first.body)
    assert start_draft(ScriptVersion, document_id=first.script_id, by=TEST, at=NOW) == draft
    edit_script(version_id=draft.pk, revision=0, edit=lambda _: read_script(TWO), by=TEST, at=NOW)
    publish_script(version_id=draft.pk, revision=1, reason="more", by=TEST, at=NOW)
    first.refresh_from_db()
    assert first.status == VersionStatus.RETIRED
    assert find_version("") == draft
    assert published_events("desk.script-published") == 2


def test_two_editors_do_not_overwrite_each_other() -> None:
    draft = script_of_steps(ONE)
    edit_script(version_id=draft.pk, revision=0, edit=lambda _: read_script(TWO), by=TEST, at=NOW)
    with pytest.raises(DraftChanged, match="Somebody changed"):
        edit_script(version_id=draft.pk, revision=0, edit=lambda s: s, by=TEST, at=NOW)
    with pytest.raises(DraftChanged):
        discard_draft(ScriptVersion, version_id=draft.pk, revision=0, by=TEST, at=NOW)


def test_what_has_problems_is_not_published() -> None:
    draft = script_of_steps({"steps": [{"key": "a", "kind": "ask", "words": "Why?"}]})
    with pytest.raises(VersionHasProblems) as refused:
        publish_script(version_id=draft.pk, revision=0, reason="x", by=TEST, at=NOW)
    assert "Spanish" in refused.value.sentences[0]
    assert find_version("") is None


def test_a_scheduled_version_comes_into_force_at_its_time_and_only_then() -> None:
    first = published(ONE)
    draft = start_draft(ScriptVersion, document_id=first.script_id, by=TEST, at=NOW)
    publish_script(
        version_id=draft.pk, revision=0, reason="new year", starts_at=NOW + DAY, by=TEST, at=NOW
    )
    assert find_version("") == first
    assert not run_step("desk.start-script", draft.pk, at=NOW + DAY / 2)
    assert run_step("desk.start-script", draft.pk, at=NOW + DAY)
    start_script(draft.pk, NOW + 2 * DAY)
    draft.refresh_from_db()
    assert (draft.status, draft.published_at) == (VersionStatus.PUBLISHED, NOW + DAY)
    assert find_version("") == draft
    assert published_events("desk.script-published") == 2


def test_what_was_scheduled_can_be_taken_back() -> None:
    first = published(ONE)
    draft = start_draft(ScriptVersion, document_id=first.script_id, by=TEST, at=NOW)
    publish_script(
        version_id=draft.pk, revision=0, reason="later", starts_at=NOW + DAY, by=TEST, at=NOW
    )
    take_back(ScriptVersion, version_id=draft.pk, by=TEST, at=NOW)
    assert not run_step("desk.start-script", draft.pk, at=NOW + DAY)
    standing = standing_of(ScriptVersion, first.script_id)
    assert (standing.published, standing.draft, standing.scheduled) == (first, draft, None)
    with pytest.raises(DraftChanged):
        take_back(ScriptVersion, version_id=first.pk, by=TEST, at=NOW)


def test_going_back_makes_a_new_version_and_keeps_the_draft() -> None:
    first = published(ONE)
    second = start_draft(ScriptVersion, document_id=first.script_id, by=TEST, at=NOW)
    edit_script(version_id=second.pk, revision=0, edit=lambda _: read_script(TWO), by=TEST, at=NOW)
    publish_script(version_id=second.pk, revision=1, reason="more", by=TEST, at=NOW)
    third = start_draft(ScriptVersion, document_id=first.script_id, by=TEST, at=NOW)
    back = go_back_to(ScriptVersion, version_id=first.pk, reason="too long", by=TEST, at=NOW)
    assert (back.number, back.body, back.reason) == (4, first.body, "too long")
    assert standing_of(ScriptVersion, first.script_id).draft == third
    assert find_version("") == back
    with pytest.raises(NothingToGoBackTo):
        go_back_to(ScriptVersion, version_id=back.pk, reason="x", by=TEST, at=NOW)


def test_what_was_published_is_never_changed() -> None:
    version = published(ONE)
    for change in ("UPDATE desk_scriptversion SET body = '{}'", "DELETE FROM desk_scriptversion"):
        with (
            pytest.raises(DatabaseError, match="not changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"{change} WHERE id = %s", [version.pk])
    version.refresh_from_db()
    assert version.body == ONE


def test_there_is_one_script_for_the_same_calls() -> None:
    script_of_steps(ONE)
    with pytest.raises(ScriptTaken):
        add_script(code="other", name="Other", script=ScriptDoc(()), by=TEST, at=NOW)


# --- articles ----------------------------------------------------------------------------------


def test_an_article_shows_where_it_holds() -> None:
    version, way = parking(), kind_of_call("way")
    here, there = LocationFactory.create(), LocationFactory.create()
    assert articles_for(ArticleFacts()) == (version,)
    place_article(
        article_id=version.article_id,
        language="en",
        specialty="",
        lines=[],
        locations=[here],
        call_types=[way],
        by=TEST,
        at=NOW,
    )
    assert articles_for(ArticleFacts(call_type="way", location_id=here.pk)) == (version,)
    assert not articles_for(ArticleFacts(call_type="way", location_id=there.pk))
    assert not articles_for(ArticleFacts(call_type="bill", location_id=here.pk))


def test_one_vote_for_each_person_and_use_once_a_day(cast: Cast) -> None:
    version = parking()
    vote(version_id=version.pk, user=cast.agent, was_useful=False, note="Which door?", at=NOW)
    vote(version_id=version.pk, user=cast.agent, was_useful=True, at=NOW)
    assert list(ArticleVote.objects.values_list("was_useful", "note")) == [(True, "")]
    for at in (NOW, NOW, NOW + DAY):
        note_use(version=version, user=cast.agent, at=at)
    assert ArticleUse.objects.count() == 2


def test_an_empty_article_is_not_published() -> None:
    made = add_article(code="empty", title="Empty", words=(), body=" ", by=TEST, at=NOW)
    draft = made.versions.get()
    with pytest.raises(VersionHasProblems):
        publish_article(version_id=draft.pk, revision=0, reason="x", by=TEST, at=NOW)
    assert find_article("empty") is None


def test_a_draft_is_found_by_nobody() -> None:
    version = parking()
    draft = start_draft(ArticleVersion, document_id=version.article_id, by=TEST, at=NOW)
    write_article(
        version_id=draft.pk, revision=0, title="Elsewhere", words=(), body="No.", by=TEST, at=NOW
    )
    found = find_article("parking")
    assert found is not None
    assert found.title == "Where to park"
    assert Article.objects.get().versions.count() == 2


# --- how an article reads --------------------------------------------------------------------


def test_reads_blocks() -> None:
    kinds = [block.kind for block in read("# A\n\nb\nb\n\n- c\n- d\n1. e\n> f\n## G")]
    assert kinds == [
        BlockKind.HEADING,
        BlockKind.PARAGRAPH,
        BlockKind.BULLETS,
        BlockKind.NUMBERS,
        BlockKind.NOTE,
        BlockKind.SUBHEADING,
    ]


def test_an_indented_line_goes_on_with_its_item() -> None:
    (block,) = read("- take the exit\n  then turn left\n- park")
    assert [line[0].text for line in block.lines] == ["take the exit then turn left", "park"]
    assert [block.kind for block in read("- a\nb")] == [BlockKind.BULLETS, BlockKind.PARAGRAPH]


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("**b**", Mark.STRONG),
        ("*b*", Mark.EM),
        ("[b](https://example.org/a)", Mark.LINK),
        ("[b](/trees/)", Mark.LINK),
        ("[b](javascript:alert(1))", Mark.PLAIN),
        ("[b](//evil.example)", Mark.PLAIN),
        ("<script>", Mark.PLAIN),
    ],
)
def test_marks_what_is_marked_and_nothing_that_runs(text: str, mark: Mark) -> None:
    assert read_line(text)[0].mark is mark


def test_searches_without_accents_and_marks() -> None:
    assert plain("# Dónde\n**aparcar**") == "donde aparcar"
