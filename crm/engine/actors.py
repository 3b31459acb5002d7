"""Who does a thing: a user, a patient on some channel, an EHR, or Firstcall itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crm.models import Patient, User


class ActorKind(StrEnum):
    USER = "user"
    PATIENT = "patient"
    EHR = "ehr"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """The `by=` of every action. `label` is what a timeline shows; it names no patient."""

    kind: ActorKind
    label: str
    id: int | None = None

    @classmethod
    def user(cls, user: User) -> Actor:
        return cls(ActorKind.USER, user.get_full_name() or user.get_username(), user.pk)

    @classmethod
    def patient(cls, patient: Patient, *, channel: str) -> Actor:
        return cls(ActorKind.PATIENT, f"patient by {channel}", patient.pk)

    @classmethod
    def proxy(cls, patient: Patient, *, channel: str) -> Actor:
        """Somebody who acts for `patient`; who, stands beside the audit entry."""
        return cls(ActorKind.PATIENT, f"proxy by {channel}", patient.pk)

    @classmethod
    def ehr(cls, source: str) -> Actor:
        return cls(ActorKind.EHR, source)

    @classmethod
    def system(cls, part: str) -> Actor:
        """`part` is the always-on job that acts: "fill", "outreach"."""
        return cls(ActorKind.SYSTEM, part)
