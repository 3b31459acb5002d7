from scheduling.models.booking import Appointment, EhrWrite
from scheduling.models.inventory import Slot
from scheduling.models.places import (
    Clinic,
    Location,
    Provider,
    ProviderRole,
    Room,
    SourceCode,
    VisitType,
)

__all__ = [
    "Appointment",
    "Clinic",
    "EhrWrite",
    "Location",
    "Provider",
    "ProviderRole",
    "Room",
    "Slot",
    "SourceCode",
    "VisitType",
]
