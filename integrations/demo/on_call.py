"""Who is on call in the demo: two clinicians of a service line in turn, and behind them the nurse.

The nurse is the one who signs in by a click, so a page that nobody answers can be answered.
"""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password

from crm.models import OnCall, Phone, User
from crm.states import Role
from integrations.demo.dataset.rows import Clinician
from integrations.demo.dataset.system import BONES, FAMILY

WEEKS: Final = 12
ZONE: Final = ZoneInfo("America/Phoenix")
#: Family medicine answers for every line that has nobody of its own.
LINES: Final = ((BONES, BONES), (FAMILY, ""))
#: Numbers of fiction in an area where none of the demo's people has one.
PAGED_AT: Final = "+12125550{}"


def add_on_call(clinicians: tuple[Clinician, ...], nurse: User, *, at: dt.datetime) -> int:
    """Turns of a week each, from the Monday before `at`; returns how many clinicians there are."""
    today = at.astimezone(ZONE).date()
    first = dt.datetime.combine(today - dt.timedelta(days=today.weekday()), dt.time(8), ZONE)
    weeks = [first + dt.timedelta(weeks=number - 1) for number in range(WEEKS + 1)]
    turns, doctors = [], 0
    for specialty, serves in LINES:
        able = [one for one in clinicians if one.specialty == specialty]
        pair = [_doctor(one) for one in able[:2]]
        doctors += len(pair)
        turns += [_turn(*pair[n % 2], serves, 1, week) for n, week in enumerate(weeks)]
    turns += [_turn(nurse, None, "", 2, week) for week in weeks]
    OnCall.objects.bulk_create(turns)
    return doctors


def _turn(user: User, phone: Phone | None, specialty: str, level: int, week: dt.datetime) -> OnCall:
    ends_at = week + dt.timedelta(weeks=1)
    return OnCall(
        user=user, phone=phone, specialty=specialty, level=level, starts_at=week, ends_at=ends_at
    )


def _doctor(clinician: Clinician) -> tuple[User, Phone]:
    """Nobody signs in as them: they are texted, and call."""
    user = User.objects.create(
        username=f"dr-{clinician.code.lower()}",
        first_name=clinician.given_name,
        last_name=clinician.family_name,
        password=make_password(None),
        roles=[str(Role.NURSE)],
    )
    number = PAGED_AT.format(100 + Phone.objects.filter(number__startswith="+1212").count())
    return user, Phone.objects.create(number=number)
