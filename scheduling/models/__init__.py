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
from scheduling.models.requirements import (
    AcceptedCoverage,
    FrequencyLimit,
    ProviderRule,
    ServiceRequest,
)

__all__ = [
    "AcceptedCoverage",
    "Appointment",
    "Clinic",
    "EhrWrite",
    "FrequencyLimit",
    "Location",
    "Provider",
    "ProviderRole",
    "ProviderRule",
    "Room",
    "ServiceRequest",
    "Slot",
    "SourceCode",
    "VisitType",
]
