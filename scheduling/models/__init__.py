from scheduling.models.booking import Appointment, EhrWrite
from scheduling.models.catalog import (
    BillingCode,
    CatalogEntry,
    CatalogQuestion,
    ClinicVisit,
    LookAlike,
)
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
from scheduling.models.ramp import ProviderRamp, RampShare
from scheduling.models.requirements import (
    AcceptedCoverage,
    FrequencyLimit,
    ProviderRule,
    ServiceRequest,
)
from scheduling.models.trees import DecisionTree, TreeCase, TreeRun, TreeVersion

__all__ = [
    "AcceptedCoverage",
    "Appointment",
    "BillingCode",
    "CatalogEntry",
    "CatalogQuestion",
    "Clinic",
    "ClinicVisit",
    "DecisionTree",
    "EhrWrite",
    "FrequencyLimit",
    "Hold",
    "Location",
    "LookAlike",
    "Provider",
    "ProviderRamp",
    "ProviderRole",
    "ProviderRule",
    "RampShare",
    "ReleaseRule",
    "Room",
    "ServiceRequest",
    "Slot",
    "SlotAudience",
    "SourceCode",
    "TreeCase",
    "TreeRun",
    "TreeVersion",
    "VisitType",
]
