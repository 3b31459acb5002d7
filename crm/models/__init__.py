from crm.engine.models import AuditEntry, Event, EventDelivery, Heartbeat
from crm.models.contact import ConsentEntry
from crm.models.people import (
    Coverage,
    Patient,
    PatientIdentifier,
    PatientPhone,
    Phone,
    Proxy,
)
from crm.models.staff import Installation, User
from crm.models.work import Interaction, Journey, Task

__all__ = [
    "AuditEntry",
    "ConsentEntry",
    "Coverage",
    "Event",
    "EventDelivery",
    "Heartbeat",
    "Installation",
    "Interaction",
    "Journey",
    "Patient",
    "PatientIdentifier",
    "PatientPhone",
    "Phone",
    "Proxy",
    "Task",
    "User",
]
