"""Staff, and facts about this installation."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from crm.states import Role, StaffLanguage, choices


class User(AbstractUser):
    """A member of staff, or another system's account."""

    roles = ArrayField(
        models.CharField(max_length=16, choices=choices(Role)), default=list, blank=True
    )
    #: What the pages speak to them (crm/web/language.py); chosen by themselves.
    language = models.CharField(
        max_length=8,
        choices=[
            (StaffLanguage.ENGLISH.value, "English"),
            (StaffLanguage.SPANISH.value, "Español"),
        ],
        default=StaffLanguage.ENGLISH,
        db_default=StaffLanguage.ENGLISH.value,
    )

    class Meta(AbstractUser.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(roles__contained_by=[str(r) for r in Role]), name="crm_user_known_roles"
            )
        ]

    def has_role(self, *roles: Role) -> bool:
        """Whether the user has one of `roles`; a superuser has them all."""
        return self.is_superuser or any(role in self.roles for role in roles)


class Installation(models.Model):
    """The one row that says what this database is: a demo, loaded when, from which seed."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    demo_loaded_at = models.DateTimeField(null=True)
    demo_seed = models.PositiveIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="crm_one_installation")
        ]

    def __str__(self) -> str:
        return "demo" if self.demo_loaded_at else "installation"
