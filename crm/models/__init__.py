from crm.engine.models import AuditEntry, Event, EventDelivery, Heartbeat
from crm.models.callbacks import CallAttempt, Callback
from crm.models.calls import (
    Answer,
    Call,
    Handoff,
    InteractionStep,
    Verification,
    WrapUp,
)
from crm.models.center import Agent, PhoneLine, Queue, QueueEntry
from crm.models.chart import (
    CarePlanItem,
    ChartFetch,
    Encounter,
    LabReport,
    Medication,
)
from crm.models.contact import ConsentEntry
from crm.models.interpreting import InterpreterSession
from crm.models.merging import NameWord, PatientMerge
from crm.models.on_call import OnCall
from crm.models.people import (
    Coverage,
    Patient,
    PatientIdentifier,
    PatientPhone,
    Phone,
    Proxy,
)
from crm.models.social import SocialScreen
from crm.models.staff import Installation, User
from crm.models.work import Interaction, Journey, Task

__all__ = [
    "Agent",
    "Answer",
    "AuditEntry",
    "Call",
    "CallAttempt",
    "Callback",
    "CarePlanItem",
    "ChartFetch",
    "ConsentEntry",
    "Coverage",
    "Encounter",
    "Event",
    "EventDelivery",
    "Handoff",
    "Heartbeat",
    "Installation",
    "Interaction",
    "InteractionStep",
    "InterpreterSession",
    "Journey",
    "LabReport",
    "Medication",
    "NameWord",
    "OnCall",
    "Patient",
    "PatientIdentifier",
    "PatientMerge",
    "PatientPhone",
    "Phone",
    "PhoneLine",
    "Proxy",
    "Queue",
    "QueueEntry",
    "SocialScreen",
    "Task",
    "User",
    "Verification",
    "WrapUp",
]
