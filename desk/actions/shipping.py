"""Adding what Firstcall comes with: what is there, whoever changed it, is left as it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from crm.engine import Actor
from crm.engine.together import written_together
from crm.models import User
from crm.states import Role
from desk.actions.articles import add_article, place_article, publish_article
from desk.actions.call_types import add_call_type
from desk.actions.scripts import add_script, edit_script, publish_script
from desk.actions.sign_offs import sign_off
from desk.actions.versions import DraftChanged, start_draft
from desk.models import Article, CallType, Script, ScriptVersion
from desk.queries.shipped import find_newer, is_shipped, newer_than, shipped_scripts
from desk.rules.scripts import ScriptDoc, read_script
from desk.shipped.articles import ARTICLES, ShippedArticle
from desk.shipped.call_types import CALL_TYPES
from desk.shipped.scripts import SCRIPTS
from desk.states import VersionStatus
from scheduling.models import Location

BY = Actor.system("firstcall")
REASON = "Came with Firstcall"
NEWER = "Came with a newer Firstcall"
#: Whom the demo's manager has signed off, by role; nobody yet for police and threats.
SIGNED_OFF = {Role.AGENT: ("critical-result", "grievance"), Role.NURSE: ("critical-result",)}


class NothingNewer(Exception):
    """Firstcall comes with no other wording than what is there, or was."""


@transaction.atomic
@written_together()
def add_shipped(*, at: dt.datetime) -> dict[str, int]:
    """Kinds of call and their scripts that are not there yet; how many of each were added.

    Safe to run again and after an upgrade. A kind of call that managers took out of use is there.
    A script that nobody here has touched gets the wording that Firstcall comes with by now; one
    that somebody wrote in, or whose kind of call asks for sign-offs, is left to managers.
    """
    there = set(CallType.objects.values_list("code", flat=True))
    missing = [row for row in CALL_TYPES if row.code not in there]
    for row in missing:
        add_call_type(code=row.code, terms=row.terms, by=BY, at=at)
    added, renewed = _add_scripts(at=at), _renew_scripts(at=at)
    return {"kinds of call": len(missing), "scripts": added, "scripts renewed": renewed}


@transaction.atomic
@written_together()
def add_demo_articles(*, at: dt.datetime) -> int:
    """The articles of the demo that are not there yet; how many were added."""
    there = set(Article.objects.values_list("code", flat=True))
    kinds = {row.code: row for row in CallType.objects.all()}
    missing = [row for row in ARTICLES if row.code not in there]
    for row in missing:
        _add_article(row, kinds, at=at)
    return len(missing)


@transaction.atomic
def add_demo_sign_offs(*, at: dt.datetime) -> int:
    """The demo's staff may take some of the calls that need it; how many were added."""
    manager = User.objects.filter(roles__contains=[Role.MANAGER], is_active=True).first()
    if manager is None:
        return 0
    kinds = {row.code: row for row in CallType.objects.all()}
    given = [
        sign_off(
            user=user,
            call_type=kinds[code],
            supervisor=manager,
            note="Signed off in onboarding",
            by=Actor.user(manager),
            at=at,
        )
        for role, codes in SIGNED_OFF.items()
        for user in User.objects.filter(roles__contains=[role], is_active=True)
        for code in codes
    ]
    return sum(each is not None for each in given)


def _add_scripts(*, at: dt.datetime) -> int:
    """One that fits the same calls counts as there, whatever it is called."""
    there = set(Script.objects.values_list("code", flat=True))
    general = Script.objects.filter(line=None, location=None)
    taken = {code or "" for code in general.values_list("call_type__code", flat=True)}
    kinds = {row.code: row for row in CallType.objects.all()}
    added = 0
    for code, name, kind, steps in SCRIPTS:
        if code in there or kind in taken:
            continue
        script = read_script({"steps": steps})
        call_type = kinds[kind] if kind else None
        made = add_script(code=code, name=name, call_type=call_type, script=script, by=BY, at=at)
        draft = made.versions.get()
        publish_script(version_id=draft.pk, revision=0, reason=REASON, by=BY, at=at)
        added += 1
    return added


def _renew_scripts(*, at: dt.datetime) -> int:
    """How many were untouched and said something else."""
    renewed = 0
    rows = Script.objects.filter(code__in=shipped_scripts()).select_related("call_type")
    for script in rows.prefetch_related("versions"):
        versions = list(script.versions.all())
        asks = script.call_type is not None and script.call_type.needs_sign_off
        if asks or not is_shipped(script) or not all(map(_came_with_us, versions)):
            continue
        newer = newer_than(script, versions)
        if newer is None:
            continue
        draft = _draft_of(script, newer, by=BY, at=at)
        publish_script(
            version_id=draft.pk,
            revision=draft.revision,
            reason=NEWER,
            asks_sign_off=False,
            by=BY,
            at=at,
        )
        renewed += 1
    return renewed


def _came_with_us(version: ScriptVersion) -> bool:
    return version.created_by_id is None and version.reason in {REASON, NEWER}


@transaction.atomic
def take_shipped(*, script: Script, by: Actor, at: dt.datetime) -> ScriptVersion:
    """A draft that says what Firstcall comes with by now, for managers to compare and publish.

    :raises NothingNewer: it says that already, or said it once.
    :raises desk.actions.versions.DraftChanged: while another draft is being written.
    """
    newer = find_newer(script)
    if newer is None:
        raise NothingNewer("A version of this script says that already.")
    return _draft_of(script, newer, by=by, at=at)


def _draft_of(script: Script, says: ScriptDoc, *, by: Actor, at: dt.datetime) -> ScriptVersion:
    if script.versions.filter(status=VersionStatus.DRAFT).exists():
        raise DraftChanged("There is another draft already. Publish or throw that away first.")
    draft = start_draft(ScriptVersion, document_id=script.pk, by=by, at=at)
    return edit_script(
        version_id=draft.pk, revision=draft.revision, edit=lambda _: says, by=by, at=at
    )


def _add_article(row: ShippedArticle, kinds: Mapping[str, CallType], *, at: dt.datetime) -> None:
    made = add_article(
        code=row.code,
        title=row.title,
        words=row.words,
        body=row.body,
        language=row.language,
        specialty=row.specialty,
        by=BY,
        at=at,
    )
    place_article(
        article_id=made.pk,
        language=row.language,
        specialty=row.specialty,
        lines=(),
        locations=Location.objects.filter(short_name__in=row.sites),
        call_types=[kinds[code] for code in row.call_types if code in kinds],
        by=BY,
        at=at,
    )
    draft = made.versions.get()
    publish_article(version_id=draft.pk, revision=0, reason=REASON, by=BY, at=at)
