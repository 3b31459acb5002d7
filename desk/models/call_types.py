"""Kinds of call: who speaks, what must be sure of them, and how such a call ends."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from crm.states import Speaker, choices
from desk.states import Proof


class CallType(models.Model):
    """One kind of contact. `Interaction.call_type` holds its code.

    The text fields that end in `_es` are what is said in Spanish; staff read English.
    """

    code = models.SlugField(max_length=40, unique=True)  # "book", "critical-result"
    name = models.CharField(max_length=80)  # on a button: "Move a visit"
    need = models.CharField(max_length=200)  # what a journey of it is called: "Move a visit"
    #: What callers say, English and Spanish, misspellings aside: "reschedule", "cambiar cita".
    words = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    #: Who may speak, the usual one first.
    speakers = ArrayField(models.CharField(max_length=12, choices=choices(Speaker)), default=list)
    proof = models.CharField(max_length=16, choices=choices(Proof), default=Proof.TWO_IDENTIFIERS)
    #: All of these are needed to take such a contact: "nurse", "es".
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    needs_sign_off = models.BooleanField(default=False)
    #: How often somebody is called back at most; 0 where nobody is.
    callback_attempts = models.PositiveSmallIntegerField(default=0)
    may_leave_voicemail = models.BooleanField(default=False)
    voicemail = models.CharField(max_length=300, blank=True)
    voicemail_es = models.CharField(max_length=300, blank=True)
    rank = models.PositiveSmallIntegerField(default=100)  # order on the screen
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("rank", "name")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(may_leave_voicemail=False) | ~Q(voicemail=""),
                name="desk_call_type_voicemail_words",
            ),
            models.CheckConstraint(
                condition=~Q(speakers__len=0), name="desk_call_type_somebody_speaks"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CallExit(models.Model):
    """One way such a call ends: the disposition of its wrap-up."""

    call_type = models.ForeignKey(CallType, on_delete=models.CASCADE, related_name="exits")
    code = models.SlugField(max_length=40)
    words = models.CharField(max_length=80)  # "Booked", "Left a message"
    #: Whether the need is met by it; else somebody has something left to do.
    resolves = models.BooleanField(default=True)
    rank = models.PositiveSmallIntegerField(default=10)

    class Meta:
        ordering = ("rank", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["call_type", "code"], name="desk_exit_once")
        ]

    def __str__(self) -> str:
        return self.words
