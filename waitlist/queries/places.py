"""Who holds a place on the list, and for what."""

from __future__ import annotations

from django.db.models import QuerySet

from crm.models import Patient
from scheduling.models import VisitType
from waitlist.models import WaitlistEntry
from waitlist.states import EntryStatus


def places_of(patient: Patient, visit_type: VisitType) -> QuerySet[WaitlistEntry]:
    """What the patient waits for that such a visit may answer, the oldest first."""
    return WaitlistEntry.objects.filter(
        patient=patient, visit_type=visit_type, status=EntryStatus.WAITING
    ).order_by("created_at", "pk")
