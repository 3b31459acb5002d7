"""Looking at everybody whom an opening could suit, when the first have been asked."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from crm.engine.models import DueRow, due_index
from waitlist.models.openings import Opening


class Survey(DueRow):
    """The count of everybody whom an opening could suit, taken after its first wave has gone.

    Matching looks at a shortlist, so that nobody waits for the rest. This row's step looks at
    the rest, in the queue for bulk work, and writes what it finds to the opening and its
    candidates.
    """

    opening = models.OneToOneField(Opening, on_delete=models.CASCADE, related_name="survey")
    done_at = models.DateTimeField(null=True, blank=True)
    #: People whom the rules were asked about, one by one. Fewer than the opening's `considered`
    #: where there are too many; its other counts are then "at least".
    asked_about = models.PositiveIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [due_index("waitlist_survey_due")]

    def __str__(self) -> str:
        return f"survey of {self.opening_id}"
