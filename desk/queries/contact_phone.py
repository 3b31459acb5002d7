"""Where somebody can be called who contacts us."""

from __future__ import annotations

from crm.models import Interaction, Phone


def phone_of(contact: Interaction) -> Phone | None:
    """Where they called from, else the patient's first number."""
    call = getattr(contact, "call", None)
    if call is not None and call.phone is not None:
        found: Phone = call.phone
        return found
    if contact.patient_id is None:
        return None
    rows = Phone.objects.filter(
        patient_phones__patient=contact.patient_id, patient_phones__ended_on=None
    )
    return rows.order_by("patient_phones__rank", "pk").first()
