"""Who may be contacted, and what the law asks: pure, facts in and an answer out."""

from crm.rules.contact import (
    ADULT_AGE,
    SENTENCES,
    ContactAnswer,
    ContactRule,
    Holder,
    LedgerFact,
    LineFacts,
    PersonFacts,
    age_on,
    may_contact,
    months_on,
    newest_covering,
    order_of_trial,
)

__all__ = [
    "ADULT_AGE",
    "SENTENCES",
    "ContactAnswer",
    "ContactRule",
    "Holder",
    "LedgerFact",
    "LineFacts",
    "PersonFacts",
    "age_on",
    "may_contact",
    "months_on",
    "newest_covering",
    "order_of_trial",
]
