"""Rows for tests. Each factory makes one valid row; what matters, the test says itself.

Everything is dated from `NOW`, a Wednesday morning when every zone of the demo is awake.
"""

# factory_boy marks its types as private and leaves its declarations untyped.
# mypy: disable-error-code="attr-defined, no-untyped-call"

from __future__ import annotations

import datetime as dt
from typing import Any

import factory
from factory.django import DjangoModelFactory

from crm.engine import Actor
from crm.models import (
    ConsentEntry,
    Coverage,
    Interaction,
    Journey,
    OnCall,
    Patient,
    PatientIdentifier,
    PatientPhone,
    Phone,
    Proxy,
    Task,
    User,
)
from crm.states import Channel, ConsentDecision, ProxyScope, Purpose, Role, Sex, TaskKind
from outreach.models import Message, TextVersion
from outreach.states import Direction, MessageStatus
from scheduling.models import (
    Absence,
    AcceptedCoverage,
    Appointment,
    Clearance,
    Clinic,
    ClinicPolicy,
    EhrWrite,
    Estimate,
    FrequencyLimit,
    Hold,
    Location,
    NoFeePayer,
    PatientRestriction,
    PatternException,
    Provider,
    ProviderRole,
    ProviderRule,
    ReleaseRule,
    Room,
    ScheduleRun,
    ServiceRequest,
    SiteHoliday,
    Slot,
    SlotAudience,
    SlotFeedback,
    SourceCode,
    TemplateProposal,
    VisitToMove,
    VisitType,
    WeeklyPattern,
    WorkersComp,
)
from scheduling.states import (
    AppointmentStatus,
    ClearanceKind,
    EhrOperation,
    EstimateTrigger,
    ExceptionKind,
    FillMode,
    FreedBy,
    Holiday,
    Origin,
    OrphanChoice,
    PatientLimit,
    ProposalKind,
)
from waitlist.models import (
    Candidate,
    ImportedScore,
    Offer,
    Opening,
    PlannedOffer,
    PlannedWave,
    ScoreWeight,
    Survey,
    WaitlistEntry,
    Wave,
)
from waitlist.states import CandidateKind, OpeningStatus, ScoreKind

#: Wednesday 18 November 2026: 10:00 in Phoenix, 11:00 in Chicago's winter, noon in New York.
NOW = dt.datetime(2026, 11, 18, 17, 0, tzinfo=dt.UTC)
TEST = Actor.system("test")
SOURCE = "practice-ehr"


def phone_number(n: int) -> str:
    """The n-th of some ten thousand fictional Phoenix numbers (555-0000 to 555-9999)."""
    return f"+1602555{n % 10_000:04d}"


# --- crm ---------------------------------------------------------------------------


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"user{n}")
    first_name = "Alex"
    last_name = factory.Sequence(lambda n: f"Staff{n}")
    roles = factory.LazyFunction(lambda: [str(Role.AGENT)])


class PatientFactory(DjangoModelFactory[Patient]):
    class Meta:
        model = Patient

    family_name = factory.Sequence(lambda n: f"Alvarez{n}")
    given_name = "Maria"
    birth_on = dt.date(1980, 3, 14)
    sex = Sex.FEMALE
    zone = "America/Phoenix"


class PatientIdentifierFactory(DjangoModelFactory[PatientIdentifier]):
    class Meta:
        model = PatientIdentifier

    patient = factory.SubFactory(PatientFactory)
    system = SOURCE
    value = factory.Sequence(lambda n: f"MRN{n:06d}")


class PhoneFactory(DjangoModelFactory[Phone]):
    class Meta:
        model = Phone
        django_get_or_create = ("number",)

    number = factory.Sequence(phone_number)


class PatientPhoneFactory(DjangoModelFactory[PatientPhone]):
    class Meta:
        model = PatientPhone

    patient = factory.SubFactory(PatientFactory)
    phone = factory.SubFactory(PhoneFactory)


class ProxyFactory(DjangoModelFactory[Proxy]):
    class Meta:
        model = Proxy

    patient = factory.SubFactory(PatientFactory, birth_on=dt.date(2018, 5, 2))
    name = "Ana Alvarez"
    relationship = "mother"
    phone = factory.SubFactory(PhoneFactory)
    scope = factory.LazyFunction(lambda: [str(ProxyScope.SCHEDULING)])


class ConsentEntryFactory(DjangoModelFactory[ConsentEntry]):
    class Meta:
        model = ConsentEntry

    phone = factory.SubFactory(PhoneFactory)
    channel = Channel.SMS
    purpose = Purpose.ALL
    decision = ConsentDecision.GRANTED
    at = NOW - dt.timedelta(days=100)
    source = "intake-form"
    recorded_by = "test"


class CoverageFactory(DjangoModelFactory[Coverage]):
    class Meta:
        model = Coverage

    patient = factory.SubFactory(PatientFactory)
    payer = "Desert Mutual"


class JourneyFactory(DjangoModelFactory[Journey]):
    class Meta:
        model = Journey

    patient = factory.SubFactory(PatientFactory)
    need = "An earlier visit"
    opened_at = NOW


class InteractionFactory(DjangoModelFactory[Interaction]):
    class Meta:
        model = Interaction

    journey = factory.SubFactory(JourneyFactory)
    patient = factory.SelfAttribute("journey.patient")
    channel = Channel.SMS
    started_at = NOW


class TaskFactory(DjangoModelFactory[Task]):
    class Meta:
        model = Task

    kind = TaskKind.ANSWER_TEXT
    title = "Answer a text"
    due_at = NOW + dt.timedelta(hours=2)
    created_at = NOW
    cause_key = factory.Sequence(lambda n: f"test:{n}")


class OnCallFactory(DjangoModelFactory[OnCall]):
    """Today's turn, with a pager of its own."""

    class Meta:
        model = OnCall

    user = factory.SubFactory(UserFactory, roles=[str(Role.NURSE)])
    phone = factory.SubFactory(PhoneFactory)
    starts_at = NOW - dt.timedelta(hours=9)
    ends_at = NOW + dt.timedelta(hours=15)


def reachable_patient(**fields: Any) -> Patient:
    """A patient with one phone of their own that may be texted for everything.

    `number` chooses the phone (an existing one is shared); the rest are fields of the patient.
    """
    chosen = {"number": fields.pop("number")} if "number" in fields else {}
    patient = PatientFactory.create(**fields)
    link = PatientPhoneFactory.create(patient=patient, phone=PhoneFactory.create(**chosen))
    ConsentEntryFactory.create(phone=link.phone, patient=patient)
    return patient


def phone_of(patient: Patient) -> Phone:
    """The phone that is tried first."""
    return Phone.objects.filter(patient_phones__patient=patient).order_by("patient_phones__rank")[0]


# --- scheduling --------------------------------------------------------------------


class LocationFactory(DjangoModelFactory[Location]):
    class Meta:
        model = Location

    name = factory.Sequence(lambda n: f"Camelback Health Center {n}")
    short_name = "Camelback"
    zone = "America/Phoenix"
    phone = "(602) 555-0100"
    address_line = "2200 E Camelback Rd"
    city = "Phoenix"
    state = "AZ"
    postal_code = "85016"
    latitude = 33.5094
    longitude = -112.0330


class RoomFactory(DjangoModelFactory[Room]):
    class Meta:
        model = Room

    location = factory.SubFactory(LocationFactory)
    name = factory.Sequence(lambda n: f"Room {n}")


class VisitTypeFactory(DjangoModelFactory[VisitType]):
    class Meta:
        model = VisitType

    code = factory.Sequence(lambda n: f"CARD-FU-{n}")
    name = "Cardiology follow-up"
    specialty = "Cardiology"
    minutes = 30


class ClinicFactory(DjangoModelFactory[Clinic]):
    """A clinic on automatic that has signed the rule for feeds without slots."""

    class Meta:
        model = Clinic
        skip_postgeneration_save = True

    location = factory.SubFactory(LocationFactory)
    specialty = "Cardiology"
    name = "Cardiology, Camelback"
    mode = FillMode.AUTOMATIC
    siu_rule_signed_at = NOW - dt.timedelta(days=30)
    siu_rule_signed_by = factory.SubFactory(UserFactory)

    @factory.post_generation
    def visit_types(self: Any, create: bool, extracted: Any, **_: Any) -> None:
        """`ClinicFactory.create(visit_types=[…])` switches them on for filling."""
        if create and extracted:
            self.visit_types.set(extracted)


class ProviderFactory(DjangoModelFactory[Provider]):
    class Meta:
        model = Provider

    family_name = factory.Sequence(lambda n: f"Okafor{n}")
    given_name = "Grace"
    credential = "MD"


class ProviderRoleFactory(DjangoModelFactory[ProviderRole]):
    class Meta:
        model = ProviderRole

    provider = factory.SubFactory(ProviderFactory)
    clinic = factory.SubFactory(ClinicFactory)


class SourceCodeFactory(DjangoModelFactory[SourceCode]):
    class Meta:
        model = SourceCode

    source = SOURCE
    kind = "provider"
    code = factory.Sequence(lambda n: f"code-{n}")


class SlotFactory(DjangoModelFactory[Slot]):
    """Three days ahead at 9:00 in Phoenix, with a provider of its own."""

    class Meta:
        model = Slot

    role = factory.SubFactory(ProviderRoleFactory)
    visit_type = factory.SubFactory(VisitTypeFactory)
    starts_at = NOW + dt.timedelta(days=2, hours=23)
    ends_at = factory.LazyAttribute(
        lambda slot: slot.starts_at + dt.timedelta(minutes=slot.visit_type.minutes)
    )
    source = SOURCE
    source_id = factory.Sequence(lambda n: f"slot-{n}")


class SlotAudienceFactory(DjangoModelFactory[SlotAudience]):
    class Meta:
        model = SlotAudience

    clinic = factory.SubFactory(ClinicFactory)
    name = factory.Sequence(lambda n: f"Adults {n}")
    min_age = 18


class ReleaseRuleFactory(DjangoModelFactory[ReleaseRule]):
    """Open to all three days before; give `days_before` and `at_time` with `hours_before=None`."""

    class Meta:
        model = ReleaseRule

    clinic = factory.SubFactory(ClinicFactory)
    name = factory.Sequence(lambda n: f"Open to all {n}")
    hours_before = 72


class HoldFactory(DjangoModelFactory[Hold]):
    class Meta:
        model = Hold

    slot = factory.SubFactory(SlotFactory)
    seat = factory.Sequence(lambda n: n + 1)
    owner = "Dana R."
    created_at = NOW
    expires_at = NOW + dt.timedelta(minutes=10)


class WeeklyPatternFactory(DjangoModelFactory[WeeklyPattern]):
    """Mondays from 8 to 10 in half hours, at a clinic that owns its schedule."""

    class Meta:
        model = WeeklyPattern

    role = factory.SubFactory(ProviderRoleFactory, clinic__owns_schedule=True)
    valid_from_on = dt.date(2026, 11, 2)
    weekday = 0
    starts_time = dt.time(8)
    ends_time = dt.time(10)
    slot_minutes = 30
    visit_type = factory.SubFactory(VisitTypeFactory)


class PatternExceptionFactory(DjangoModelFactory[PatternException]):
    class Meta:
        model = PatternException

    pattern = factory.SubFactory(WeeklyPatternFactory)
    on = dt.date(2026, 11, 23)
    kind = ExceptionKind.CANCELLED


class AbsenceFactory(DjangoModelFactory[Absence]):
    """A day of leave, the Monday after `NOW` in Phoenix."""

    class Meta:
        model = Absence

    provider = factory.SubFactory(ProviderFactory)
    starts_at = dt.datetime(2026, 11, 23, 7, tzinfo=dt.UTC)
    ends_at = dt.datetime(2026, 11, 24, 7, tzinfo=dt.UTC)
    reason = "Leave"


class SiteHolidayFactory(DjangoModelFactory[SiteHoliday]):
    class Meta:
        model = SiteHoliday

    location = factory.SubFactory(LocationFactory)
    holiday = Holiday.THANKSGIVING


class ScheduleRunFactory(DjangoModelFactory[ScheduleRun]):
    class Meta:
        model = ScheduleRun

    first_on = dt.date(2026, 11, 23)
    last_on = dt.date(2026, 12, 6)
    orphans = OrphanChoice.KEEP
    role_ids = factory.LazyFunction(list)
    started_at = NOW
    started_by = "test"


class TemplateProposalFactory(DjangoModelFactory[TemplateProposal]):
    class Meta:
        model = TemplateProposal

    clinic = factory.SubFactory(ClinicFactory)
    kind = ProposalKind.SCHEDULE
    what = "Two more half hours for new patients on Tuesdays"
    why = "Callers ask for them"
    proposed_at = NOW
    proposed_by = "test"


class SlotFeedbackFactory(DjangoModelFactory[SlotFeedback]):
    class Meta:
        model = SlotFeedback

    slot = factory.SubFactory(SlotFactory)
    clinic = factory.SelfAttribute("slot.role.clinic")
    visit_type = factory.SelfAttribute("slot.visit_type")
    starts_at = factory.SelfAttribute("slot.starts_at")
    flagged_at = NOW
    flagged_by = factory.SubFactory(UserFactory)


class AppointmentFactory(DjangoModelFactory[Appointment]):
    """A visit that the EHR reported, six weeks ahead."""

    class Meta:
        model = Appointment

    patient = factory.SubFactory(PatientFactory)
    role = factory.SubFactory(ProviderRoleFactory)
    provider = factory.SelfAttribute("role.provider")
    location = factory.SelfAttribute("role.clinic.location")
    visit_type = factory.SubFactory(VisitTypeFactory)
    starts_at = NOW + dt.timedelta(days=42)
    ends_at = factory.LazyAttribute(
        lambda visit: visit.starts_at + dt.timedelta(minutes=visit.visit_type.minutes)
    )
    status = AppointmentStatus.BOOKED
    origin = Origin.EHR
    booked_at = NOW - dt.timedelta(days=10)
    source = SOURCE
    source_id = factory.Sequence(lambda n: f"appointment-{n}")


class VisitToMoveFactory(DjangoModelFactory[VisitToMove]):
    class Meta:
        model = VisitToMove

    appointment = factory.SubFactory(AppointmentFactory)
    why = "Its time is no longer on the schedule."
    added_at = NOW


class ClinicPolicyFactory(DjangoModelFactory[ClinicPolicy]):
    class Meta:
        model = ClinicPolicy

    clinic = factory.SubFactory(ClinicFactory)


class NoFeePayerFactory(DjangoModelFactory[NoFeePayer]):
    class Meta:
        model = NoFeePayer

    payer = factory.Sequence(lambda n: f"AHCCCS {n}")
    source = "AHCCCS Medical Policy Manual"


class PatientRestrictionFactory(DjangoModelFactory[PatientRestriction]):
    class Meta:
        model = PatientRestriction

    patient = factory.SubFactory(PatientFactory)
    clinic = factory.SubFactory(ClinicFactory)
    kind = PatientLimit.SAME_DAY
    proposed_at = NOW


class ClearanceFactory(DjangoModelFactory[Clearance]):
    class Meta:
        model = Clearance

    appointment = factory.SubFactory(AppointmentFactory)
    kind = ClearanceKind.REFERRAL
    created_at = NOW


class EstimateFactory(DjangoModelFactory[Estimate]):
    class Meta:
        model = Estimate

    appointment = factory.SubFactory(AppointmentFactory)
    trigger = EstimateTrigger.SCHEDULED
    started_on = NOW.date()
    due_on = NOW.date() + dt.timedelta(days=1)


class WorkersCompFactory(DjangoModelFactory[WorkersComp]):
    class Meta:
        model = WorkersComp

    appointment = factory.SubFactory(AppointmentFactory)
    claim_number = factory.Sequence(lambda n: f"WC-{n:06d}")
    injured_on = NOW.date() - dt.timedelta(days=9)
    adjuster = "Lee Park"


class EhrWriteFactory(DjangoModelFactory[EhrWrite]):
    class Meta:
        model = EhrWrite

    appointment = factory.SubFactory(AppointmentFactory)
    operation = EhrOperation.BOOK
    created_at = NOW
    due_at = NOW


class ServiceRequestFactory(DjangoModelFactory[ServiceRequest]):
    """An order without a limit, for any visit of its kind."""

    class Meta:
        model = ServiceRequest

    patient = factory.SubFactory(PatientFactory)
    visit_type = factory.SubFactory(VisitTypeFactory)


class ProviderRuleFactory(DjangoModelFactory[ProviderRule]):
    class Meta:
        model = ProviderRule

    role = factory.SubFactory(ProviderRoleFactory)
    accepts_new = False


class AcceptedCoverageFactory(DjangoModelFactory[AcceptedCoverage]):
    class Meta:
        model = AcceptedCoverage

    clinic = factory.SubFactory(ClinicFactory)
    payer = "Desert Mutual"


class FrequencyLimitFactory(DjangoModelFactory[FrequencyLimit]):
    class Meta:
        model = FrequencyLimit

    visit_type = factory.SubFactory(VisitTypeFactory)
    months = 12


# --- outreach ----------------------------------------------------------------------


class TextVersionFactory(DjangoModelFactory[TextVersion]):
    class Meta:
        model = TextVersion

    key = factory.Sequence(lambda n: f"text-{n}")
    language = "en"
    version = 1
    body = "Camelback: you can see us sooner. Reply YES to take it."


class MessageFactory(DjangoModelFactory[Message]):
    """An outbound text that waits for its turn; `inbound=True` makes one received."""

    class Meta:
        model = Message

    class Params:
        inbound = factory.Trait(
            direction=Direction.IN,
            status=MessageStatus.RECEIVED,
            purpose="",
            body="YES",
            carrier_id=factory.Sequence(lambda n: f"SM{n:032x}"),
            due_at=None,
        )

    direction = Direction.OUT
    status = MessageStatus.QUEUED
    patient = factory.SubFactory(PatientFactory)
    phone = factory.SubFactory(PhoneFactory)
    purpose = Purpose.OFFER
    body = "Camelback: you can see us sooner. Reply YES to take it."
    key = factory.Sequence(lambda n: f"test:{n}")
    created_at = NOW
    due_at = NOW


# --- waitlist ----------------------------------------------------------------------


class WaitlistEntryFactory(DjangoModelFactory[WaitlistEntry]):
    class Meta:
        model = WaitlistEntry

    patient = factory.SubFactory(PatientFactory)
    visit_type = factory.SubFactory(VisitTypeFactory)
    created_at = NOW - dt.timedelta(days=20)


class OpeningFactory(DjangoModelFactory[Opening]):
    class Meta:
        model = Opening

    slot = factory.SubFactory(SlotFactory)
    status = OpeningStatus.OFFERING
    mode = factory.LazyAttribute(
        lambda o: FillMode.SHADOW if o.status == "watching" else FillMode.AUTOMATIC
    )
    cause = FreedBy.CANCELLATION
    opened_at = NOW
    starts_at = factory.LazyAttribute(lambda o: o.slot.starts_at)
    deadline_at = factory.LazyAttribute(lambda o: o.slot.starts_at - dt.timedelta(hours=2))


class CandidateFactory(DjangoModelFactory[Candidate]):
    class Meta:
        model = Candidate

    opening = factory.SubFactory(OpeningFactory)
    patient = factory.SubFactory(PatientFactory)
    kind = CandidateKind.LATER_VISIT
    rank = factory.Sequence(lambda n: n + 1)


class WaveFactory(DjangoModelFactory[Wave]):
    class Meta:
        model = Wave

    opening = factory.SubFactory(OpeningFactory)
    number = 1
    size = 3
    sent_at = NOW
    why = "three days to go"


class PlannedWaveFactory(DjangoModelFactory[PlannedWave]):
    class Meta:
        model = PlannedWave

    opening = factory.SubFactory(OpeningFactory)
    number = 1
    status = "watched"
    planned_at = NOW
    answer_by = NOW + dt.timedelta(hours=3)
    lapses_at = NOW + dt.timedelta(hours=4)
    why = "three days to go"


class PlannedOfferFactory(DjangoModelFactory[PlannedOffer]):
    class Meta:
        model = PlannedOffer

    plan = factory.SubFactory(PlannedWaveFactory)
    candidate = factory.SubFactory(
        CandidateFactory, opening=factory.SelfAttribute("..plan.opening")
    )
    place = factory.Sequence(lambda n: n + 1)


class SurveyFactory(DjangoModelFactory[Survey]):
    class Meta:
        model = Survey

    opening = factory.SubFactory(OpeningFactory)


class OfferFactory(DjangoModelFactory[Offer]):
    """One live offer; give `wave` when several belong to one opening."""

    class Meta:
        model = Offer

    opening = factory.SubFactory(OpeningFactory)
    slot = factory.SelfAttribute("opening.slot")
    wave = factory.SubFactory(WaveFactory, opening=factory.SelfAttribute("..opening"))
    candidate = factory.SubFactory(CandidateFactory, opening=factory.SelfAttribute("..opening"))
    patient = factory.SelfAttribute("candidate.patient")
    phone = factory.SubFactory(PhoneFactory)
    offered_at = NOW
    expires_at = factory.LazyAttribute(lambda offer: offer.opening.deadline_at)


class ImportedScoreFactory(DjangoModelFactory[ImportedScore]):
    class Meta:
        model = ImportedScore

    patient = factory.SubFactory(PatientFactory)
    kind = ScoreKind.ACCEPTANCE
    model = "accept"
    version = "2.1"
    source = "Sonora data science"
    value = 0.5
    computed_at = NOW - dt.timedelta(days=1)
    expires_at = NOW + dt.timedelta(days=30)
    imported_at = NOW
    imported_by = "test"


class ScoreWeightFactory(DjangoModelFactory[ScoreWeight]):
    """Of one clinic; for every clinic with `clinic=None`."""

    class Meta:
        model = ScoreWeight

    clinic = factory.SubFactory(ClinicFactory)
    kind = ScoreKind.ACCEPTANCE
    model = "accept"
    weight = 20
