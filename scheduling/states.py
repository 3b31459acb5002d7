"""Life of a slot and of an appointment, as plain enums and transition tables.

The tables are the only truth about what may follow what: `crm.engine.move` refuses
anything else, and `docs/states.md` is printed from them.
"""

from __future__ import annotations

from enum import StrEnum


class SlotStatus(StrEnum):
    """FHIR Slot.status, with the one state FHIR has no word for."""

    FREE = "free"  # bookable, subject to its restriction (FHIR free)
    BUSY = "busy"  # every seat is taken (FHIR busy)
    VACATED = "vacated"  # its visit was cancelled, the EHR has not yet said it is free
    BLOCKED = "blocked"  # closed by the clinic (FHIR busy-unavailable)
    WITHDRAWN = "withdrawn"  # no longer on the schedule (FHIR entered-in-error)


SLOT_MOVES: dict[SlotStatus, frozenset[SlotStatus]] = {
    SlotStatus.FREE: frozenset({SlotStatus.BUSY, SlotStatus.BLOCKED, SlotStatus.WITHDRAWN}),
    SlotStatus.BUSY: frozenset(
        {SlotStatus.VACATED, SlotStatus.FREE, SlotStatus.BLOCKED, SlotStatus.WITHDRAWN}
    ),
    SlotStatus.VACATED: frozenset(
        {SlotStatus.FREE, SlotStatus.BUSY, SlotStatus.BLOCKED, SlotStatus.WITHDRAWN}
    ),
    SlotStatus.BLOCKED: frozenset({SlotStatus.FREE, SlotStatus.BUSY, SlotStatus.WITHDRAWN}),
    SlotStatus.WITHDRAWN: frozenset({SlotStatus.FREE, SlotStatus.BUSY, SlotStatus.BLOCKED}),
}


class AppointmentStatus(StrEnum):
    """FHIR Appointment.status, in the words that staff use where they differ."""

    REQUESTED = "requested"  # ours, the EHR has not confirmed it (FHIR proposed)
    BOOKED = "booked"
    ARRIVED = "arrived"
    FULFILLED = "fulfilled"
    NO_SHOW = "noshow"
    CANCELLED = "cancelled"
    REFUSED = "refused"  # the EHR said no; it never was a visit
    ENTERED_IN_ERROR = "entered-in-error"


#: A visit in one of these takes a seat.
LIVE = frozenset({AppointmentStatus.REQUESTED, AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED})
#: The EHR has it, or had it take place.
STANDS = frozenset(
    {AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED}
)

#: What an EHR may say of a visit that has been made, in whatever order its news arrive.
_TOLD = frozenset(
    {
        AppointmentStatus.BOOKED,
        AppointmentStatus.ARRIVED,
        AppointmentStatus.FULFILLED,
        AppointmentStatus.NO_SHOW,
        AppointmentStatus.CANCELLED,
        AppointmentStatus.ENTERED_IN_ERROR,
    }
)

#: Everything that is told may follow everything: the EHR corrects itself (a check-in, a cancel,
#: a no-show taken back), and a feed that lost a message goes on with the next.
APPOINTMENT_MOVES: dict[AppointmentStatus, frozenset[AppointmentStatus]] = {
    AppointmentStatus.REQUESTED: _TOLD | {AppointmentStatus.REFUSED},
    **{status: _TOLD - {status} for status in AppointmentStatus if status in _TOLD},
    AppointmentStatus.REFUSED: _TOLD,
}


class Modality(StrEnum):
    IN_PERSON = "in-person"
    VIDEO = "video"
    PHONE = "phone"


class Restriction(StrEnum):
    """Why a slot is not open to all. A release rule may lift it at a time."""

    NONE = "none"
    SAME_DAY = "same-day"  # bookable on its own day only
    SAME_WEEK = "same-week"
    DAYS_BEFORE = "days-before"  # bookable from so many days before its day
    NEW_PATIENTS = "new-patients"
    ESTABLISHED = "established"
    HELD_FOR_REVIEW = "held-for-review"


class Audience(StrEnum):
    """Whom a visit type is for: seen in the specialty here within three years, or not."""

    ANY = "any"
    NEW = "new"
    ESTABLISHED = "established"


class RuleEffect(StrEnum):
    """What a rule that objects to a booking does about it."""

    BLOCK = "block"  # nobody may go past it
    OVERRIDE = "override"  # some roles may, with a reason; the clinic hears of it
    WARN = "warn"  # whoever books sees it, and goes on


class RuleKind(StrEnum):
    """What a provider rule is about."""

    WHOM = "whom"  # ages; new patients, or none
    NOT_DONE = "not-done"  # does not do these visits
    ONLY = "only"  # does these visits, and no others
    FIRST = "first"  # a referral, records or a test before such a visit
    NEW_LIMIT = "new-limit"  # so many new patients a day or a week
    DAILY_CAP = "daily-cap"  # so many such visits a day or a week
    GAP = "gap"  # minutes between two such visits
    PAIRING = "pairing"  # not two such visits in a row


class RulePer(StrEnum):
    """What a limit counts over: the site's day, or its week from Monday."""

    DAY = "day"
    WEEK = "week"


class HoldStatus(StrEnum):
    """Life of a slot kept for somebody for minutes."""

    HELD = "held"
    USED = "used"  # it became a booking
    RELEASED = "released"  # given back before its time
    LAPSED = "lapsed"


HOLD_MOVES: dict[HoldStatus, frozenset[HoldStatus]] = {
    HoldStatus.HELD: frozenset({HoldStatus.USED, HoldStatus.RELEASED, HoldStatus.LAPSED}),
    HoldStatus.USED: frozenset(),
    HoldStatus.RELEASED: frozenset(),
    HoldStatus.LAPSED: frozenset(),
}


class FillMode(StrEnum):
    """How far a clinic lets Firstcall go with its freed slots (O10)."""

    OFF = "off"
    SHADOW = "shadow"  # what would have been offered is written down; nothing is sent
    CLERK_CONFIRMED = "clerk-confirmed"  # each wave waits until a person sends it
    AUTOMATIC = "automatic"


#: In these somebody may be asked.
ASKS_PATIENTS = frozenset({FillMode.CLERK_CONFIRMED, FillMode.AUTOMATIC})


class Origin(StrEnum):
    """Who made the booking. Only ours are under the no-double-booking constraints."""

    FIRSTCALL = "firstcall"
    EHR = "ehr"


class FreedBy(StrEnum):
    """Why a slot became free: the cause that an opening carries."""

    CANCELLATION = "cancellation"
    RESCHEDULE = "reschedule"
    BLOCK_RELEASED = "block-released"
    RELEASE_RULE = "release-rule"
    NEW_TIME = "new-time"
    GIVEN_UP = "given-up"  # the later visit of somebody who took an earlier one


class EhrOperation(StrEnum):
    BOOK = "book"
    CANCEL = "cancel"
    ARRIVE = "arrive"
    NO_SHOW = "no-show"
    RESTORE = "restore"  # a check-in or a no-show taken back: booked again


class CancelledBy(StrEnum):
    """Who gave the visit up. Wasted-appointment figures and fills depend on it."""

    PATIENT = "patient"
    PROVIDER = "provider"
    ORGANIZATION = "organization"
    UNKNOWN = "unknown"


class EhrWriteStatus(StrEnum):
    """Life of one write to an EHR. `UNKNOWN` means sent, answer lost: read back first."""

    PENDING = "pending"
    SENT = "sent"
    UNKNOWN = "unknown"
    DONE = "done"
    REFUSED = "refused"
    ABANDONED = "abandoned"  # no longer wanted, or a person took it over


EHR_WRITE_MOVES: dict[EhrWriteStatus, frozenset[EhrWriteStatus]] = {
    EhrWriteStatus.PENDING: frozenset(
        {EhrWriteStatus.SENT, EhrWriteStatus.DONE, EhrWriteStatus.ABANDONED}
    ),
    EhrWriteStatus.SENT: frozenset(
        {
            EhrWriteStatus.DONE,
            EhrWriteStatus.REFUSED,
            EhrWriteStatus.UNKNOWN,
            EhrWriteStatus.PENDING,
            EhrWriteStatus.ABANDONED,
        }
    ),
    EhrWriteStatus.UNKNOWN: frozenset(
        {
            EhrWriteStatus.DONE,
            EhrWriteStatus.REFUSED,
            EhrWriteStatus.PENDING,
            EhrWriteStatus.ABANDONED,
        }
    ),
    EhrWriteStatus.DONE: frozenset(),
    EhrWriteStatus.REFUSED: frozenset({EhrWriteStatus.DONE}),  # a person did it there
    EhrWriteStatus.ABANDONED: frozenset({EhrWriteStatus.DONE}),
}


class TreeStatus(StrEnum):
    """Life of one version of a decision tree. Only a draft can be changed."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"  # another version took its place, or a draft was thrown away


TREE_MOVES: dict[TreeStatus, frozenset[TreeStatus]] = {
    TreeStatus.DRAFT: frozenset({TreeStatus.PUBLISHED, TreeStatus.RETIRED}),
    TreeStatus.PUBLISHED: frozenset({TreeStatus.RETIRED}),
    TreeStatus.RETIRED: frozenset(),
}


class TreeRunStatus(StrEnum):
    """One way through a tree, with somebody on the line or on the web."""

    RUNNING = "running"
    ENDED = "ended"  # it came to an outcome
    LEFT = "left"  # given up on the way


TREE_RUN_MOVES: dict[TreeRunStatus, frozenset[TreeRunStatus]] = {
    TreeRunStatus.RUNNING: frozenset({TreeRunStatus.ENDED, TreeRunStatus.LEFT}),
    TreeRunStatus.ENDED: frozenset({TreeRunStatus.RUNNING}),  # an earlier answer is corrected
    TreeRunStatus.LEFT: frozenset({TreeRunStatus.RUNNING}),  # the caller is back
}


class VisitUrgency(StrEnum):
    """How soon a visit must be, where a decision tree ends at one."""

    TODAY = "today"
    THREE_DAYS = "3-days"
    WEEK = "7-days"
    TWO_WEEKS = "14-days"
    ROUTINE = "routine"

    @property
    def within_days(self) -> int | None:
        """At most so many days ahead, counted from today; None sets no limit."""
        return {"today": 0, "3-days": 3, "7-days": 7, "14-days": 14}.get(self.value)


class HandOverTo(StrEnum):
    """Who goes on where a tree does not end at a visit."""

    NURSE = "nurse"
    QUEUE = "queue"
    CALL_911 = "911"


class ExceptionKind(StrEnum):
    """How one date of a weekly pattern differs."""

    CANCELLED = "cancelled"  # the session does not take place
    CHANGED = "changed"  # at other hours
    EXTRA = "extra"  # one session more, of the same kind


class Holiday(StrEnum):
    """Federal holidays of the United States (5 U.S.C. 6103), which a site keeps or not."""

    NEW_YEAR = "new-year"
    KING = "martin-luther-king"
    PRESIDENTS = "presidents-day"
    MEMORIAL = "memorial-day"
    JUNETEENTH = "juneteenth"
    INDEPENDENCE = "independence-day"
    LABOR = "labor-day"
    COLUMBUS = "columbus-day"
    VETERANS = "veterans-day"
    THANKSGIVING = "thanksgiving"
    CHRISTMAS = "christmas"


class OrphanChoice(StrEnum):
    """What becomes of booked visits whose slot the schedule no longer has."""

    KEEP = "keep"  # their slots stay until they are over
    HAND_OVER = "hand-over"  # their slots go; the visits wait to be moved


class ScheduleRunStatus(StrEnum):
    """Life of one bringing of slots in line with the weekly patterns."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


SCHEDULE_RUN_MOVES: dict[ScheduleRunStatus, frozenset[ScheduleRunStatus]] = {
    ScheduleRunStatus.RUNNING: frozenset({ScheduleRunStatus.DONE, ScheduleRunStatus.STOPPED}),
    ScheduleRunStatus.DONE: frozenset(),
    ScheduleRunStatus.STOPPED: frozenset(),
}


class ProposalKind(StrEnum):
    """What a clinic is asked to change in a schedule that its EHR owns."""

    BLOCK = "block"
    UNBLOCK = "unblock"
    RESTRICTION = "restriction"
    SCHEDULE = "schedule"  # hours, weekdays, visit types


class ProposalStatus(StrEnum):
    """Life of a proposal to the clinic."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"  # the clinic changes it in its EHR
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # by us, before there was an answer


PROPOSAL_MOVES: dict[ProposalStatus, frozenset[ProposalStatus]] = {
    ProposalStatus.PROPOSED: frozenset(
        {ProposalStatus.ACCEPTED, ProposalStatus.DECLINED, ProposalStatus.WITHDRAWN}
    ),
    ProposalStatus.ACCEPTED: frozenset(),
    ProposalStatus.DECLINED: frozenset({ProposalStatus.PROPOSED}),  # asked once more
    ProposalStatus.WITHDRAWN: frozenset({ProposalStatus.PROPOSED}),
}


class FeedbackStatus(StrEnum):
    """Life of a flag that a slot or a visit type is mislabeled."""

    OPEN = "open"
    ANSWERED = "answered"
    TAKEN_BACK = "taken-back"  # by whoever flagged it


FEEDBACK_MOVES: dict[FeedbackStatus, frozenset[FeedbackStatus]] = {
    FeedbackStatus.OPEN: frozenset({FeedbackStatus.ANSWERED, FeedbackStatus.TAKEN_BACK}),
    FeedbackStatus.ANSWERED: frozenset({FeedbackStatus.OPEN}),
    FeedbackStatus.TAKEN_BACK: frozenset({FeedbackStatus.OPEN}),
}


class Wish(StrEnum):
    """What somebody wants of the pages without a login."""

    NEW = "new"
    MOVE = "move"
    GIVE_UP = "give-up"
    WAIT = "wait"  # a place on the list


class SelfServiceStep(StrEnum):
    """How far somebody came on the pages without a login; in this order."""

    SAFETY = "safety"
    WISH = "wish"
    PHONE = "phone"
    CODE = "code"
    PERSON = "person"
    VISIT = "visit"  # which visit to move or give up
    TIME = "time"
    CHECK = "check"
    DONE = "done"


class SelfServiceStatus(StrEnum):
    """Life of one visit to the pages without a login."""

    OPEN = "open"
    DONE = "done"  # booked, requested, moved, given up, or on the list
    STOPPED = "stopped"  # what they wrote may be an emergency
    LEFT = "left"  # nobody went on with it


SELF_SERVICE_MOVES: dict[SelfServiceStatus, frozenset[SelfServiceStatus]] = {
    SelfServiceStatus.OPEN: frozenset(
        {SelfServiceStatus.DONE, SelfServiceStatus.STOPPED, SelfServiceStatus.LEFT}
    ),
    SelfServiceStatus.DONE: frozenset(),
    SelfServiceStatus.STOPPED: frozenset(),
    SelfServiceStatus.LEFT: frozenset(),
}


class LeftWhy(StrEnum):
    """Why a way through a tree was given up."""

    HUNG_UP = "hung-up"
    WRONG_TREE = "wrong-tree"  # it was about something else
    NO_FIT = "no-fit"  # no answer fitted
    HANDED_ON = "handed-on"


class SearchStatus(StrEnum):
    """How a search for a time ended."""

    OPEN = "open"  # somebody is at it
    BOOKED = "booked"
    LOST = "lost"  # the agent said why, or there was nothing to show
    ABANDONED = "abandoned"  # times were shown, and nobody said why none was taken


SEARCH_MOVES: dict[SearchStatus, frozenset[SearchStatus]] = {
    SearchStatus.OPEN: frozenset({SearchStatus.BOOKED, SearchStatus.LOST, SearchStatus.ABANDONED}),
    SearchStatus.BOOKED: frozenset(),
    SearchStatus.LOST: frozenset({SearchStatus.BOOKED}),  # they called again, from the same page
    SearchStatus.ABANDONED: frozenset({SearchStatus.LOST, SearchStatus.BOOKED}),
}


class Lack(StrEnum):
    """What a search that ended without a booking was short of."""

    NO_TIMES = "no-times"  # nothing on the schedule in that window
    TOO_FAR = "too-far"
    WISHES = "wishes"  # nothing with that clinician, language, sex, day or hour
    HIDDEN = "hidden"  # a rule hid what there was
    DECLINED = "declined"  # times were shown, the patient wanted none of them


class Declined(StrEnum):
    """Why none of the times that were shown suited, in the patient's words."""

    TOO_LATE = "too-late"
    OTHER_HOURS = "other-hours"
    TOO_FAR = "too-far"
    OTHER_CLINICIAN = "other-clinician"
    IN_PERSON = "in-person"  # wants to come
    REMOTE = "remote"  # wants not to
    COST = "cost"
    THINKS = "thinks-it-over"
    OTHER = "other"


class CancelReason(StrEnum):
    """Why a visit was given up, in the words that staff choose from.

    Each is somebody's doing (`who`): wasted-appointment figures and fills depend on that.
    """

    CANNOT_COME = "cannot-come"
    OTHER_TIME = "other-time"  # moved, at the patient's wish
    EARLIER_TIME = "earlier-time"  # took an earlier one that was offered
    SICK = "sick"
    FEELS_BETTER = "feels-better"
    NO_RIDE = "no-ride"
    COST = "cost"
    WENT_ELSEWHERE = "went-elsewhere"
    MOVED_AWAY = "moved-away"
    DECEASED = "deceased"
    PATIENT_OTHER = "patient-other"
    CLINICIAN_AWAY = "clinician-away"
    CLINICIAN_SICK = "clinician-sick"
    NOT_READY = "not-ready"  # results or records were not there
    CLINICIAN_OTHER = "clinician-other"
    CLOSED = "closed"  # weather, power, a closed site
    EQUIPMENT = "equipment"
    NO_ROOM = "no-room"
    NO_INTERPRETER = "no-interpreter"
    NOT_AUTHORIZED = "not-authorized"
    BOOKED_IN_ERROR = "booked-in-error"
    CLINIC_OTHER = "clinic-other"

    @property
    def who(self) -> CancelledBy:
        """Whose doing it is."""
        if self in _PATIENTS_OWN:
            return CancelledBy.PATIENT
        return CancelledBy.PROVIDER if self in _CLINICIANS_OWN else CancelledBy.ORGANIZATION


_PATIENTS_OWN = frozenset(
    {
        CancelReason.CANNOT_COME,
        CancelReason.OTHER_TIME,
        CancelReason.EARLIER_TIME,
        CancelReason.SICK,
        CancelReason.FEELS_BETTER,
        CancelReason.NO_RIDE,
        CancelReason.COST,
        CancelReason.WENT_ELSEWHERE,
        CancelReason.MOVED_AWAY,
        CancelReason.DECEASED,
        CancelReason.PATIENT_OTHER,
    }
)
_CLINICIANS_OWN = frozenset(
    {
        CancelReason.CLINICIAN_AWAY,
        CancelReason.CLINICIAN_SICK,
        CancelReason.NOT_READY,
        CancelReason.CLINICIAN_OTHER,
    }
)


class MissedBecause(StrEnum):
    """Why somebody missed a visit through no fault of theirs."""

    TECHNICAL_FAILURE = "technical-failure"  # video or phone did not work
    NO_INTERPRETER = "no-interpreter"  # ours did not come
    HOSPITAL_STAY = "hospital-stay"
    TRANSPORT_FAILURE = "transport-failure"  # a ride that was arranged did not come
    CLINIC_ERROR = "clinic-error"  # wrong time or place was told
    WEATHER = "weather"
    BEREAVEMENT = "bereavement"


class LateOutcome(StrEnum):
    """What is done with somebody who comes late."""

    ON_TIME = "on-time"
    SEEN = "seen"  # within the grace: seen as if on time
    SQUEEZED_IN = "squeezed-in"
    MOVE = "move"  # too late for today: another time


class PatientLimit(StrEnum):
    """How a patient who missed several visits may book, once a person has approved it."""

    SAME_DAY = "same-day"  # on the day itself only
    BY_PHONE = "by-phone"  # not by themselves online
    ASK_MANAGER = "ask-manager"  # a manager looks at each booking


class RestrictionStatus(StrEnum):
    """Life of a limit on how somebody books. Only a person approves one."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # what it rested on was taken back
    LIFTED = "lifted"


RESTRICTION_MOVES: dict[RestrictionStatus, frozenset[RestrictionStatus]] = {
    RestrictionStatus.PROPOSED: frozenset(
        {RestrictionStatus.APPROVED, RestrictionStatus.DECLINED, RestrictionStatus.WITHDRAWN}
    ),
    RestrictionStatus.APPROVED: frozenset({RestrictionStatus.LIFTED}),
    RestrictionStatus.DECLINED: frozenset(),
    RestrictionStatus.WITHDRAWN: frozenset(),
    RestrictionStatus.LIFTED: frozenset(),
}


class ClearanceKind(StrEnum):
    REFERRAL = "referral"
    AUTHORIZATION = "authorization"


class ClearanceStatus(StrEnum):
    """Life of the referral or authorization of one visit."""

    NEEDED = "needed"
    ASKED = "asked"
    RECEIVED = "received"
    NOT_NEEDED = "not-needed"


CLEARANCE_MOVES: dict[ClearanceStatus, frozenset[ClearanceStatus]] = {
    status: frozenset(ClearanceStatus) - {status} for status in ClearanceStatus
}


class EstimateTrigger(StrEnum):
    """What starts the clock of a Good Faith Estimate."""

    SCHEDULED = "scheduled"
    ASKED = "asked"


class EstimateStatus(StrEnum):
    """Life of the Good Faith Estimate of one visit."""

    DUE = "due"
    GIVEN = "given"
    VOID = "void"  # the visit is off, or a payer pays after all


ESTIMATE_MOVES: dict[EstimateStatus, frozenset[EstimateStatus]] = {
    EstimateStatus.DUE: frozenset({EstimateStatus.GIVEN, EstimateStatus.VOID}),
    EstimateStatus.GIVEN: frozenset({EstimateStatus.DUE, EstimateStatus.VOID}),
    EstimateStatus.VOID: frozenset({EstimateStatus.DUE}),
}


class MassMoveStatus(StrEnum):
    """Life of one mass rescheduling."""

    DRAFT = "draft"  # its dry run is being worked out
    PLANNED = "planned"  # for a person to look at; nothing has happened to any visit
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"


MASS_MOVE_MOVES: dict[MassMoveStatus, frozenset[MassMoveStatus]] = {
    MassMoveStatus.DRAFT: frozenset({MassMoveStatus.PLANNED, MassMoveStatus.STOPPED}),
    MassMoveStatus.PLANNED: frozenset(
        {MassMoveStatus.DRAFT, MassMoveStatus.RUNNING, MassMoveStatus.STOPPED}
    ),
    MassMoveStatus.RUNNING: frozenset(
        {MassMoveStatus.PAUSED, MassMoveStatus.DONE, MassMoveStatus.STOPPED}
    ),
    MassMoveStatus.PAUSED: frozenset({MassMoveStatus.RUNNING, MassMoveStatus.STOPPED}),
    MassMoveStatus.DONE: frozenset(),
    MassMoveStatus.STOPPED: frozenset(),
}


class MassMoveHow(StrEnum):
    """What a mass rescheduling does with a proposal."""

    MOVE = "move"  # moves the visit, then tells the patient
    OFFER = "offer"  # lets the patient choose among times


class MassItemStatus(StrEnum):
    """What becomes of one visit of a mass rescheduling."""

    PROPOSED = "proposed"
    UNPLACED = "unplaced"  # no place was found
    EXCLUDED = "excluded"  # a person left it out: it stays where it is
    OFFERED = "offered"  # the patient is asked to choose
    ASKED = "asked"  # the EHR is asked; the old visit stands until it has confirmed
    MOVED = "moved"  # the EHR has the new visit
    FOR_AGENT = "for-agent"  # on the work list
    FAILED = "failed"  # it could not be moved; on the work list, too
    SETTLED = "settled"  # a person has done it
    TAKEN_BACK = "taken-back"


_M = MassItemStatus
#: On the work list.
NEEDS_AGENT = frozenset({_M.FOR_AGENT, _M.FAILED})
MASS_ITEM_MOVES: dict[MassItemStatus, frozenset[MassItemStatus]] = {
    _M.PROPOSED: frozenset({_M.EXCLUDED, _M.FOR_AGENT, _M.OFFERED, _M.ASKED, _M.FAILED}),
    _M.UNPLACED: frozenset({_M.PROPOSED, _M.EXCLUDED, _M.FOR_AGENT}),
    _M.EXCLUDED: frozenset({_M.PROPOSED, _M.UNPLACED}),
    _M.OFFERED: frozenset({_M.ASKED, _M.FOR_AGENT, _M.TAKEN_BACK}),
    _M.ASKED: frozenset({_M.MOVED, _M.FAILED, _M.TAKEN_BACK}),
    _M.MOVED: frozenset(),
    _M.FOR_AGENT: frozenset({_M.ASKED, _M.SETTLED}),
    _M.FAILED: frozenset({_M.SETTLED}),
    _M.SETTLED: frozenset(),
    _M.TAKEN_BACK: frozenset(),
}
del _M


class ResourceKind(StrEnum):
    """What a step of a plan needs beside the clinician and the room of its slot."""

    PROVIDER = "provider"
    ROOM = "room"  # a room or a machine


class PlanStatus(StrEnum):
    """Life of several visits that were booked together (FHIR CarePlan)."""

    REQUESTED = "requested"  # the EHR has not confirmed all of them
    BOOKED = "booked"
    BROKEN = "broken"  # one was refused or called off: a person looks at the others
    SETTLED = "settled"  # a person left it as it is
    CALLED_OFF = "called-off"  # every visit to come was given up


PLAN_MOVES: dict[PlanStatus, frozenset[PlanStatus]] = {
    PlanStatus.REQUESTED: frozenset({PlanStatus.BOOKED, PlanStatus.BROKEN, PlanStatus.CALLED_OFF}),
    PlanStatus.BOOKED: frozenset({PlanStatus.BROKEN, PlanStatus.CALLED_OFF}),
    PlanStatus.BROKEN: frozenset(
        {PlanStatus.REQUESTED, PlanStatus.BOOKED, PlanStatus.SETTLED, PlanStatus.CALLED_OFF}
    ),
    PlanStatus.SETTLED: frozenset({PlanStatus.BROKEN, PlanStatus.CALLED_OFF}),
    PlanStatus.CALLED_OFF: frozenset({PlanStatus.BROKEN}),  # a cancel was taken back
}


class VideoStatus(StrEnum):
    """Life of the links of a visit by video."""

    WANTED = "wanted"  # the EHR has the visit; the provider has not given the links yet
    READY = "ready"
    FAILED = "failed"  # the provider gave none: a person was asked
    ENDED = "ended"  # the visit is off


VIDEO_MOVES: dict[VideoStatus, frozenset[VideoStatus]] = {
    VideoStatus.WANTED: frozenset({VideoStatus.READY, VideoStatus.FAILED, VideoStatus.ENDED}),
    VideoStatus.READY: frozenset({VideoStatus.ENDED, VideoStatus.WANTED}),  # the visit was moved
    VideoStatus.FAILED: frozenset({VideoStatus.WANTED, VideoStatus.READY, VideoStatus.ENDED}),
    VideoStatus.ENDED: frozenset({VideoStatus.WANTED}),  # a cancel was taken back
}
