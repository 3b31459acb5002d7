from scheduling.models.booking import Appointment, EhrWrite
from scheduling.models.catalog import (
    BillingCode,
    CatalogEntry,
    CatalogQuestion,
    ClinicVisit,
    LookAlike,
)
from scheduling.models.demand import SearchRecord
from scheduling.models.feedback import SlotFeedback, TemplateProposal
from scheduling.models.inventory import Hold, ReleaseRule, Slot, SlotAudience
from scheduling.models.mass import MassMove, MassMoveItem
from scheduling.models.papers import Clearance, Estimate, WorkersComp
from scheduling.models.places import (
    Clinic,
    Location,
    Provider,
    ProviderRole,
    Room,
    SourceCode,
    VisitType,
)
from scheduling.models.plans import (
    AppointmentResource,
    Plan,
    PlanDefinition,
    PlanNeed,
    PlanStep,
    PlanVisit,
    Taken,
)
from scheduling.models.policies import ClinicPolicy, NoFeePayer, PatientRestriction
from scheduling.models.preparation import PreparationLink
from scheduling.models.provider_rules import ProviderRule, RuleOverride, RuleSetting
from scheduling.models.ramp import ProviderRamp, RampShare
from scheduling.models.requirements import (
    AcceptedCoverage,
    FrequencyLimit,
    ServiceRequest,
)
from scheduling.models.self_service import (
    BookingLink,
    OnlineVisit,
    PhoneCode,
    SelfServiceSession,
)
from scheduling.models.telemedicine import ProviderLicense, VideoVisit
from scheduling.models.templates import (
    Absence,
    PatternException,
    ScheduleAhead,
    ScheduleRun,
    SiteHoliday,
    VisitToMove,
    WeeklyPattern,
)
from scheduling.models.trees import DecisionTree, TreeCase, TreeRun, TreeVersion

__all__ = [
    "Absence",
    "AcceptedCoverage",
    "Appointment",
    "AppointmentResource",
    "BillingCode",
    "BookingLink",
    "CatalogEntry",
    "CatalogQuestion",
    "Clearance",
    "Clinic",
    "ClinicPolicy",
    "ClinicVisit",
    "DecisionTree",
    "EhrWrite",
    "Estimate",
    "FrequencyLimit",
    "Hold",
    "Location",
    "LookAlike",
    "MassMove",
    "MassMoveItem",
    "NoFeePayer",
    "OnlineVisit",
    "PatientRestriction",
    "PatternException",
    "PhoneCode",
    "Plan",
    "PlanDefinition",
    "PlanNeed",
    "PlanStep",
    "PlanVisit",
    "PreparationLink",
    "Provider",
    "ProviderLicense",
    "ProviderRamp",
    "ProviderRole",
    "ProviderRule",
    "RampShare",
    "ReleaseRule",
    "Room",
    "RuleOverride",
    "RuleSetting",
    "ScheduleAhead",
    "ScheduleRun",
    "SearchRecord",
    "SelfServiceSession",
    "ServiceRequest",
    "SiteHoliday",
    "Slot",
    "SlotAudience",
    "SlotFeedback",
    "SourceCode",
    "Taken",
    "TemplateProposal",
    "TreeCase",
    "TreeRun",
    "TreeVersion",
    "VideoVisit",
    "VisitToMove",
    "VisitType",
    "WeeklyPattern",
    "WorkersComp",
]
