"""Who may take which kind of call alone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F

from crm.models import Interaction, User
from desk.models.call_types import CallType
from desk.models.scripts import ScriptVersion


class SignOff(models.Model):
    """A supervisor says that `user` may take such calls alone, by this version of the script.

    Append-only: a newer version asks for a newer row. `version` is empty only where the kind of
    call has no script.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_offs")
    call_type = models.ForeignKey(CallType, on_delete=models.PROTECT, related_name="sign_offs")
    version = models.ForeignKey(
        ScriptVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="sign_offs"
    )
    #: The training contact that showed it, where there was one.
    training = models.ForeignKey(
        Interaction, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "call_type"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(by=F("user")), name="desk_sign_off_by_another"
            ),
            models.UniqueConstraint(
                fields=["user", "call_type", "version"],
                nulls_distinct=False,
                name="desk_sign_off_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.call_type_id}"
