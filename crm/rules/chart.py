"""Who may hear what of a chart, how old it is, and whether to ask for it again. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from crm.rules.law import PhoneFor, phone_for
from crm.rules.said import Said, say, say_count, say_full_date, say_month_day
from crm.states import ChartPart, ProxyScope, Sensitivity, Speaker

_PROXY_NEEDS: Final = {
    ChartPart.LABS: ProxyScope.RESULTS,
    ChartPart.MEDICATIONS: ProxyScope.RESULTS,
    ChartPart.PLAN: ProxyScope.SCHEDULING,
    ChartPart.VISITS: ProxyScope.SCHEDULING,
    ChartPart.COVERAGE: ProxyScope.BILLING,
}
#: Others who treat the patient may hear what they need for that (45 CFR 164.506(c)(2)); a driver
#: or an officer hears nothing of a chart.
_OTHERS_HEAR: Final[Mapping[Speaker, frozenset[ChartPart]]] = {
    Speaker.CLINICIAN: frozenset(ChartPart),
    Speaker.FACILITY: frozenset(ChartPart),
    Speaker.PHARMACY: frozenset({ChartPart.MEDICATIONS, ChartPart.COVERAGE}),
}


#: With one of these labels nobody but the patient hears anything of the chart by telephone.
_CONFIDENTIAL: Final = frozenset(
    {
        Sensitivity.ADOLESCENT,
        Sensitivity.BEHAVIORAL_HEALTH,
        Sensitivity.SUBSTANCE_USE,
        Sensitivity.DOMESTIC_VIOLENCE,
    }
)


def may_hear(
    part: ChartPart,
    *,
    speaker: Speaker,
    scope: Collection[str] = (),
    labels: Collection[str] = (),
) -> bool:
    """Whether this part may be told to whoever speaks.

    :param scope: of a proxy: what they may act in (`ProxyScope`).
    :param labels: of the patient (`Sensitivity`).
    """
    if speaker is Speaker.PATIENT:
        return True
    if _CONFIDENTIAL & set(labels):
        return False
    if speaker is Speaker.PROXY:
        return _PROXY_NEEDS[part] in scope
    return part in _OTHERS_HEAR.get(speaker, frozenset())


def may_hear_how_to_reach(
    speaker: Speaker, *, scope: Collection[str] = (), labels: Collection[str] = ()
) -> bool:
    """Whether address, phones and e-mail may be told: to the patient, and to a proxy who acts in
    scheduling. Whose phone must be the confidential one, of them even an address is told to
    nobody else."""
    if speaker is Speaker.PATIENT:
        return True
    strict = phone_for(frozenset(labels), is_sensitive=False, is_minor=False)
    may = speaker is Speaker.PROXY and ProxyScope.SCHEDULING in scope
    return may and strict is not PhoneFor.CONFIDENTIAL


def may_hear_sensitive(speaker: Speaker) -> bool:
    """Substance use, HIV, confidential care: for the patient's own ears (42 CFR 2.31)."""
    return speaker is Speaker.PATIENT


@dataclass(frozen=True, slots=True)
class Freshness:
    """The age of a part in words: `words` beside its title, `why` where something is wrong."""

    words: str
    why: str = ""
    is_asking: bool = False
    is_known: bool = False  # something was read, if only that there is nothing


def say_freshness(
    *,
    asked_at: dt.datetime | None,
    fetched_at: dt.datetime | None,
    failed_at: dt.datetime | None,
    reason: str,
    is_due: bool,
    at: dt.datetime,
) -> Freshness:
    """How what stands came to be, and whether the EHR is being asked just now.

    :param is_due: the EHR is yet to be asked, or asked again.
    """
    why = reason if failed_at else ""
    if fetched_at is not None:
        words = say("EHR %(ago)s", ago=say_ago(at - fetched_at))
        if is_due:
            words = say("%(words)s, still asking", words=words)
        return Freshness(words, why, is_due, is_known=True)
    if is_due and asked_at is not None:
        since = at - asked_at
        words = say("Asking the EHR")
        if since >= _A_MOMENT:
            words = say("Asking the EHR for %(span)s", span=say_span(since))
        return Freshness(words, why, is_asking=True)
    return Freshness(say("EHR not read") if failed_at else say("EHR not asked yet"), why)


_A_MOMENT: Final = dt.timedelta(seconds=10)
#: What was read so lately is new enough for a telephone call.
FRESH: Final = dt.timedelta(minutes=5)
#: An EHR that just failed is left alone for so long, unless somebody presses a button.
LEFT_ALONE: Final = dt.timedelta(seconds=30)
#: A question that has hung for longer is asked again by whoever comes next.
HANGING: Final = dt.timedelta(minutes=1)


def is_worth_asking(
    *,
    asked_at: dt.datetime,
    fetched_at: dt.datetime | None,
    failed_at: dt.datetime | None,
    is_due: bool,
    anew: bool,
    at: dt.datetime,
) -> bool:
    """Whether to ask the EHR for a part that was asked for before.

    :param anew: somebody pressed a button, so that what is new enough is not.
    """
    if is_due:
        return at - asked_at >= HANGING
    if anew:
        return True
    if failed_at is not None:
        return at - asked_at >= LEFT_ALONE
    return fetched_at is None or at - fetched_at >= FRESH


def say_ago(since: dt.timedelta) -> Said:
    """ "just now", "2 min ago", "3 h ago", "5 days ago"."""
    if since < _A_MOMENT:
        return say("just now")
    return say("%(span)s ago", span=say_span(since))


def say_span(span: dt.timedelta) -> Said:
    """ "8 s", "2 min", "3 h", "5 days"."""
    seconds = max(0, int(span.total_seconds()))
    if seconds >= 2 * 86_400:
        return say_count("%(n)s day", "%(n)s days", n=seconds // 86_400)
    for size, unit in ((3_600, "h"), (60, "min")):
        if seconds >= size:
            return say(f"{seconds // size} {unit}")  # as in Spanish
    return say(f"{seconds} s")


def say_day(day: dt.date, *, on: dt.date) -> Said:
    """ "Dec 14", with the year where it is another."""
    return say_month_day(day) if day.year == on.year else say_full_date(day)
