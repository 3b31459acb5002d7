"""Two thousand patients in households: names, homes, what suits them, and how to reach them."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from crm.states import Sex
from integrations.demo.dataset.families import ADULT, Outline, Part, outline_household
from integrations.demo.dataset.labels import Labels, label
from integrations.demo.dataset.names import Names, plain_ascii
from integrations.demo.dataset.phones import NumberPool
from integrations.demo.dataset.places import Place, home_near
from integrations.demo.dataset.reach import Member, Reach, reach_household
from integrations.demo.dataset.rows import Line, Person, PhoneOf, ProxyOf, Site
from integrations.demo.dataset.system import SITES

#: How many patients call each site their own; 2,000 in all.
PATIENTS = {"PHX": 770, "TUS": 480, "AUH": 750}
FIRST_NUMBER = 10_001

#: Share of households that want to be written to in Spanish, and of others with Spanish names.
SPANISH = {"PHX": 0.46, "TUS": 0.48, "AUH": 0.06}
SPANISH_NAMES = {"PHX": 0.18, "TUS": 0.22, "AUH": 0.08}

#: Winter visitors whose clock is that of home for the rest of the year.
VISITOR_SHARE = 0.02
VISITOR_ZONES = ("America/Chicago", "America/Denver", "America/Los_Angeles")

_MILES = (10, 15, 20, 25, 30, 40, 60)
_PARTS_OF_DAY = ("morning", "morning", "afternoon", "evening")
_OTHER_LANGUAGES = ("nav", "ara", "vie", "zho", "tgl")


@dataclass(frozen=True, slots=True)
class Census:
    """Everybody, and how to reach them."""

    people: tuple[Person, ...]
    lines: tuple[Line, ...]
    phones: tuple[PhoneOf, ...]
    proxies: tuple[ProxyOf, ...]


@dataclass(frozen=True, slots=True)
class _Household:
    """What its members share."""

    number: int
    site: Site
    place: Place
    names: Names
    zone: str
    language: str
    spoken_language: str
    culture: str
    family_name: str


def take_census(rng: random.Random, today: dt.date) -> Census:
    """People the demo sites' sizes ask for, household by household."""
    names, pool = Names(rng), NumberPool(rng)
    people: list[Person] = []
    reach = Reach()
    household_number = 0
    for site in SITES:
        left = PATIENTS[site.code]
        while left:
            household_number += 1
            outlines = outline_household(rng, most=left)
            left -= len(outlines)
            home = _household(household_number, site, outlines, names, rng)
            members = []
            for outline in outlines:
                labels = label(outline, rng)
                number = FIRST_NUMBER + len(people)
                birth_on = _birth(outline.age, today, rng)
                person = _person(number, birth_on, outline, home=home, labels=labels, rng=rng)
                people.append(person)
                members.append(Member(person, outline, labels))
            reach_household(members, reach, pool, rng, today=today, abroad=site.country != "US")
    return Census(tuple(people), tuple(reach.lines), tuple(reach.phones), tuple(reach.proxies))


def _household(
    number: int, site: Site, outlines: list[Outline], names: Names, rng: random.Random
) -> _Household:
    speaks_spanish = rng.random() < SPANISH[site.code]
    named_spanish = speaks_spanish or rng.random() < SPANISH_NAMES[site.code]
    visits = site.country == "US" and outlines[0].age > 60 and rng.random() < VISITOR_SHARE * 4
    other = not speaks_spanish and rng.random() < 0.012
    return _Household(
        number=number,
        site=site,
        place=home_near(site, rng),
        names=names,
        zone=rng.choice(VISITOR_ZONES) if visits else site.zone,
        language="es" if speaks_spanish else "en",
        spoken_language=rng.choice(_OTHER_LANGUAGES) if other else "",
        culture="es" if named_spanish else "en",
        family_name=names.family("es" if named_spanish else "en"),
    )


def _person(
    number: int,
    birth_on: dt.date,
    outline: Outline,
    *,
    home: _Household,
    labels: Labels,
    rng: random.Random,
) -> Person:
    sex = rng.choice((Sex.FEMALE, Sex.FEMALE, Sex.FEMALE, Sex.MALE, Sex.MALE))
    given = home.names.given(home.culture, sex)
    keeps_own = outline.part is Part.PARTNER and rng.random() < 0.3
    family = home.names.family(home.culture) if keeps_own else home.family_name
    place = home.place
    is_adult = outline.age >= ADULT
    return Person(
        number=number,
        household=home.number,
        family_name=family,
        given_name=given,
        birth_on=birth_on,
        sex=sex,
        language=home.language,
        spoken_language=home.spoken_language,
        needs_interpreter=bool(home.spoken_language)
        or (home.language == "es" and rng.random() < 0.12),
        site=home.site.code,
        zone=home.zone,
        email=_email(given, family, number) if is_adult and rng.random() < 0.62 else "",
        address_line=place.address_line,
        city=place.city,
        state=place.state,
        postal_code=place.zip_code,
        latitude=place.latitude,
        longitude=place.longitude,
        sensitivity=labels.sensitivity,
        prefers_parts_of_day=_parts_of_day(rng),
        prefers_weekdays=_weekdays(rng),
        max_miles=rng.choice([miles for miles in _MILES if miles > place.miles]),
        notice_hours=rng.choice((None,) * 7 + (4, 12, 24, 48)),
        wants_earlier_offers=rng.random() < 0.97,
    )


def _birth(age: int, today: dt.date, rng: random.Random) -> dt.date:
    """A birth date of somebody who is `age` today."""
    return today - dt.timedelta(days=round(age * 365.25) + rng.randrange(2, 362))


def _email(given: str, family: str, number: int) -> str:
    """At example.org, which nobody can own (RFC 2606)."""
    return f"{plain_ascii(given)}.{plain_ascii(family)}{number % 97}@example.org"


def _parts_of_day(rng: random.Random) -> tuple[str, ...]:
    return (rng.choice(_PARTS_OF_DAY),) if rng.random() < 0.4 else ()


def _weekdays(rng: random.Random) -> tuple[int, ...]:
    """Most can come on any day; a few on two or three."""
    if rng.random() >= 0.1:
        return ()
    return tuple(sorted(rng.sample(range(5), rng.choice((2, 3)))))
