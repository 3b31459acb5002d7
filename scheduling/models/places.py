"""Where care happens, who gives it, and what kinds of visit there are."""

from __future__ import annotations

from typing import ClassVar
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from crm.models import User
from crm.states import Sex, choices
from scheduling.states import Audience, FillMode, Modality


class Location(models.Model):
    """A site with its zone (FHIR Location)."""

    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=24)  # as it stands in a text: neutral, no specialty
    zone = models.CharField(max_length=48)  # IANA
    phone = models.CharField(max_length=24, blank=True)
    address_line = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=2, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def address(self) -> str:
        """ "12 Elm St, Phoenix, AZ 85016"; empty where none is known."""
        town = " ".join(filter(None, (self.state, self.postal_code)))
        return ", ".join(filter(None, (self.address_line, self.city, town)))


class Room(models.Model):
    """A room or machine that one visit at a time can use."""

    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="rooms")
    name = models.CharField(max_length=60)
    kind = models.CharField(
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text="What plans ask for: “MRI scanner”, “operating room”. Empty: a plain room.",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["location", "name"], name="scheduling_room_once")
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.location}"


class VisitType(models.Model):
    """A kind of appointment (FHIR HealthcareService / serviceType)."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)  # for staff
    specialty = models.CharField(max_length=80)
    minutes = models.PositiveSmallIntegerField()
    modality = models.CharField(
        max_length=12, choices=choices(Modality), default=Modality.IN_PERSON
    )
    lead_minutes = models.PositiveIntegerField(default=120)  # least notice before it starts
    needs_room = models.BooleanField(default=False)
    #: Several patients at once, each with a seat of the slot: no overbooking.
    is_group = models.BooleanField(default=False, db_default=False)
    #: 42 CFR Part 2 and the like: never named or hinted at in a text.
    is_sensitive = models.BooleanField(default=False)
    preparation = models.TextField(blank=True)
    prep_hours = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text="Hours that preparation takes: fasting, a medicine held back.",
    )
    prep_send_hours = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text="Hours until instructions or a kit reach somebody who was not sent them yet.",
    )
    audience = models.CharField(
        max_length=12,
        choices=choices(Audience),
        default=Audience.ANY,
        db_default=Audience.ANY,
        help_text="New: not seen in the specialty here within three years.",
    )
    needs_authorization = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Only with a referral or an authorization on file.",
    )
    min_age = models.PositiveSmallIntegerField(null=True, blank=True)
    max_age = models.PositiveSmallIntegerField(null=True, blank=True)
    #: A patient booked for one of these could take this one instead (as well as for itself).
    stands_in_for = models.ManyToManyField("self", symmetrical=False, blank=True)

    def __str__(self) -> str:
        return self.name


class Clinic(models.Model):
    """A specialty at a site: the unit that owns a schedule and decides how it is filled."""

    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="clinics")
    specialty = models.CharField(max_length=80)
    name = models.CharField(max_length=120)
    mode = models.CharField(max_length=16, choices=choices(FillMode), default=FillMode.OFF)
    visit_types = models.ManyToManyField(
        VisitType,
        blank=True,
        related_name="clinics",
        help_text="Visit types this clinic has switched on for filling.",
    )
    #: The rule for feeds that only tell of visits: "a visit the patient cancels frees its slot".
    siu_rule_signed_at = models.DateTimeField(null=True, blank=True)
    siu_rule_signed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    siu_rule_covers_unstated = models.BooleanField(
        default=False, help_text="The signed rule also holds where the feed names no reason."
    )
    max_disappointed = models.PositiveSmallIntegerField(
        default=12, help_text="At most this many people may be asked in vain for one opening."
    )
    requires_coverage = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Patients without any coverage on file are not offered a time.",
    )
    interpreter_notice_hours = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text="Hours it takes to arrange an interpreter. 0: one is always at hand.",
    )
    transport_notice_hours = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Hours it takes to arrange a ride. 0: no need to ask."
    )

    owns_schedule = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Its schedule is made here from weekly patterns. Otherwise the EHR owns it, and "
        "changes are proposals.",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["location", "specialty"], name="scheduling_clinic_once"
            ),
            models.CheckConstraint(
                condition=Q(siu_rule_signed_at__isnull=True, siu_rule_signed_by__isnull=True)
                | Q(siu_rule_signed_at__isnull=False, siu_rule_signed_by__isnull=False),
                name="scheduling_siu_rule_at_by",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Provider(models.Model):
    """A clinician (FHIR Practitioner)."""

    family_name = models.CharField(max_length=100)
    given_name = models.CharField(max_length=100, blank=True)
    credential = models.CharField(max_length=16, blank=True)  # MD, NP, PA
    npi = models.CharField(max_length=10, blank=True)
    sex = models.CharField(max_length=8, choices=choices(Sex), default=Sex.UNKNOWN)
    languages = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        if self.credential in {"MD", "DO"}:
            return f"Dr. {self.given_name} {self.family_name}".replace("  ", " ")
        return ", ".join(filter(None, (f"{self.given_name} {self.family_name}", self.credential)))


class ProviderRole(models.Model):
    """A clinician in a clinic (FHIR PractitionerRole)."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="roles")
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="roles")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "clinic"], name="scheduling_role_once")
        ]

    def __str__(self) -> str:
        return f"{self.provider}, {self.clinic}"


class SourceCode(models.Model):
    """What an outside system calls one of our providers, places or visit types.

    Exactly one of the targets is set. `source` is the sender's name as in its reports.
    """

    source = models.CharField(max_length=120)
    kind = models.CharField(
        max_length=12,
        choices=[(k, k) for k in ("provider", "location", "room", "visit-type", "role")],
    )
    code = models.CharField(max_length=120)
    provider = models.ForeignKey(Provider, null=True, blank=True, on_delete=models.CASCADE)
    location = models.ForeignKey(Location, null=True, blank=True, on_delete=models.CASCADE)
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.CASCADE)
    visit_type = models.ForeignKey(VisitType, null=True, blank=True, on_delete=models.CASCADE)
    role = models.ForeignKey(ProviderRole, null=True, blank=True, on_delete=models.CASCADE)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "kind", "code"], name="scheduling_source_code_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.kind} {self.code}"
