"""Why a number may no longer be the patient's."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Doubt(StrEnum):
    """It is also the source of the ledger's entry."""

    WRONG_NUMBER = "wrong-number"
    ASKED_WHO = "asked-who"
    BIRTH_DATE = "birth-date-failed"
    NOBODYS = "no-such-number"


WHY: Final = {
    Doubt.WRONG_NUMBER: "Somebody else has this phone. No more texts go to it; find the right "
    "number.",
    Doubt.ASKED_WHO: "Asked who we are: somebody else may have this number. No texts about the "
    "patient go to it until you have checked and asked again.",
    Doubt.BIRTH_DATE: "The date of birth did not match too often for a link that we texted here. "
    "No texts about the patient go to this number until you have checked and asked again.",
    Doubt.NOBODYS: "The carrier says that there is no such number. Find the right one.",
}
"""For the task, without the patient's words."""
