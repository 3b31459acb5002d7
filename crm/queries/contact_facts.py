"""The facts behind contact permissions: any number of patients in three statements.

Matching asks for hundreds at a time, so this reads columns and not models; a `Phone` comes about
only where somebody needs one.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from crm.models import Phone
from crm.queries import contact_sql
from crm.rules import ADULT_AGE, Holder, LedgerFact, LineFacts, PersonFacts, age_on, order_of_trial
from crm.rules.merging import after_merge
from crm.states import Channel, ProxyScope

#: For each phone, ledger entries with the patient that they speak for; None is everybody.
Ledger = Mapping[int, list[tuple[int | None, LedgerFact]]]


class PhoneRow(NamedTuple):
    """A row of `Phone`; `number` is E.164."""

    pk: int
    number: str
    can_text: bool
    cannot_text_reason: str

    @classmethod
    def of(cls, phone: Phone) -> Self:
        return cls(phone.pk, str(phone.number), phone.can_text, phone.cannot_text_reason)

    def load(self) -> Phone:
        """The model, without another statement. Parsing the number costs more than the rest."""
        return Phone.from_db(None, ("id", *self._fields[1:]), self)


@dataclass(frozen=True, slots=True)
class Line:
    """A phone by which one patient could be reached. `proxy_id`: through whom, if not directly."""

    row: PhoneRow
    facts: LineFacts
    proxy_id: int | None = None

    @property
    def phone(self) -> Phone:
        return self.row.load()


@dataclass(frozen=True, slots=True)
class ContactBook:
    """All that decides about contacting some patients on one channel. `zones` may be empty."""

    people: Mapping[int, PersonFacts]
    zones: Mapping[int, str]
    lines: Mapping[int, Mapping[int, Line]]
    ledger: Ledger

    def line(self, patient_id: int, phone: Phone) -> Line:
        """How this phone is the patient's; `Holder.NOBODY` when it is not."""
        found = self.lines[patient_id].get(phone.pk)
        return found or Line(PhoneRow.of(phone), LineFacts(holder=Holder.NOBODY))

    def ordered_lines(self, patient_id: int) -> list[Line]:
        lines = list(self.lines[patient_id].values())
        if len(lines) > 1:
            person = self.people[patient_id]
            lines.sort(key=lambda line: (*order_of_trial(person, line.facts), line.row.pk))
        return lines

    def ledger_for(self, phone_id: int, patient_id: int | None) -> list[LedgerFact]:
        """What speaks for this patient on this phone: their own entries, and everybody's."""
        entries = self.ledger.get(phone_id, ())
        return [fact for whom, fact in entries if whom is None or whom == patient_id]


def open_book(
    patient_ids: Collection[int], *, channel: Channel, at: dt.datetime, also: Phone | None = None
) -> ContactBook:
    """Read the facts. `also` is a phone whose ledger is wanted though it may be nobody's."""
    proxies = _read_proxies(patient_ids)
    cases = _read_cases(patient_ids, at=at)
    lines = {case.pk: case.lines(proxies.get(case.pk, {})) for case in cases}
    if channel != Channel.SMS:
        lines = {pk: _textless(found) for pk, found in lines.items()}
    wanted = {phone for found in lines.values() for phone in found} | ({also.pk} if also else set())
    return ContactBook(
        people={case.pk: case.person for case in cases},
        zones={case.pk: case.zone for case in cases},
        lines=lines,
        ledger=read_ledger(wanted, channel=channel),
    )


def read_ledger(phone_ids: Collection[int], *, channel: Channel) -> Ledger:
    """The newest grant and the newest revocation of each purpose: older ones decide nothing.

    And every START, which hides no grant (see `LedgerFact.undoes`). What was said by a record that
    was merged away speaks for the one that stands, the stricter of both (`rules.after_merge`).
    """
    ledger: dict[int, list[tuple[int | None, LedgerFact]]] = defaultdict(list)
    of_the_gone: dict[tuple[int, int, int, dt.datetime], list[LedgerFact]] = defaultdict(list)
    for (
        phone_id,
        patient_id,
        pk,
        purpose,
        decision,
        at,
        undoes,
        stands,
        merged_at,
    ) in contact_sql.read(contact_sql.LEDGER, phones=list(phone_ids), channel=str(channel)):
        fact = LedgerFact(entry_id=pk, purpose=purpose, decision=decision, at=at, undoes=undoes)
        if stands is None:
            ledger[phone_id].append((patient_id, fact))
        else:
            of_the_gone[phone_id, patient_id, stands, merged_at].append(fact)
    for (phone_id, _, stands, merged_at), facts in of_the_gone.items():
        kept = after_merge(facts, merged_at=merged_at)
        ledger[phone_id] += [(stands, fact) for fact in kept]
    return ledger


class _Link(NamedTuple):
    """A phone in the patient's own record."""

    rank: int
    is_confidential: bool
    ended_on: dt.date | None
    is_shared: bool
    phone: PhoneRow


class _Acting(NamedTuple):
    """A proxy; `own` are the phones of the person that they are on record as."""

    scope: list[str]
    until_age: int | None
    ends_on: dt.date | None
    court_restriction: str
    noted: PhoneRow | None
    own: list[tuple[PhoneRow, dt.date | None]]


def _read_proxies(patient_ids: Collection[int]) -> Mapping[int, Mapping[int, _Acting]]:
    """By patient and by proxy's key: one row for each phone of each proxy."""
    proxies: dict[int, dict[int, _Acting]] = defaultdict(dict)
    for patient_id, pk, scope, until_age, ends_on, court, *phones in contact_sql.read(
        contact_sql.PROXIES, patients=list(patient_ids)
    ):
        noted, ended_on, own = PhoneRow(*phones[:4]), phones[4], PhoneRow(*phones[5:])
        acting = proxies[patient_id].get(pk)
        if acting is None:
            known = noted if phones[0] else None
            acting = _Acting(scope, until_age, ends_on, court, known, [])
            proxies[patient_id][pk] = acting
        if phones[5]:
            acting.own.append((own, ended_on))
    return proxies


def _read_cases(patient_ids: Collection[int], *, at: dt.datetime) -> list[_Case]:
    """The patients with their phones: one row for each phone, one for who has none."""
    cases: dict[int, _Case] = {}
    today = at.date()
    for row in contact_sql.read(contact_sql.PATIENTS, patients=list(patient_ids), today=today):
        about, link = _About(*row[:6]), row[6:]
        case = cases.get(about.pk)
        if case is None:
            case = cases[about.pk] = _Case(about, at=at)
        if link[0] is not None:
            rank, is_confidential, ended_on, is_shared, *phone = link
            case.links.append(_Link(rank, is_confidential, ended_on, is_shared, PhoneRow(*phone)))
    return list(cases.values())


class _About(NamedTuple):
    """What the patient's own row says."""

    pk: int
    zone: str
    birth_on: dt.date | None
    deceased_at: dt.datetime | None
    labels: list[str]
    wants_offers: bool


class _Case:
    """One patient, and what turns rows into facts about them."""

    def __init__(self, about: _About, *, at: dt.datetime) -> None:
        self.pk, self.zone = about.pk, about.zone
        self.links: list[_Link] = []
        self._about = about
        self._today = at.astimezone(ZoneInfo(about.zone or "UTC")).date()
        born = about.birth_on
        self._age = age_on(self._today, birth_on=born) if born else None

    @property
    def person(self) -> PersonFacts:
        return PersonFacts(
            is_deceased=self._about.deceased_at is not None,
            is_minor=self._is_minor,
            labels=frozenset(self._about.labels),
            wants_offers=self._about.wants_offers,
            has_confidential_phone=any(
                link.is_confidential and not self._has_passed(link.ended_on) for link in self.links
            ),
        )

    def lines(self, proxies: Mapping[int, _Acting]) -> dict[int, Line]:
        """The patient's own phones and those of people who act for them, by phone."""
        lines = {link.phone.pk: self._own_line(link) for link in self.links}
        for proxy_id, proxy in proxies.items():
            self._add_proxy(lines, proxy_id, proxy)
        return lines

    @property
    def _is_minor(self) -> bool:
        return self._age is not None and self._age < ADULT_AGE

    def _has_passed(self, day: dt.date | None) -> bool:
        return day is not None and day <= self._today

    def _own_line(self, link: _Link) -> Line:
        facts = LineFacts(
            rank=link.rank,
            is_ended=self._has_passed(link.ended_on),
            is_confidential=link.is_confidential,
            is_shared=link.is_shared,
            can_text=link.phone.can_text,
        )
        return Line(link.phone, facts)

    def _add_proxy(self, lines: MutableMapping[int, Line], proxy_id: int, proxy: _Acting) -> None:
        for phone in self._phones_of(proxy):
            line = self._proxy_line(proxy_id, proxy, phone, lines.get(phone.pk))
            if line is not None:
                lines[phone.pk] = line

    def _phones_of(self, proxy: _Acting) -> Iterable[PhoneRow]:
        """The phone noted with the proxy; else those in their own record."""
        noted = [proxy.noted] if proxy.noted else []
        if proxy.court_restriction:  # then every phone of theirs is out of bounds
            return noted + [phone for phone, _ in proxy.own]
        return noted or [phone for phone, ended_on in proxy.own if not self._has_passed(ended_on)]

    def _proxy_line(
        self, proxy_id: int, proxy: _Acting, phone: PhoneRow, known: Line | None
    ) -> Line | None:
        """The line as this proxy changes it; None where they change nothing."""
        if proxy.court_restriction:
            facts = known.facts if known else LineFacts(holder=Holder.NOBODY)
            return Line(phone, replace(facts, is_restricted=True), proxy_id)
        if not self._may_schedule(proxy):
            return None
        if known is None:
            facts = LineFacts(holder=Holder.PROXY, can_text=phone.can_text)
            return Line(phone, facts, proxy_id)
        if self._is_minor and not known.facts.is_restricted:
            # The number in a child's record is the parent's, for as long as the parent has it.
            facts = replace(known.facts, holder=Holder.PROXY, is_ended=False)
            return Line(phone, facts, proxy_id)
        return None

    def _may_schedule(self, proxy: _Acting) -> bool:
        if ProxyScope.SCHEDULING not in proxy.scope or self._has_passed(proxy.ends_on):
            return False
        if proxy.until_age is None:
            return True
        return self._age is not None and self._age < proxy.until_age


def _textless(lines: Mapping[int, Line]) -> dict[int, Line]:
    """For other channels it does not matter whether a phone can receive texts."""
    return {
        pk: replace(line, facts=replace(line.facts, can_text=True)) for pk, line in lines.items()
    }
