"""The facts behind contact permissions: any number of patients in five statements."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.db.models.fields.json import KeyTransform

from crm.models import ConsentEntry, Patient, PatientPhone, Phone, Proxy
from crm.rules import ADULT_AGE, Holder, LedgerFact, LineFacts, PersonFacts, age_on, order_of_trial
from crm.states import Channel, ProxyScope

#: The phones in each person's own record.
Links = Mapping[int, list[PatientPhone]]
#: For each phone, ledger entries with the patient that they speak for; None is everybody.
Ledger = Mapping[int, list[tuple[int | None, LedgerFact]]]


@dataclass(frozen=True, slots=True)
class Line:
    """A phone by which one patient could be reached. `proxy_id`: through whom, if not directly."""

    phone: Phone
    facts: LineFacts
    proxy_id: int | None = None


@dataclass(frozen=True, slots=True)
class ContactBook:
    """All that decides about contacting some patients on one channel."""

    people: Mapping[int, PersonFacts]
    lines: Mapping[int, Mapping[int, Line]]
    ledger: Ledger

    def line(self, patient_id: int, phone: Phone) -> Line:
        """How this phone is the patient's; `Holder.NOBODY` when it is not."""
        found = self.lines[patient_id].get(phone.pk)
        return found or Line(phone, LineFacts(holder=Holder.NOBODY))

    def ordered_lines(self, patient_id: int) -> list[Line]:
        person = self.people[patient_id]
        return sorted(
            self.lines[patient_id].values(),
            key=lambda line: (*order_of_trial(person, line.facts), line.phone.pk),
        )

    def ledger_for(self, phone_id: int, patient_id: int | None) -> list[LedgerFact]:
        """What speaks for this patient on this phone: their own entries, and everybody's."""
        entries = self.ledger.get(phone_id, [])
        return [fact for whom, fact in entries if whom in {None, patient_id}]


def open_book(
    patient_ids: Collection[int], *, channel: Channel, at: dt.datetime, also: Phone | None = None
) -> ContactBook:
    """Read the facts. `also` is a phone whose ledger is wanted though it may be nobody's."""
    patients = Patient.objects.in_bulk(list(patient_ids))
    proxies = _read_proxies(patients)
    holders = {p.person_id for found in proxies.values() for p in found if p.person_id}
    links = _read_links({*patients, *holders})
    shared = _read_shared(links, at=at)
    cases = [_Case(patient, links, shared, at) for patient in patients.values()]
    lines = {case.patient.pk: case.lines(proxies[case.patient.pk]) for case in cases}
    if channel != Channel.SMS:
        lines = {pk: _textless(found) for pk, found in lines.items()}
    wanted = {phone for found in lines.values() for phone in found} | ({also.pk} if also else set())
    return ContactBook(
        people={case.patient.pk: case.person for case in cases},
        lines=lines,
        ledger=read_ledger(wanted, patients, channel=channel),
    )


def read_ledger(
    phone_ids: Collection[int], patient_ids: Collection[int], *, channel: Channel
) -> Ledger:
    """The newest grant and the newest revocation of each purpose: older ones decide nothing.

    And every START, which hides no grant (see `LedgerFact.undoes`).
    """
    entries = (
        ConsentEntry.objects.filter(phone__in=phone_ids, channel=channel)
        .filter(Q(patient__isnull=True) | Q(patient__in=patient_ids))
        .annotate(undoes=KeyTransform("undoes", "evidence"))
        .order_by("phone", "patient", "purpose", "decision", "undoes", "-at", "-pk")
        .distinct("phone", "patient", "purpose", "decision", "undoes")
        .values_list("phone_id", "patient_id", "pk", "purpose", "decision", "at", "undoes")
    )
    ledger: dict[int, list[tuple[int | None, LedgerFact]]] = defaultdict(list)
    for phone_id, patient_id, pk, purpose, decision, at, undoes in entries:
        fact = LedgerFact(entry_id=pk, purpose=purpose, decision=decision, at=at, undoes=undoes)
        ledger[phone_id].append((patient_id, fact))
    return ledger


def _read_proxies(patient_ids: Collection[int]) -> Mapping[int, list[Proxy]]:
    proxies = defaultdict(list)
    for proxy in Proxy.objects.filter(patient__in=patient_ids).select_related("phone"):
        proxies[proxy.patient_id].append(proxy)
    return proxies


def _read_links(holders: Collection[int]) -> Links:
    links = defaultdict(list)
    for link in PatientPhone.objects.filter(patient__in=holders).select_related("phone"):
        links[link.patient_id].append(link)
    return links


def _read_shared(links: Links, *, at: dt.datetime) -> set[int]:
    """Those phones that stand in the records of several people."""
    phones = {link.phone_id for found in links.values() for link in found}
    return set(
        PatientPhone.objects.filter(phone__in=phones)
        .filter(Q(ended_on__isnull=True) | Q(ended_on__gt=at.date()))
        .order_by()
        .values("phone_id")
        .annotate(people=Count("patient_id"))
        .filter(people__gt=1)
        .values_list("phone_id", flat=True)
    )


class _Case:
    """One patient, and what turns rows into facts about them."""

    def __init__(
        self, patient: Patient, links: Links, shared: Collection[int], at: dt.datetime
    ) -> None:
        self.patient, self._links, self._shared = patient, links, shared
        self._today = at.astimezone(ZoneInfo(patient.zone or "UTC")).date()
        born = patient.birth_on
        self._age = age_on(self._today, birth_on=born) if born else None
        self.person = PersonFacts(
            is_deceased=patient.deceased_at is not None,
            is_minor=self._age is not None and self._age < ADULT_AGE,
            labels=frozenset(patient.sensitivity),
            wants_offers=patient.wants_earlier_offers,
            has_confidential_phone=any(
                link.is_confidential and not self._is_ended(link) for link in self._own()
            ),
        )

    def lines(self, proxies: Iterable[Proxy]) -> dict[int, Line]:
        """The patient's own phones and those of people who act for them, by phone."""
        lines = {link.phone_id: self._own_line(link) for link in self._own()}
        for proxy in proxies:
            for phone in self._phones_of(proxy):
                line = self._proxy_line(proxy, phone, lines.get(phone.pk))
                if line is not None:
                    lines[phone.pk] = line
        return lines

    def _own(self) -> list[PatientPhone]:
        return self._links.get(self.patient.pk, [])

    def _is_ended(self, link: PatientPhone) -> bool:
        return link.ended_on is not None and link.ended_on <= self._today

    def _own_line(self, link: PatientPhone) -> Line:
        facts = LineFacts(
            rank=link.rank,
            is_ended=self._is_ended(link),
            is_confidential=link.is_confidential,
            is_shared=link.phone_id in self._shared,
            can_text=link.phone.can_text,
        )
        return Line(link.phone, facts)

    def _phones_of(self, proxy: Proxy) -> list[Phone]:
        """The phone noted with the proxy; else those in their own record."""
        noted = [proxy.phone] if proxy.phone else []
        own = self._links.get(proxy.person_id, []) if proxy.person_id else []
        if proxy.court_restriction:  # then every phone of theirs is out of bounds
            return noted + [link.phone for link in own]
        return noted or [link.phone for link in own if not self._is_ended(link)]

    def _proxy_line(self, proxy: Proxy, phone: Phone, known: Line | None) -> Line | None:
        """The line as this proxy changes it; None where they change nothing."""
        if proxy.court_restriction:
            facts = known.facts if known else LineFacts(holder=Holder.NOBODY)
            return Line(phone, replace(facts, is_restricted=True), proxy.pk)
        if not self._may_schedule(proxy):
            return None
        if known is None:
            facts = LineFacts(holder=Holder.PROXY, can_text=phone.can_text)
            return Line(phone, facts, proxy.pk)
        if self.person.is_minor and not known.facts.is_restricted:
            # The number in a child's record is the parent's, for as long as the parent has it.
            facts = replace(known.facts, holder=Holder.PROXY, is_ended=False)
            return Line(phone, facts, proxy.pk)
        return None

    def _may_schedule(self, proxy: Proxy) -> bool:
        if ProxyScope.SCHEDULING not in proxy.scope:
            return False
        if proxy.ends_on is not None and proxy.ends_on <= self._today:
            return False
        if proxy.until_age is None:
            return True
        return self._age is not None and self._age < proxy.until_age


def _textless(lines: Mapping[int, Line]) -> dict[int, Line]:
    """For other channels it does not matter whether a phone can receive texts."""
    return {
        pk: replace(line, facts=replace(line.facts, can_text=True)) for pk, line in lines.items()
    }
