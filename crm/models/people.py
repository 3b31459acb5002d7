"""Patients, how to reach them, who speaks for them, and what pays."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Reverse
from phonenumber_field.modelfields import PhoneNumberField

from crm.states import PhoneUse, ProxyScope, Sensitivity, Sex, choices

LANGUAGES = [("en", "English"), ("es", "Spanish")]
#: The system of the record numbers of made-up patients, whom staff practise on.
TRAINING_SYSTEM = "firstcall:training"
PARTS_OF_DAY = [("morning", "Morning"), ("afternoon", "Afternoon"), ("evening", "Evening")]
WEEKDAYS = list(
    enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"))
)


_PLAIN_FAMILY, _PLAIN_GIVEN = (
    OpClass(
        Func(F(name), function="crm_plain", output_field=models.TextField()),
        name="text_pattern_ops",
    )
    for name in ("family_name", "given_name")
)


class Patient(models.Model):
    """A person who gets care (FHIR Patient). Clinical data stays in the EHR."""

    family_name = models.CharField(max_length=100)
    given_name = models.CharField(max_length=100, blank=True)
    birth_on = models.DateField(null=True, blank=True)
    sex = models.CharField(max_length=8, choices=choices(Sex), default=Sex.UNKNOWN)
    language = models.CharField(max_length=8, choices=LANGUAGES, default="en")
    spoken_language = models.CharField(max_length=16, blank=True)  # as the EHR has it, if other
    needs_interpreter = models.BooleanField(default=False)
    #: Comes by a ride that somebody has to arrange.
    needs_transport = models.BooleanField(default=False, db_default=False)
    zone = models.CharField(max_length=48, blank=True)  # IANA; empty: the zone of their site
    email = models.EmailField(blank=True)
    address_line = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=32, blank=True)
    postal_code = models.CharField(max_length=16, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    deceased_at = models.DateTimeField(null=True, blank=True)

    sensitivity = ArrayField(
        models.CharField(max_length=24, choices=choices(Sensitivity)), default=list, blank=True
    )

    # What suits them, for offers and search. Empty lists mean "any".
    prefers_parts_of_day = ArrayField(
        models.CharField(max_length=12, choices=PARTS_OF_DAY), default=list, blank=True
    )
    prefers_weekdays = ArrayField(
        models.PositiveSmallIntegerField(choices=WEEKDAYS), default=list, blank=True
    )
    max_miles = models.PositiveSmallIntegerField(null=True, blank=True)
    notice_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    wants_earlier_offers = models.BooleanField(default=True)

    created_at = models.DateTimeField(auto_now_add=True)
    source_sent_at = models.DateTimeField(null=True, blank=True)  # newest news of who it is
    #: The record that stands for this person since two were found to be one, never itself merged
    #: away (`PatientMerge`). Whatever hung on this one hangs there.
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged_away",
        db_index=False,
    )
    merged_at = models.DateTimeField(null=True, blank=True)
    phones: models.ManyToManyField[Phone, PatientPhone] = models.ManyToManyField(
        "Phone", through="PatientPhone", related_name="patients"
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["birth_on", "family_name"], name="crm_patient_birth"),
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                name="crm_patient_merged",
            ),
            # For search (`crm.queries.finding`): all words of a name; how names begin, in order.
            GinIndex(
                Func(
                    F("given_name"),
                    F("family_name"),
                    function="crm_name_words",
                    output_field=SearchVectorField(),
                ),
                name="crm_patient_words",
                fastupdate=False,  # what waits to be sorted in is read through by every search
            ),
            models.Index(_PLAIN_FAMILY, _PLAIN_GIVEN, name="crm_patient_family_given"),
            models.Index(_PLAIN_GIVEN, _PLAIN_FAMILY, name="crm_patient_given_family"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True, merged_at__isnull=True)
                | Q(merged_into__isnull=False, merged_at__isnull=False) & ~Q(merged_into=F("id")),
                name="crm_patient_merged_at",
            )
        ]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def initials(self) -> str:
        """For pages where the whole name is more than is needed."""
        return f"{self.given_name[:1]}. {self.family_name[:1]}."


class PatientIdentifier(models.Model):
    """A key some system knows the patient by: MRN of one EHR, insurer's number."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="identifiers")
    system = models.CharField(max_length=160)  # HL7 CX.4 or FHIR Identifier.system
    value = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["system", "value"], name="crm_identifier_once")
        ]
        indexes: ClassVar = [
            # For search: without signs and leading zeros, by its beginning.
            models.Index(
                OpClass(
                    Func(F("value"), function="crm_record_key", output_field=models.TextField()),
                    name="text_pattern_ops",
                ),
                name="crm_identifier_key",
            )
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.value}"


class Phone(models.Model):
    """A number. Several people may share it."""

    number = PhoneNumberField(unique=True)
    can_text = models.BooleanField(default=True)  # false for a landline, or after 30003/30006
    cannot_text_reason = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes: ClassVar = [
            # For search: by its last digits.
            models.Index(
                OpClass(Reverse("number"), name="text_pattern_ops"), name="crm_phone_ending"
            )
        ]

    def __str__(self) -> str:
        return str(self.number)


class PatientPhone(models.Model):
    """One patient's use of one number."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="patient_phones")
    phone = models.ForeignKey(Phone, on_delete=models.PROTECT, related_name="patient_phones")
    use = models.CharField(max_length=8, choices=choices(PhoneUse), default=PhoneUse.MOBILE)
    rank = models.PositiveSmallIntegerField(default=1)  # 1 is tried first
    is_confidential = models.BooleanField(default=False)  # the only one for sensitive matters
    ended_on = models.DateField(null=True, blank=True)  # number given up or passed on

    class Meta:
        ordering = ("rank", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "phone"], name="crm_patient_phone_once")
        ]

    def __str__(self) -> str:
        return f"{self.phone_id} of patient {self.patient_id}"


class Proxy(models.Model):
    """Someone who may act for the patient: a parent, a carer, within a scope and a time."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="proxies")
    person = models.ForeignKey(
        Patient, null=True, blank=True, on_delete=models.SET_NULL, related_name="acts_for"
    )
    name = models.CharField(max_length=160)
    relationship = models.CharField(max_length=40)
    phone = models.ForeignKey(Phone, null=True, blank=True, on_delete=models.PROTECT)
    scope = ArrayField(models.CharField(max_length=16, choices=choices(ProxyScope)), default=list)
    until_age = models.PositiveSmallIntegerField(null=True, blank=True)  # ends at that birthday
    ends_on = models.DateField(null=True, blank=True)
    court_restriction = models.CharField(max_length=300, blank=True)  # if set: no contact at all

    class Meta:
        verbose_name_plural = "proxies"

    def __str__(self) -> str:
        return f"{self.name}, {self.relationship}"


class Coverage(models.Model):
    """Insurance as last known (FHIR Coverage)."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="coverages")
    payer = models.CharField(max_length=80)
    plan = models.CharField(max_length=80, blank=True)
    member_id = models.CharField(max_length=40, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=20, blank=True, default="", db_default="")  # FHIR's word

    def __str__(self) -> str:
        return f"{self.payer} {self.plan}".strip()
