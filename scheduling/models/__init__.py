from scheduling.models.booking import Appointment, EhrWrite
from scheduling.models.inventory import Hold, ReleaseRule, Slot, SlotAudience
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
    "Hold",
    "Location",
    "Provider",
    "ProviderRole",
    "ProviderRule",
    "ReleaseRule",
    "Room",
    "ServiceRequest",
    "Slot",
    "SlotAudience",
    "SourceCode",
    "VisitType",
]
