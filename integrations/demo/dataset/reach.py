"""Phones and proxies of a household: who is reached where, and who speaks for whom."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field

from crm.states import PhoneUse, ProxyScope, Sensitivity, Sex
from integrations.demo.dataset.families import ADULT, TEEN, Outline, Part
from integrations.demo.dataset.labels import Labels
from integrations.demo.dataset.phones import NumberPool
from integrations.demo.dataset.rows import Line, Person, PhoneOf, ProxyOf

ONLY_LANDLINE = 0.1  # of households headed by somebody of 65 or more
SHARED_MOBILE = 0.35  # of couples of 62 or more
LANDLINE_TOO = 0.2  # of households headed by somebody of 55 or more
OLD_NUMBER = 0.02
COURT_ORDERS = 0.02  # of families
PARENTS = frozenset({Part.HEAD, Part.PARTNER})

_ALL = (ProxyScope.SCHEDULING, ProxyScope.RESULTS, ProxyScope.BILLING)
#: Parents of a teenager with care of their own see neither results nor labels.
_OF_TEENS = (ProxyScope.SCHEDULING, ProxyScope.BILLING)
COURT_ORDER = "No contact about the child by order of the family court"


@dataclass(frozen=True, slots=True)
class Member:
    """A person with what their household knows of them."""

    person: Person
    outline: Outline
    labels: Labels


@dataclass(slots=True)
class Reach:
    """Lines, who uses them, and proxies, as they pile up."""

    lines: list[Line] = field(default_factory=list)
    phones: list[PhoneOf] = field(default_factory=list)
    proxies: list[ProxyOf] = field(default_factory=list)

    def add_line(self, number: str, *, can_text: bool = True) -> str:
        self.lines.append(Line(number, can_text))
        return number

    def use(
        self, member: Member, number: str, use: PhoneUse, rank: int, *, confidential: bool = False
    ) -> None:
        self.phones.append(PhoneOf(member.person.mrn, number, use, rank, confidential))


def reach_household(
    members: list[Member],
    reach: Reach,
    pool: NumberPool,
    rng: random.Random,
    *,
    today: dt.date,
    abroad: bool,
) -> None:
    """Give a household its phones and proxies. Its head comes first in `members`."""
    head = members[0]
    landline = _landline(head.outline.age, rng, abroad=abroad)
    home = reach.add_line(pool.take(abroad=abroad), can_text=False) if landline else ""
    barred = _barred(members, rng)
    mobiles: dict[str, str] = {}
    if landline != "only":
        mobiles[head.person.mrn] = reach.add_line(pool.take(abroad=abroad))
    for member in members[1:]:
        if _has_own_mobile(member, head, rng, only_landline=landline == "only"):
            mobiles[member.person.mrn] = reach.add_line(pool.take(abroad=abroad))
    for member in members:
        _reach_member(member, members, mobiles, reach, home=home, barred=barred)
        if member.outline.age >= ADULT and rng.random() < OLD_NUMBER:
            _old_number(member, reach, pool.take(abroad=abroad), rng, today)
    for member in members[1:]:
        _speak_for(member, members, mobiles, reach, barred)


def _barred(members: list[Member], rng: random.Random) -> str:
    """MRN of a parent whom a court keeps away from the children, or empty."""
    partners = [m.person.mrn for m in members if m.outline.part is Part.PARTNER]
    has_children = members[-1].outline.part is Part.CHILD
    if partners and has_children and rng.random() < COURT_ORDERS:
        return partners[0]
    return ""


def _landline(age: int, rng: random.Random, *, abroad: bool) -> str:
    if abroad:
        return ""
    if age >= 65 and rng.random() < ONLY_LANDLINE:
        return "only"
    return "too" if age >= 55 and rng.random() < LANDLINE_TOO else ""


def _has_own_mobile(
    member: Member, head: Member, rng: random.Random, *, only_landline: bool
) -> bool:
    if member.labels.has_confidential_phone:
        return True
    if member.outline.part is Part.CHILD or only_landline:
        return False
    if member.outline.part is Part.ELDER:
        return rng.random() < 0.6
    return head.outline.age < 62 or rng.random() >= SHARED_MOBILE


def _reach_member(
    member: Member,
    members: list[Member],
    mobiles: dict[str, str],
    reach: Reach,
    *,
    home: str,
    barred: str,
) -> None:
    """Own mobile first, then those of the adults who answer for them, then the landline."""
    mrn, labels = member.person.mrn, member.labels
    numbers = [mobiles[mrn]] if mrn in mobiles else []
    if member.outline.part is Part.CHILD:
        parents = [m.person.mrn for m in members if m.outline.part in PARENTS]
        numbers += [mobiles[p] for p in parents if p in mobiles and p != barred]
    elif not numbers or member.outline.part is Part.ELDER:
        numbers += [mobiles[members[0].person.mrn]] if members[0].person.mrn in mobiles else []
    hidden = Sensitivity.DOMESTIC_VIOLENCE in labels.sensitivity
    for rank, number in enumerate(dict.fromkeys(numbers), start=1):
        own = rank == 1 and mrn in mobiles
        confidential = own and labels.has_confidential_phone
        reach.use(member, number, PhoneUse.MOBILE, rank, confidential=confidential)
    if home and not hidden:
        reach.use(member, home, PhoneUse.HOME, len(numbers) + 1)


def _old_number(
    member: Member, reach: Reach, number: str, rng: random.Random, today: dt.date
) -> None:
    """A number they gave up: it may be somebody else's by now."""
    reach.add_line(number)
    ended_on = today - dt.timedelta(days=rng.randrange(30, 700))
    reach.phones.append(PhoneOf(member.person.mrn, number, PhoneUse.MOBILE, 9, ended_on=ended_on))


def _speak_for(
    member: Member,
    members: list[Member],
    mobiles: dict[str, str],
    reach: Reach,
    barred: str,
) -> None:
    if member.outline.part is Part.CHILD:
        teen = member.outline.age >= TEEN
        for parent in (m for m in members if m.outline.part in PARENTS):
            relationship = "mother" if parent.person.sex is Sex.FEMALE else "father"
            reach.proxies.append(
                _proxy(
                    member,
                    parent,
                    relationship,
                    mobiles,
                    scope=_OF_TEENS if teen else _ALL,
                    until_age=ADULT,
                    court_restriction=COURT_ORDER if parent.person.mrn == barred else "",
                )
            )
    elif member.outline.part is Part.ELDER:
        minder = members[0]
        relationship = "daughter" if minder.person.sex is Sex.FEMALE else "son"
        reach.proxies.append(_proxy(member, minder, relationship, mobiles, scope=_ALL))


def _proxy(
    member: Member,
    by: Member,
    relationship: str,
    mobiles: dict[str, str],
    *,
    scope: tuple[ProxyScope, ...],
    until_age: int | None = None,
    court_restriction: str = "",
) -> ProxyOf:
    person = by.person
    return ProxyOf(
        mrn=member.person.mrn,
        person=person.mrn,
        name=f"{person.given_name} {person.family_name}",
        relationship=relationship,
        number=mobiles.get(person.mrn, ""),
        scope=scope,
        until_age=until_age,
        court_restriction=court_restriction,
    )
