from waitlist.models.openings import (
    Candidate,
    Offer,
    Opening,
    WaitlistEntry,
    Wave,
    new_token,
)
from waitlist.models.plans import PlannedOffer, PlannedWave
from waitlist.models.scores import ImportedScore, ScoreWeight
from waitlist.models.surveys import Survey

__all__ = [
    "Candidate",
    "ImportedScore",
    "Offer",
    "Opening",
    "PlannedOffer",
    "PlannedWave",
    "ScoreWeight",
    "Survey",
    "WaitlistEntry",
    "Wave",
    "new_token",
]
