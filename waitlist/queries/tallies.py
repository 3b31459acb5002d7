"""How many were considered for an opening, and how far that has been counted."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from waitlist.models import Opening, Survey


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts in words of the language of the page, as exact as they are.

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
            words = _("%(eligible)s found; counting the rest…")
        elif self.asked_about is None:
            words = _("%(eligible)s of %(considered)s considered")
        elif self.asked_about == 0:
            words = _("%(eligible)s found before it ended")
        else:
            words = _("at least %(eligible)s of %(considered)s considered")
        return words % self._figures

    @property
    def told(self) -> str:
        """ "228 considered, 48 could take it", as a step of the story."""
        if self.is_counting or self.asked_about == 0:
            words = _("%(eligible)s found who could take it")
        elif self.asked_about is None:
            words = _("%(considered)s considered, %(eligible)s could take it")
        else:
            words = _("%(considered)s considered, at least %(eligible)s could take it")
        return words % self._figures

    @property
    def _figures(self) -> dict[str, str]:
        return {"eligible": f"{self.eligible:,}", "considered": f"{self.considered:,}"}


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
