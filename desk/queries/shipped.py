"""What Firstcall comes with now, beside what an installation has of it."""

from __future__ import annotations

from functools import cache

from desk.models import Script, ScriptVersion
from desk.queries.scripts import script_of
from desk.rules.scripts import ScriptDoc, read_script
from desk.shipped.scripts import SCRIPTS


@cache
def shipped_scripts() -> dict[str, tuple[str, ScriptDoc]]:
    """By the code of the script: the code of its kind of call, and what it says."""
    return {code: (kind, read_script({"steps": steps})) for code, _, kind, steps in SCRIPTS}


def find_newer(script: Script) -> ScriptDoc | None:
    """What Firstcall comes with for this script, where no version of it ever said that.

    Whoever wrote something else after a version that said it has decided. One statement.
    """
    versions = ScriptVersion.objects.filter(script=script.pk).select_related("script")
    return newer_than(script, list(versions)) if is_shipped(script) else None


def is_shipped(script: Script) -> bool:
    """It is the general script of the kind of call that Firstcall ships one for by this code."""
    kind, _ = shipped_scripts().get(script.code, (None, None))
    own = script.call_type.code if script.call_type else ""
    return kind == own and script.line_id is None and script.location_id is None


def newer_than(script: Script, versions: list[ScriptVersion]) -> ScriptDoc | None:
    """As `find_newer`, from all of its versions."""
    _, shipped = shipped_scripts()[script.code]
    return None if any(script_of(each) == shipped for each in versions) else shipped
