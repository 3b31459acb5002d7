"""Every write of self-service that goes past scheduling: texts, people, bookings, the list."""

from desk.self_service.actions.booking import (
    NotOffered,
    book,
    call_off,
    choose_time,
    join_list,
    let_time_go,
)
from desk.self_service.actions.identity import identify, send_code
from desk.self_service.actions.safety import call_me, hand_words_over
from desk.self_service.actions.searches import keep_look
from desk.self_service.actions.settling import PersonSettled, settle_person

__all__ = [
    "NotOffered",
    "PersonSettled",
    "book",
    "call_me",
    "call_off",
    "choose_time",
    "hand_words_over",
    "identify",
    "join_list",
    "keep_look",
    "let_time_go",
    "send_code",
    "settle_person",
]
