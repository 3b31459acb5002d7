"""Named reads of patients, their phones and their consent."""

from crm.queries.contact import (
    Permission,
    PhoneChoice,
    choose_phones,
    contact_permission,
    is_opted_out,
    newest_stop_or_start,
    people_on,
    phones_for,
)
from crm.queries.contact_facts import PhoneRow
from crm.queries.matching import Match, Matched, find_alike, match_person, may_act_for

__all__ = [
    "Match",
    "Matched",
    "Permission",
    "PhoneChoice",
    "PhoneRow",
    "choose_phones",
    "contact_permission",
    "find_alike",
    "is_opted_out",
    "match_person",
    "may_act_for",
    "newest_stop_or_start",
    "people_on",
    "phones_for",
]
