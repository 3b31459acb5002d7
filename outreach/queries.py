"""May this text go now? Permission, contact budget and quiet hours, for one person or many."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Q

from crm.models import Patient, Phone
from crm.queries import Permission, PhoneRow, choose_phones, contact_permission
from crm.rules import ContactRule
from crm.rules.said import Said, say, say_all
from crm.states import Channel, Purpose
from outreach.models import Message
from outreach.rules.budget import WEEK, within_budget
from outreach.rules.purposes import (
    COUNTED,
    confirms_opt_out,
    depends_on_talk,
    goes_at_any_hour,
)
from outreach.rules.quiet_hours import next_permitted_in_all
from outreach.rules.times import say_time
from outreach.rules.zones import zones_of_person
from outreach.states import Direction, MessageStatus

#: The carrier has these, or may have.
GONE_OUT = (
    MessageStatus.SENDING,
    MessageStatus.UNKNOWN,
    MessageStatus.SENT,
    MessageStatus.DELIVERED,
)


@dataclass(frozen=True, slots=True)
class SendAnswer:
    """The answer to "may this go to this person now?", with the phone that it would go to.

    `rule` is "allowed", a `crm.rules.ContactRule`, "per-day", "per-week", "quiet-hours" or
    "zone-unknown"; `sentence` is for staff. `retry_at` is the first instant at which the hours
    and the budget allow it; None where waiting does not help. `proof` is kept with what is sent.
    """

    allowed: bool
    rule: str
    sentence: str
    retry_at: dt.datetime | None
    row: PhoneRow | None
    proof: dict[str, Any]

    @property
    def phone(self) -> Phone | None:
        return self.row.load() if self.row else None


def may_send(
    *,
    patient: Patient | None,
    phone: Phone,
    purpose: Purpose,
    zone: str,
    at: dt.datetime,
    is_sensitive: bool = False,
) -> SendAnswer:
    """May a text for `purpose` go to `phone` about `patient`?

    :param zone: the site's IANA zone; the person's own zones count as well.
    :param is_sensitive: it is about a visit of a kind that no text may hint at.
    """
    permission = contact_permission(
        patient=patient,
        phone=phone,
        channel=Channel.SMS,
        purpose=purpose,
        at=at,
        is_sensitive=is_sensitive,
    )
    sent = _sent(purpose, [patient.pk] if patient else [], [phone.pk], at=at, planned=True)
    question = _Question(purpose, zone, at, sent)
    return question.answer(permission, _who(patient), PhoneRow.of(phone))


def may_send_many(
    patient_ids: Collection[int],
    *,
    purpose: Purpose,
    zone: str,
    at: dt.datetime,
    is_sensitive: bool = False,
) -> dict[int, SendAnswer]:
    """The same for many patients, each on the first of their phones that may be used.

    Four statements, however many patients; three for what the budget does not count. A refused
    one has the rule against their first phone. Ids that no patient has are left out.
    """
    choices = choose_phones(
        patient_ids=patient_ids, purpose=purpose, at=at, is_sensitive=is_sensitive
    )
    phones = [choice.row.pk for choice in choices.values() if choice.row]
    question = _Question(purpose, zone, at, _sent(purpose, choices, phones, at=at, planned=True))
    return {
        pk: question.answer(choice.permission, _Who(pk, choice.zone), choice.row)
        for pk, choice in choices.items()
    }


def may_go_now(message: Message, *, zone: str, at: dt.datetime) -> SendAnswer:
    """May this queued message go? Asked under the phone's lock, right before it does.

    Other messages in the queue are not counted: each asks when its own turn comes.
    """
    patient, phone, purpose = message.patient, message.phone, Purpose(message.purpose)
    permission = contact_permission(
        patient=patient,
        phone=phone,
        channel=Channel.SMS,
        purpose=purpose,
        at=at,
        is_sensitive=message.is_sensitive,
    )
    if permission.rule == ContactRule.OPTED_OUT and _confirms_opt_out(message, at):
        proof = {**permission.proof, "rule": "confirms-opt-out"}
        permission = replace(permission, allowed=True, rule=ContactRule.ALLOWED, proof=proof)
    sent = _sent(purpose, [patient.pk] if patient else [], [phone.pk], at=at, planned=False)
    heard_at = last_heard_at(phone) if depends_on_talk(purpose) else None
    any_hour = goes_at_any_hour(purpose, heard_at=heard_at, at=at)
    question = _Question(purpose, zone, at, sent, any_hour=any_hour)
    return question.answer(permission, _who(patient), PhoneRow.of(phone))


def _confirms_opt_out(message: Message, at: dt.datetime) -> bool:
    template = message.text_version.key if message.text_version else ""
    return confirms_opt_out(template, created_at=message.created_at, at=at)


def last_heard_at(phone: Phone) -> dt.datetime | None:
    """When this phone last texted us."""
    received = Message.objects.filter(phone=phone, direction=Direction.IN)
    return received.order_by("-created_at").values_list("created_at", flat=True).first()


#: A bare number is taken for an answer to "reply 1 or 2" so long.
CHOICE_HOLDS = dt.timedelta(days=1)


def find_choices(message: Message) -> Message | None:
    """The last text of ours that asked the sender of `message` to choose by number, if lately."""
    came = message.created_at
    lately = Q(sent_at__lte=came, sent_at__gt=came - CHOICE_HOLDS)
    on_its_way = Q(pk=message.in_reply_to_id, sent_at=None)
    ours = Message.objects.filter(phone=message.phone_id, direction=Direction.OUT)
    asked = ours.filter(lately | on_its_way).exclude(choices=[])
    return asked.order_by("-created_at", "-pk").first()


class _Who(NamedTuple):
    """Whom a text is about, as far as the clock and the budget matter; `zone` may be empty."""

    pk: int | None
    zone: str


def _who(patient: Patient | None) -> _Who:
    return _Who(patient.pk, patient.zone) if patient else _Who(None, "")


class _Sent:
    """When counted texts went out in the last week, by patient and by phone.

    Both count: two children on a parent's phone are one person's day, and so are one patient's
    two phones. `planned` adds what waits to go: a candidate for an offer has none queued.
    """

    def __init__(
        self, patients: Iterable[int], phones: Iterable[int], *, at: dt.datetime, planned: bool
    ) -> None:
        statuses = (*GONE_OUT, MessageStatus.QUEUED) if planned else GONE_OUT
        rows = (
            Message.objects.filter(
                Q(patient__in=list(patients)) | Q(phone__in=list(phones)),
                direction=Direction.OUT,
                purpose__in=COUNTED,
                status__in=statuses,
            )
            .filter(Q(sent_at__isnull=True) | Q(sent_at__gt=at - WEEK))
            .values_list("pk", "patient_id", "phone_id", "sent_at")
        )
        self._by_patient: Mapping[int, dict[int, dt.datetime]] = defaultdict(dict)
        self._by_phone: Mapping[int, dict[int, dt.datetime]] = defaultdict(dict)
        for pk, patient_id, phone_id, sent_at in rows:
            # Without a time it is just going, or will go: as good as now.
            self._by_phone[phone_id][pk] = sent_at or at
            if patient_id is not None:
                self._by_patient[patient_id][pk] = sent_at or at

    def times(self, patient_id: int | None, phone_id: int) -> list[dt.datetime]:
        by_patient = self._by_patient.get(patient_id, {}) if patient_id else {}
        return list({**self._by_phone.get(phone_id, {}), **by_patient}.values())


def _sent(
    purpose: Purpose,
    patients: Iterable[int],
    phones: Iterable[int],
    *,
    at: dt.datetime,
    planned: bool,
) -> _Sent | None:
    """What the budget looks at; None for a purpose that the budget does not count."""
    return _Sent(patients, phones, at=at, planned=planned) if purpose in COUNTED else None


class _Hindrance(NamedTuple):
    rule: str
    sentence: str
    retry_at: dt.datetime | None = None


class _Question:
    """One purpose at one time, asked about one person or many."""

    def __init__(
        self,
        purpose: Purpose,
        zone: str,
        at: dt.datetime,
        sent: _Sent | None,
        *,
        any_hour: bool = False,
    ) -> None:
        self._purpose, self._zone, self._at, self._sent = purpose, zone, at, sent
        self._any_hour = any_hour
        self._checked_at = at.isoformat()
        caps = settings.FIRSTCALL
        self._caps = {"per_day": caps.texts_per_day, "per_week": caps.texts_per_week}
        #: The same few zones come again and again: those of a clinic's patients.
        self._opens_at = lru_cache(maxsize=None)(partial(_opens_at, at))

    def answer(self, permission: Permission, who: _Who, row: PhoneRow | None) -> SendAnswer:
        zones = zones_of_person(address=who.zone, site=self._zone, number=row.number if row else "")
        hindrance = self._hindrance(permission, who, row, zones)
        proof = {
            **permission.proof,
            "purpose": str(self._purpose),
            "checked_at": self._checked_at,
            "zones": sorted(zones),
        }
        if self._any_hour:
            proof["any_hour"] = True
        said = hindrance or _Hindrance(permission.rule, permission.sentence)
        return SendAnswer(hindrance is None, said.rule, said.sentence, said.retry_at, row, proof)

    def _hindrance(
        self, permission: Permission, who: _Who, row: PhoneRow | None, zones: frozenset[str]
    ) -> _Hindrance | None:
        if not permission.allowed or row is None:
            return _Hindrance(permission.rule, permission.sentence)
        home = who.zone or self._zone or min(zones, default="UTC")
        spent = self._spent(who, row, home, zones)
        if spent or self._any_hour:
            return spent
        opens_at = self._opens_at(zones)
        if opens_at is None:
            return _Hindrance("zone-unknown", "No hour is known to be permitted for this person.")
        if opens_at > self._at:
            sentence = say_all([say("It is early or late there."), _again(opens_at, home)])
            return _Hindrance("quiet-hours", sentence, opens_at)
        return None

    def _spent(
        self, who: _Who, row: PhoneRow, home: str, zones: frozenset[str]
    ) -> _Hindrance | None:
        """What the contact budget says against it."""
        if self._sent is None:
            return None
        sent_at = self._sent.times(who.pk, row.pk)
        budget = within_budget(sent_at, at=self._at, zone=home, **self._caps)
        if budget.allowed or budget.rule is None:
            return None
        retry_at = _opens_at(budget.retry_at, zones) if budget.retry_at else None
        sentence = say_all([budget.sentence, _again(retry_at, home) if retry_at else ""])
        return _Hindrance(budget.rule, sentence, retry_at)


def _again(at: dt.datetime, zone: str) -> Said:
    return say("May be texted again from %(time)s.", time=say_time(at, zone, "en"))


def _opens_at(at: dt.datetime, zones: frozenset[str]) -> dt.datetime | None:
    """The next hour that suits all zones; None where there is none, or no zone is known."""
    try:
        return next_permitted_in_all(at, zones=zones)
    except ValueError:
        return None
