"""What the pages of the staff share, whatever app they belong to."""

from crm.web.guards import (
    actor,
    allowed_to,
    htmx_of,
    note_first_views,
    note_views,
    view_token,
    was_seen,
)
from crm.web.sheets import csv_answer

__all__ = [
    "actor",
    "allowed_to",
    "csv_answer",
    "htmx_of",
    "note_first_views",
    "note_views",
    "view_token",
    "was_seen",
]
