"""What patients do without a login: links that lead there, sessions, and codes to their phones."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q

from crm.engine.models import DueRow, StatusRow, due_index
from crm.models import Patient, Phone, Task, User
from crm.models.people import LANGUAGES
from crm.states import choices
from scheduling.models.booking import Appointment
from scheduling.models.demand import SearchRecord
from scheduling.models.inventory import Hold
from scheduling.models.places import Clinic, Location, ProviderRole, VisitType
from scheduling.models.trees import TreeRun
from scheduling.states import SELF_SERVICE_MOVES, SelfServiceStatus, SelfServiceStep, Wish

#: Without letters and digits that look alike: people type them from a poster.
_PLAIN = "abcdefghjkmnpqrstuvwxyz23456789"


def new_link_token() -> str:
    """The address of a booking link: no secret, and short enough for a text and to be typed."""
    return "".join(secrets.choice(_PLAIN) for _ in range(10))


def new_page_token() -> str:
    """The secret part of a patient's own page: 96 bits, as an offer's."""
    return secrets.token_urlsafe(12)


class OnlineVisit(models.Model):
    """A kind of visit that a clinic lets patients book by themselves."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="online_visits")
    visit_type = models.ForeignKey(VisitType, on_delete=models.CASCADE)
    #: As patients know it, where the staff's name would puzzle them; empty: the staff's name.
    name_en = models.CharField(max_length=80, blank=True)
    name_es = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["clinic", "visit_type"], name="scheduling_online_visit_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.visit_type} online at {self.clinic}"


class BookingLink(models.Model):
    """An address under `/book/` with something chosen already, for a text, a web page or a poster.

    It is no secret: whoever opens it still shows who they are. `uses` counts the sessions that
    began there.
    """

    token = models.CharField(max_length=24, unique=True, default=new_link_token)
    name = models.CharField(max_length=80)  # for staff: "Poster in the lobby"
    location = models.ForeignKey(Location, null=True, blank=True, on_delete=models.CASCADE)
    clinic = models.ForeignKey(Clinic, null=True, blank=True, on_delete=models.CASCADE)
    role = models.ForeignKey(ProviderRole, null=True, blank=True, on_delete=models.CASCADE)
    visit_type = models.ForeignKey(VisitType, null=True, blank=True, on_delete=models.CASCADE)
    language = models.CharField(
        max_length=8, choices=LANGUAGES, blank=True, help_text="Empty: the browser's."
    )
    is_active = models.BooleanField(default=True)
    uses = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.name


class SelfServiceSession(StatusRow, DueRow):
    """One patient's way through the pages under `/book/`, without a login.

    The browser holds a secret in a cookie; the row holds its digest. `due_at` is when a session
    that nobody goes on with is closed. What was typed about danger (`words`) is kept only until
    a nurse has it, and a name and birth date until the session closes, unless a person still has
    to find out whose they are.
    """

    MOVES, STATES = SELF_SERVICE_MOVES, SelfServiceStatus

    link = models.ForeignKey(
        BookingLink, null=True, blank=True, on_delete=models.SET_NULL, related_name="sessions"
    )
    key_digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the cookie's secret
    token = models.CharField(max_length=24, unique=True, default=new_page_token)  # in texts
    address_digest = models.CharField(max_length=64)  # keyed: whose network, for limits
    status = models.CharField(
        max_length=24, choices=choices(SelfServiceStatus), default=SelfServiceStatus.OPEN
    )
    step = models.CharField(
        max_length=12, choices=choices(SelfServiceStep), default=SelfServiceStep.SAFETY
    )
    language = models.CharField(max_length=8, choices=LANGUAGES)
    wish = models.CharField(max_length=8, choices=choices(Wish), blank=True)
    visit_type = models.ForeignKey(VisitType, null=True, blank=True, on_delete=models.SET_NULL)
    location = models.ForeignKey(Location, null=True, blank=True, on_delete=models.SET_NULL)
    role = models.ForeignKey(ProviderRole, null=True, blank=True, on_delete=models.SET_NULL)
    tree_run = models.ForeignKey(
        TreeRun, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    #: In the lost-demand ledger, from the first look at times on.
    search = models.ForeignKey(
        SearchRecord, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    danger = models.CharField(max_length=16, blank=True)  # the safety check's level
    words = models.TextField(blank=True)

    phone = models.ForeignKey(Phone, null=True, blank=True, on_delete=models.PROTECT)
    verified_at = models.DateTimeField(null=True, blank=True)  # the phone, by a code
    given_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100, blank=True)
    birth_on = models.DateField(null=True, blank=True)
    identified_at = models.DateTimeField(null=True, blank=True)
    identities = models.PositiveSmallIntegerField(default=0)  # names and dates tried
    patient = models.ForeignKey(Patient, null=True, blank=True, on_delete=models.CASCADE)
    by_proxy = models.BooleanField(default=False)
    failed_checks = models.PositiveSmallIntegerField(default=0)  # dates tried at the texted page

    gives_up = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    hold = models.ForeignKey(Hold, null=True, blank=True, on_delete=models.SET_NULL)
    appointment = models.ForeignKey(
        Appointment,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="self_service_sessions",
    )
    entry_id = models.BigIntegerField(null=True, blank=True)  # of the waitlist, a floor above
    task = models.ForeignKey(Task, null=True, blank=True, on_delete=models.SET_NULL)

    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            due_index("scheduling_session_due"),
            models.Index(fields=["patient", "-created_at"], name="scheduling_session_patient"),
            models.Index(fields=["phone", "-created_at"], name="scheduling_session_phone"),
            models.Index(fields=["address_digest", "-created_at"], name="scheduling_session_from"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(verified_at__isnull=True) | Q(phone__isnull=False),
                name="scheduling_verified_phone",
            ),
            models.CheckConstraint(
                condition=Q(identified_at__isnull=True) | Q(verified_at__isnull=False),
                name="scheduling_identified_verified",
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.pk}"


class PhoneCode(models.Model):
    """A one-time code texted to a phone that somebody typed. Only its keyed digest is kept.

    The rows are also what limits are counted from, so that they survive whatever is flushed.
    """

    session = models.ForeignKey(SelfServiceSession, on_delete=models.CASCADE, related_name="codes")
    phone = models.ForeignKey(Phone, on_delete=models.PROTECT)
    address_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["phone", "-created_at"], name="scheduling_code_phone"),
            models.Index(fields=["address_digest", "-created_at"], name="scheduling_code_from"),
            models.Index(fields=["created_at"], name="scheduling_code_at"),
        ]

    def __str__(self) -> str:
        return f"code {self.pk}"
