"""Writing scripts. Versions live as `desk.actions.versions` says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import IntegrityError, transaction

from crm.engine import Actor, record
from crm.models import PhoneLine
from desk.actions.versions import add_first_draft, change_draft, publish_draft
from desk.models import CallType, Script, ScriptVersion
from desk.queries.scripts import script_of
from desk.rules.scripts import ScriptDoc, find_problems, write_script
from scheduling.models import Location

#: Takes a draft and returns it changed; may raise what `rules.scripts` raises.
Edit = Callable[[ScriptDoc], ScriptDoc]


class ScriptTaken(Exception):
    """There is a script for this already; the text says what to do."""


def add_script(
    *,
    code: str,
    name: str,
    by: Actor,
    at: dt.datetime,
    call_type: CallType | None = None,
    line: PhoneLine | None = None,
    location: Location | None = None,
    script: ScriptDoc | None = None,
) -> Script:
    """A script with its first draft, empty or with the steps of `script`.

    :param call_type: None for the first words of a line.
    :raises ScriptTaken: when this kind of call has one for the line and the site.
    """
    try:
        with transaction.atomic():
            made = Script.objects.create(
                code=code,
                name=name,
                call_type=call_type,
                line=line,
                location=location,
                created_at=at,
            )
            body = write_script(script or ScriptDoc(()))
            add_first_draft(ScriptVersion(script=made, body=body), by=by, at=at)
            record("desk.script.added", made, by=by, at=at)
    except IntegrityError as taken:
        raise ScriptTaken("There is a script for this already. Open that one.") from taken
    return made


def edit_script(
    *, version_id: int, revision: int, edit: Edit, by: Actor, at: dt.datetime
) -> ScriptVersion:
    """Change a draft by one pure function of `rules.scripts`.

    :raises desk.actions.versions.DraftChanged, desk.rules.scripts.EditRefused:
    """

    def change(draft: ScriptVersion) -> None:
        draft.body = write_script(edit(script_of(draft)))

    return change_draft(
        ScriptVersion, version_id=version_id, revision=revision, change=change, by=by, at=at
    )


def publish_script(
    *,
    version_id: int,
    revision: int,
    reason: str,
    by: Actor,
    at: dt.datetime,
    starts_at: dt.datetime | None = None,
    asks_sign_off: bool = True,
) -> ScriptVersion:
    """Have it in force, now or later. Publishes `desk.script-published` when it is.

    :param asks_sign_off: whether agents must be signed off anew for it; not for a mended comma.
    :raises desk.actions.versions.DraftChanged, desk.actions.versions.VersionHasProblems:
    """
    return publish_draft(
        ScriptVersion,
        version_id=version_id,
        revision=revision,
        reason=reason,
        check=problems_of,
        starts_at=starts_at,
        asks_sign_off=asks_sign_off,
        by=by,
        at=at,
    )


def problems_of(version: ScriptVersion) -> tuple[str, ...]:
    """What stands against publishing it, in sentences."""
    return tuple(problem.sentence for problem in find_problems(script_of(version)))
