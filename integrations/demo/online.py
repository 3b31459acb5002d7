"""What patients of the demo book by themselves, and two links that lead there."""

from __future__ import annotations

import datetime as dt

from crm.models import User
from integrations.demo.inventory import Inventory
from scheduling.models import BookingLink, OnlineVisit

#: Kinds of visit that the clinics open online, with the words of patients.
ONLINE = {
    "FM-PHYS": ("Yearly checkup", "Chequeo anual"),
    "FM-FU": ("Follow-up with your family doctor", "Control con su médico de familia"),
    "HEART-FU": ("Follow-up with your heart doctor", "Control con cardiología"),
    "BONES-FU": ("Follow-up for bones and joints", "Control de huesos y articulaciones"),
    "SKIN-CHECK": ("Skin check", "Revisión de la piel"),
}


def add_online(inventory: Inventory, *, by: User, at: dt.datetime) -> None:
    """Each clinic opens what it does of these; a poster at one site, a link to one clinician."""
    OnlineVisit.objects.bulk_create(
        OnlineVisit(
            clinic=clinic,
            visit_type=inventory.kinds[code],
            name_en=english,
            name_es=spanish,
        )
        for clinic in inventory.clinics.values()
        for code, (english, spanish) in ONLINE.items()
        if inventory.kinds[code].specialty == clinic.specialty
    )
    made = {"created_at": at, "created_by": by}
    BookingLink.objects.create(
        name="Poster in the lobby, Phoenix", location=inventory.locations["PHX"], **made
    )
    BookingLink.objects.create(
        name="Yearly checkup with Dr. Reyes, in Spanish",
        role=inventory.roles["P101"],
        visit_type=inventory.kinds["FM-PHYS"],
        language="es",
        **made,
    )
