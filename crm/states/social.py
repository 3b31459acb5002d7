"""Social needs, and who interprets."""

from __future__ import annotations

from enum import StrEnum


class SocialNeed(StrEnum):
    """The five core domains of the AHC screening tool."""

    LIVING = "living"
    FOOD = "food"
    TRANSPORT = "transport"
    UTILITIES = "utilities"
    SAFETY = "safety"


class InterpreterKind(StrEnum):
    """Who interprets in a contact."""

    SERVICE = "service"  # a qualified interpreter of a service, on the line
    STAFF = "staff"  # a qualified interpreter of ours
    COMPANION = "companion"  # an adult with the patient, where the patient wishes so
