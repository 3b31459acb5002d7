"""How many were considered for an opening, and how far that has been counted."""

from __future__ import annotations

from dataclasses import dataclass

from waitlist.models import Opening, Survey


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts in words, as exact as they are.

    `asked_about`: people whom the rules were asked about one by one; None for all of them.
    """

    considered: int
    eligible: int
    is_counting: bool
    asked_about: int | None

    @property
    def in_short(self) -> str:
        """ "48 of 228 considered", beside the heading."""
        if self.is_counting:
            return f"{self.eligible:,} found; counting the rest…"
        if self.asked_about is None:
            return f"{self.eligible:,} of {self.considered:,} considered"
        if self.asked_about == 0:
            return f"{self.eligible:,} found before it ended"
        return f"at least {self.eligible:,} of {self.considered:,} considered"

    @property
    def told(self) -> str:
        """ "228 considered, 48 could take it", as a step of the story."""
        if self.is_counting or self.asked_about == 0:
            return f"{self.eligible:,} found who could take it"
        least = "" if self.asked_about is None else "at least "
        return f"{self.considered:,} considered, {least}{self.eligible:,} could take it"


def tally_of(opening: Opening) -> Tally:
    """The opening's counts. Reads its survey: select it with the opening."""
    survey: Survey | None = getattr(opening, "survey", None)
    asked_about = survey.asked_about if survey and survey.done_at else opening.considered
    return Tally(
        considered=opening.considered,
        eligible=opening.eligible,
        is_counting=survey is not None and survey.done_at is None,
        asked_about=asked_about if asked_about < opening.considered else None,
    )
