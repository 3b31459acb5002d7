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

__all__ = [
    "Permission",
    "PhoneChoice",
    "PhoneRow",
    "choose_phones",
    "contact_permission",
    "is_opted_out",
    "newest_stop_or_start",
    "people_on",
    "phones_for",
]
