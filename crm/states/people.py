"""Enums of people, consent and work, and the lives of journeys and tasks."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


def choices(states: Iterable[StrEnum]) -> list[tuple[str, str]]:
    """Django choices from an enum: the value, and the value as words."""
    return [(s.value, s.value.replace("-", " ").replace("_", " ").capitalize()) for s in states]


class Role(StrEnum):
    AGENT = "agent"
    NURSE = "nurse"
    FRONT_DESK = "front-desk"
    MANAGER = "manager"
    MARKETING = "marketing"
    ADMIN = "admin"
    INTEGRATION = "integration"


class StaffLanguage(StrEnum):
    """What the pages of the staff speak: the codes of the setting LANGUAGES."""

    ENGLISH = "en-us"
    SPANISH = "es"


class Sex(StrEnum):
    """FHIR administrative gender."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class Sensitivity(StrEnum):
    """Labels of principle 11. They filter the pop, search, offers, webhooks and exports."""

    ADOLESCENT = "adolescent"
    BEHAVIORAL_HEALTH = "behavioral-health"
    SUBSTANCE_USE = "substance-use"
    DOMESTIC_VIOLENCE = "domestic-violence"
    EMPLOYEE = "employee"
    VIP = "vip"


class PhoneUse(StrEnum):
    MOBILE = "mobile"
    HOME = "home"
    WORK = "work"


class ProxyScope(StrEnum):
    SCHEDULING = "scheduling"
    RESULTS = "results"
    BILLING = "billing"


class Channel(StrEnum):
    SMS = "sms"
    VOICE = "voice"
    EMAIL = "email"
    WEB = "web"
    DESK = "desk"


class Purpose(StrEnum):
    """What a message is for. Consent is given and taken back per purpose, or for all."""

    SAFETY = "safety"  # where to get help at once; what it may do stands in `crm.rules.law`
    CODE = "code"  # that the person has asked for on a page, to show that the phone is theirs
    OFFER = "offer"  # an earlier time for a visit
    CONFIRMATION = "confirmation"  # of what the patient just did
    ANSWER = "answer"  # to what the patient just wrote
    UPDATE = "update"  # what became of something they were offered
    REMINDER = "reminder"
    RECALL = "recall"
    MARKETING = "marketing"
    PAGE = "page"  # to a clinician of ours who is on call, and is no patient here
    ALL = "all"  # only in the ledger: STOP means all


class ConsentDecision(StrEnum):
    GRANTED = "granted"
    REVOKED = "revoked"


class JourneyStatus(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"


JOURNEY_MOVES: dict[JourneyStatus, frozenset[JourneyStatus]] = {
    JourneyStatus.OPEN: frozenset({JourneyStatus.RESOLVED}),
    JourneyStatus.RESOLVED: frozenset({JourneyStatus.OPEN}),
}


class TaskStatus(StrEnum):
    """FHIR Task.status, the part of it a desk needs."""

    OPEN = "requested"
    CLAIMED = "in-progress"
    DONE = "completed"
    CANCELLED = "cancelled"


TASK_MOVES: dict[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.OPEN: frozenset({TaskStatus.CLAIMED, TaskStatus.DONE, TaskStatus.CANCELLED}),
    TaskStatus.CLAIMED: frozenset({TaskStatus.OPEN, TaskStatus.DONE, TaskStatus.CANCELLED}),
    TaskStatus.DONE: frozenset({TaskStatus.OPEN}),
    TaskStatus.CANCELLED: frozenset({TaskStatus.OPEN}),
}


class TaskKind(StrEnum):
    ANSWER_TEXT = "answer-text"  # a text that needs a person
    CANCEL_VISIT = "cancel-visit"  # a patient wants to give a visit up
    MEANT_CANCEL = "meant-cancel"  # texted CANCEL: opted out; was the visit meant?
    EHR_WRITE = "ehr-write"  # a booking the EHR would not take, or never answered
    OVERLAP = "overlap"  # the EHR reports two visits at one time
    WRONG_NUMBER = "wrong-number"
    CONFIRM_REQUEST = "confirm-request"  # "requested" until a clerk has booked it
    SAFETY_ALERT = "safety-alert"  # a text that may speak of danger: for a nurse
    MATCH_PERSON = "match-person"  # somebody online: a person we know, or a new one?
    RULES_SET_ASIDE = "rules-set-aside"  # bookings past a clinic's rules: for its manager
    MASS_MOVE = "mass-move"  # a visit of a mass rescheduling that a person must place or tell of
    PLAN_BROKEN = "plan-broken"  # visits that belong together, of which one is off
    VIDEO_VISIT = "video-visit"  # a visit by video that lacks its link, or a license
    SCHEDULE = "schedule"  # our own schedule and its slots or visits are not at one
    SEND_WAVE = "send-wave"  # a planned wave of texts that a person sends, or not
    CALL_BACK = "call-back"  # somebody waits to be called
    DUPLICATE = "duplicate"  # two records that may be one person: records staff decide
    EHR_NOTE = "ehr-note"  # a contact's note that the EHR would not take
    EHR_DETAILS = "ehr-details"  # who somebody is or how to reach them: the EHR is to be told
    REFILL = "refill"
    REFERRAL = "referral"  # to help with food, housing, a ride
    FOLLOW_UP = "follow-up"  # what an agent promised
    ASK_NURSE = "ask-nurse"  # a question that only a nurse may answer
