"""Scripts, articles and call types: what may follow what, and the words that are counted."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from crm.states import ChartPart

#: Panels by what they show of the chart.
CHART_PANELS: Final = {
    "labs": ChartPart.LABS,
    "plan": ChartPart.PLAN,
    "visits": ChartPart.VISITS,
    "coverage": ChartPart.COVERAGE,
    "refills": ChartPart.MEDICATIONS,
}


class VersionStatus(StrEnum):
    """Life of one version of a script or an article. Only a draft can be changed."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"  # comes into force by itself at its time
    PUBLISHED = "published"
    RETIRED = "retired"  # another version took its place, or a draft was thrown away


VERSION_MOVES: dict[VersionStatus, frozenset[VersionStatus]] = {
    VersionStatus.DRAFT: frozenset(
        {VersionStatus.SCHEDULED, VersionStatus.PUBLISHED, VersionStatus.RETIRED}
    ),
    VersionStatus.SCHEDULED: frozenset(
        {VersionStatus.DRAFT, VersionStatus.PUBLISHED, VersionStatus.RETIRED}
    ),
    VersionStatus.PUBLISHED: frozenset({VersionStatus.RETIRED}),
    VersionStatus.RETIRED: frozenset(),
}


class Proof(StrEnum):
    """What must be sure of whoever speaks before anything about a patient is said."""

    NONE = "none"
    TWO_IDENTIFIERS = "two-identifiers"
    #: Clinicians, pharmacies, laboratories: who they are by the number that we call back.
    CALLBACK_NUMBER = "callback-number"
    #: Law, courts, press: nothing is said at all; it goes to the privacy officer.
    NOTHING_SAID = "nothing-said"


class StepDo(StrEnum):
    """What a step of a script asks of the agent."""

    SAY = "say"  # read out
    ASK = "ask"  # read out, and the answer is kept
    NOTE = "note"  # written down without asking: exact words, who took it
    CHECK = "check"  # make sure of something, and tick it
    ACT = "act"  # do something on the screen
    WARN = "warn"  # what the agent must not forget; nothing to do

    @property
    def is_spoken(self) -> bool:
        """Whether its words are said to the caller, and so stand in Spanish as well."""
        return self in {StepDo.SAY, StepDo.ASK}

    @property
    def is_answered(self) -> bool:
        """Whether words or one of several answers are kept, and not only that it was done."""
        return self in {StepDo.ASK, StepDo.NOTE}

    @property
    def is_passive(self) -> bool:
        """Whether it goes along with the step after it, and needs no doing of its own."""
        return self in {StepDo.SAY, StepDo.WARN}


class StepState(StrEnum):
    """Where a step of a script stands in one contact."""

    DONE = "done"
    NOW = "now"
    LATER = "later"
    PASSED = "passed"  # it may be left out, and the contact has gone on; it can still be answered
    SKIPPED = "skipped"  # with a reason
