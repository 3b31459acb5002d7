"""What clinics and clinicians allow, as data, and who went past it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from crm.models import User
from crm.states import Role, choices
from scheduling.models.booking import Appointment
from scheduling.models.places import Clinic, Provider, ProviderRole, VisitType
from scheduling.rules.effects import SETTABLE
from scheduling.states import RuleEffect, RuleKind, RulePer


class ProviderRule(models.Model):
    """What a clinician takes, and how much of it in a day.

    It holds for a clinician everywhere, for one in one clinic, or for each clinician of a clinic;
    for every kind of visit, or for `visit_type` and `also_types`. What it says, `kind` says:

    - *whom*: ages, and whether new patients (and with `is_offered` off: nobody);
    - *not-done*: not these visits; *only*: these visits and no others;
    - *first*: a referral, records or a test (`test`, within so many days) must be there before;
    - *new-limit*, *daily-cap*: `number` new patients, or such visits, a day or a week;
    - *gap*: `number` minutes between two such visits; *pairing*: not two such visits in a row.

    A limit of one who works in several clinics counts what they do in all of them, unless the
    rule is for a role or a clinic.
    """

    kind = models.CharField(
        max_length=12, choices=choices(RuleKind), default=RuleKind.WHOM, db_default=RuleKind.WHOM
    )
    provider = models.ForeignKey(
        Provider, null=True, blank=True, on_delete=models.CASCADE, related_name="rules"
    )
    role = models.ForeignKey(
        ProviderRole, null=True, blank=True, on_delete=models.CASCADE, related_name="rules"
    )
    clinic = models.ForeignKey(
        Clinic,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="rules",
        help_text="Each of its clinicians.",
    )
    visit_type = models.ForeignKey(
        VisitType,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        help_text="Empty: every kind of visit.",
    )
    #: Ids of further visit types that it is about.
    also_types = ArrayField(models.BigIntegerField(), default=list, blank=True, db_default=[])
    min_age = models.PositiveSmallIntegerField(null=True, blank=True)
    max_age = models.PositiveSmallIntegerField(null=True, blank=True)
    accepts_new = models.BooleanField(default=True, help_text="Whether new patients are seen.")
    is_offered = models.BooleanField(
        default=True, help_text="Off: this clinician does not do such visits at all."
    )
    number = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Visits of a limit, or minutes of a gap."
    )
    per = models.CharField(
        max_length=4, choices=choices(RulePer), default=RulePer.DAY, db_default=RulePer.DAY
    )
    needs_referral = models.BooleanField(default=False, db_default=False)
    needs_records = models.BooleanField(
        default=False, db_default=False, help_text="Outside records must have come."
    )
    test = models.ForeignKey(
        VisitType,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The test that must come first: a visit of this kind.",
    )
    test_within_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Not older than so many days. Empty: however old."
    )
    reason = models.CharField(max_length=100, blank=True, help_text="For staff: why.")
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(provider__isnull=False, role__isnull=True, clinic__isnull=True)
                | Q(provider__isnull=True, role__isnull=False, clinic__isnull=True)
                | Q(provider__isnull=True, role__isnull=True, clinic__isnull=False),
                name="scheduling_rule_of_one",
                violation_error_message="Name the clinician, their role in a clinic, or a clinic.",
            ),
            models.CheckConstraint(
                condition=Q(min_age__isnull=True)
                | Q(max_age__isnull=True)
                | Q(max_age__gte=models.F("min_age")),
                name="scheduling_rule_ages",
                violation_error_message="The highest age cannot be below the lowest.",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[RuleKind.GAP, RuleKind.NEW_LIMIT, RuleKind.DAILY_CAP])
                | Q(kind=RuleKind.GAP, number__gt=0)
                | Q(kind__in=[RuleKind.NEW_LIMIT, RuleKind.DAILY_CAP]),
                name="scheduling_rule_number",
                violation_error_message="Say how many minutes.",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[RuleKind.ONLY, RuleKind.NOT_DONE])
                | Q(visit_type__isnull=False),
                name="scheduling_rule_types",
                violation_error_message="Name the visits that it is about.",
            ),
            models.CheckConstraint(
                condition=~Q(kind=RuleKind.FIRST)
                | Q(needs_referral=True)
                | Q(needs_records=True)
                | Q(test__isnull=False),
                name="scheduling_rule_first",
                violation_error_message="Say what must come first.",
            ),
        ]

    def __str__(self) -> str:
        return f"rule of {self.role or self.provider or self.clinic}"

    @property
    def type_ids(self) -> list[int]:
        """The visit types that it is about; empty: every one."""
        first = [] if self.visit_type_id is None else [self.visit_type_id]
        return [*first, *(pk for pk in self.also_types if pk not in first)]


class RuleSetting(models.Model):
    """What a clinic has a kind of rule do, where it is not what the kind does by default."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="rule_settings")
    rule = models.CharField(max_length=24, choices=choices(SETTABLE))
    effect = models.CharField(max_length=8, choices=choices(RuleEffect))
    roles = ArrayField(
        models.CharField(max_length=16, choices=choices(Role)),
        default=list,
        blank=True,
        help_text="Who may set it aside, with a reason.",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "rule"], name="scheduling_setting_once"),
            models.CheckConstraint(
                condition=Q(roles__contained_by=[str(role) for role in Role]),
                name="scheduling_setting_roles",
            ),
            models.CheckConstraint(
                condition=~Q(effect=RuleEffect.OVERRIDE) | ~Q(roles=[]),
                name="scheduling_setting_someone",
                violation_error_message="Say which roles may set it aside.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.effect}"


class RuleOverride(models.Model):
    """A rule that somebody set aside to book a visit: reported back to the clinic.

    Never changed. `sentence` is what the rule said, `reason` what they answered.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="overrides")
    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="overrides")
    rule = models.CharField(max_length=24)
    sentence = models.CharField(max_length=300)
    reason = models.CharField(max_length=300)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    by_label = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["clinic", "-at"], name="scheduling_override_clinic"),
            models.Index(fields=["-at", "-id"], name="scheduling_override_at"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} set aside for visit {self.appointment_id}"
