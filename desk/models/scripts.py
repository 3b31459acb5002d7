"""Scripts: what is said and done in a call, in versions that managers write."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from crm.engine.models import due_index
from crm.models import PhoneLine
from desk.models.call_types import CallType
from desk.models.versions import VersionRow, version_constraints
from scheduling.models import Location


class Script(models.Model):
    """The script of a kind of call, or of a line's first words where it names no kind.

    The one that fits most closely is used: line and site, line, site, then the general one.
    """

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    call_type = models.ForeignKey(
        CallType, null=True, blank=True, on_delete=models.PROTECT, related_name="scripts"
    )
    line = models.ForeignKey(
        PhoneLine, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    location = models.ForeignKey(
        Location, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["call_type", "line", "location"],
                nulls_distinct=False,
                name="desk_script_one_each",
            )
        ]

    def __str__(self) -> str:
        return self.name


class ScriptVersion(VersionRow):
    """One state of a script. `body` is the document that `rules.scripts.read_script` reads."""

    OWNER, EVENT, CONTENT = "script", "desk.script-published", ("body",)

    script = models.ForeignKey(Script, on_delete=models.CASCADE, related_name="versions")
    body = models.JSONField()
    #: It changes what agents do, so that whoever takes such calls signs off again.
    asks_sign_off = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = version_constraints("desk_script", "script")
        indexes: ClassVar = [due_index("desk_script_due")]

    def __str__(self) -> str:
        return f"{self.script}, version {self.number}"
