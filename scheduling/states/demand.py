"""What people look for, online and through staff, and how it ends."""

from __future__ import annotations

from enum import StrEnum


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
