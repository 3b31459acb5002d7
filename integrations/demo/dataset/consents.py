"""The consent ledger and insurance, as an intake form leaves them."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

from crm.states import ConsentDecision, Purpose
from integrations.demo.dataset.panel import age_on
from integrations.demo.dataset.people import Census
from integrations.demo.dataset.rows import ConsentRow, CoverageRow, Person, PhoneOf

SIGNED_FIRST, SIGNED_OTHER = 0.95, 0.6  # share with a signed form, by rank of the phone
STOPPED = 0.015  # texted STOP
NO_OFFERS = 0.01  # keeps reminders
MARKETING = 0.08

_FORM = "Intake form, contact by text"


def sign_forms(census: Census, rng: random.Random, today: dt.date) -> Iterator[ConsentRow]:
    """Ledger entries in the order in which they were made for each phone."""
    texts = {line.number for line in census.lines if line.can_text}
    people = {person.mrn: person for person in census.people}
    for phone in census.phones:
        if phone.number not in texts or phone.ended_on is not None:
            continue
        if rng.random() < (SIGNED_FIRST if phone.rank == 1 else SIGNED_OTHER):
            yield from _signed(phone, people[phone.mrn], rng, today)


def _signed(
    phone: PhoneOf, person: Person, rng: random.Random, today: dt.date
) -> Iterator[ConsentRow]:
    signed_at = _moment(today, rng.randrange(40, 900), rng)
    is_minor = age_on(person.birth_on, today) < 18
    evidence = (
        ("form", _FORM),
        ("version", "4" if signed_at.date() > today - dt.timedelta(days=300) else "3"),
        ("language", person.language),
        ("signed_by", "parent or guardian" if is_minor else "patient"),
    )
    purposes = [Purpose.OFFER, Purpose.REMINDER, Purpose.RECALL]
    if rng.random() < MARKETING:
        purposes.append(Purpose.MARKETING)
    for purpose in purposes:
        yield ConsentRow(
            phone.number,
            phone.mrn,
            purpose,
            ConsentDecision.GRANTED,
            signed_at,
            "intake-form",
            evidence,
            "front desk",
        )
    yield from _taken_back(phone, rng, today)


def _taken_back(phone: PhoneOf, rng: random.Random, today: dt.date) -> Iterator[ConsentRow]:
    at = _moment(today, rng.randrange(2, 39), rng)
    draw = rng.random()
    if draw < STOPPED:
        evidence = (("word", rng.choice(("STOP", "Stop", "ALTO"))),)
        yield ConsentRow(
            phone.number,
            "",
            Purpose.ALL,
            ConsentDecision.REVOKED,
            at,
            "sms-keyword",
            evidence,
            "patient by sms",
        )
    elif draw < STOPPED + NO_OFFERS:
        yield ConsentRow(
            phone.number,
            phone.mrn,
            Purpose.OFFER,
            ConsentDecision.REVOKED,
            at,
            "desk",
            (("said", "Does not want earlier times by text"),),
            "front desk",
        )


def insure(people: tuple[Person, ...], rng: random.Random, today: dt.date) -> Iterator[CoverageRow]:
    """One coverage for nearly everybody; payers are made up but for the public ones."""
    for person in people:
        if rng.random() < 0.03:
            continue
        payer, plan = _payer(person, rng, today)
        yield CoverageRow(
            mrn=person.mrn,
            payer=payer,
            plan=plan,
            member_id=f"{rng.choice('ABCDEFGHJKLMNPRSTVWXYZ')}{rng.randrange(10**8, 10**9)}",
            starts_on=dt.date(today.year - rng.randrange(0, 4), 1, 1),
            checked_on=today - dt.timedelta(days=rng.randrange(1, 60)),
        )


def _payer(person: Person, rng: random.Random, today: dt.date) -> tuple[str, str]:
    if person.site == "AUH":
        return rng.choice((("Saguaro Mutual", "International"), ("Embassy plan", "")))
    if age_on(person.birth_on, today) >= 65:
        return rng.choice((("Medicare", "Part B"), ("Copper State Health", "Medicare Advantage")))
    return rng.choice(
        (
            ("AHCCCS", "Complete Care"),
            ("Saguaro Mutual", "PPO"),
            ("Saguaro Mutual", "HMO"),
            ("Copper State Health", "Bronze"),
            ("Copper State Health", "Silver"),
        )
    )


def _moment(today: dt.date, days_ago: int, rng: random.Random) -> dt.datetime:
    midnight = dt.datetime.combine(today - dt.timedelta(days=days_ago), dt.time(0), dt.UTC)
    return midnight + dt.timedelta(minutes=rng.randrange(15 * 60, 23 * 60))
