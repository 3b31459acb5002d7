"""Rules about what the visit needs besides a time, and an earlier date would break.

Asked of whoever books, and of everybody who may be offered an earlier time: before each wave,
and again when somebody says yes. Each returns its sentence, or None when it has no objection.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from crm.rules.said import Said, say, say_all
from scheduling.rules.ages import age_on
from scheduling.rules.day import DAY_NAMES
from scheduling.rules.names import HiddenBy
from scheduling.rules.requirements import (
    Coverage,
    KeptFor,
    LinkedVisit,
    Order,
    ProviderTerms,
    Requirements,
    Test,
    due_again_on,
    normal,
)
from scheduling.rules.words import (
    say_ages,
    say_date,
    say_day,
    say_exact_days,
    say_list,
    say_minutes,
)
from scheduling.states import Audience

Need = Callable[[Requirements, dt.datetime], str | None]


def kept_for(needs: Requirements, at: dt.datetime) -> str | None:
    """The slot's audience: a patient must fit every part that is set."""
    who = needs.terms.kept_for
    if who is None or (who.until is not None and who.until <= at):
        return None
    return say("Is kept for %(whom)s", whom=who.name) if _is_left_out(who, needs) else None


def _is_left_out(who: KeptFor, needs: Requirements) -> bool:
    day = needs.terms.day
    return (
        (who.audience is Audience.NEW and needs.is_established)
        or (who.audience is Audience.ESTABLISHED and not needs.is_established)
        or not _is_aged(who.min_age, who.max_age, needs)
        or (who.sex is not None and needs.sex is not who.sex)
        or bool(who.payers and not any(normal(c.payer) in who.payers for c in _valid(needs)))
        or (who.needs_referral and not any(order.covers(day) for order in needs.orders))
    )


def _is_aged(least: int | None, most: int | None, needs: Requirements) -> bool:
    """Whether the patient is inside the ages; not where the date of birth is not known."""
    if least is None and most is None:
        return True
    if needs.birth_on is None:
        return False
    age = age_on(needs.birth_on, needs.terms.day)
    return (least is None or age >= least) and (most is None or age <= most)


def provider_rule(needs: Requirements, _at: dt.datetime) -> str | None:
    for rule in needs.terms.provider_rules:
        said = _against(rule, needs)
        if said is not None:
            return say_all([needs.terms.provider, said, f"({rule.reason})" if rule.reason else ""])
    return None


def _against(rule: ProviderTerms, needs: Requirements) -> str | None:
    if not rule.is_offered or (rule.only and needs.terms.visit_type_id not in rule.only):
        return say("does not do this kind of visit")
    if not rule.accepts_new and not needs.is_established:
        return say("takes no new patients")
    if rule.min_age is None and rule.max_age is None:
        return None
    ages = say_ages(rule.min_age, rule.max_age)
    if needs.birth_on is None:
        return say("sees %(ages)s, and the date of birth is not known", ages=ages)
    age = age_on(needs.birth_on, needs.terms.day)
    fits = _is_aged(rule.min_age, rule.max_age, needs)
    return None if fits else say("sees %(ages)s; they will be %(age)s", ages=ages, age=age)


def needed_first(needs: Requirements, _at: dt.datetime) -> str | None:
    """What the clinician must have before such a visit: a referral, records, a test."""
    for rule in needs.terms.provider_rules:
        missing = [*_missing(rule, needs)]
        if missing:
            said = say(
                "%(provider)s needs %(missing)s first",
                provider=needs.terms.provider,
                missing=say_list(missing),
            )
            return say_all([said, f"({rule.reason})" if rule.reason else ""])
    return None


def _missing(rule: ProviderTerms, needs: Requirements) -> Iterator[str]:
    if rule.needs_referral and not any(order.covers(needs.terms.day) for order in needs.orders):
        yield say("a referral")
    if rule.needs_records and not any(order.has_records for order in needs.orders):
        yield say("the outside records")
    if rule.test_id is not None and not any(_is_in_time(rule, test, needs) for test in needs.tests):
        days = rule.test_within_days
        within = "" if days is None else say("within %(days)s", days=say_exact_days(days))
        yield say_all([rule.test, within])


def _is_in_time(rule: ProviderTerms, test: Test, needs: Requirements) -> bool:
    if test.visit_type_id != rule.test_id or test.ends_at > needs.terms.starts_at:
        return False
    age = (needs.terms.day - needs.terms.date_of(test.starts_at)).days
    return rule.test_within_days is None or age <= rule.test_within_days


def new_or_established(needs: Requirements, _at: dt.datetime) -> str | None:
    match needs.terms.audience:
        case Audience.NEW if needs.is_established:
            return say("Is for new patients; they have been seen here")
        case Audience.ESTABLISHED if not needs.is_established:
            return say("Is for patients seen here before")
        case _:
            return None


def coverage(needs: Requirements, _at: dt.datetime) -> str | None:
    """No coverage on file refuses nobody, unless the clinic requires one."""
    terms = needs.terms
    if not needs.coverages:
        required = say("%(clinic)s requires coverage; none is on file", clinic=terms.clinic)
        return required if terms.requires_coverage else None
    valid = _valid(needs)
    if not valid:
        return _say_invalid(needs.coverages, terms.day)
    if any(terms.accepts(one) for one in valid):
        return None
    payer = f"{valid[0].payer} {valid[0].plan}".strip()
    return say("%(clinic)s does not take %(payer)s", clinic=terms.clinic, payer=payer)


def _valid(needs: Requirements) -> list[Coverage]:
    return [one for one in needs.coverages if one.covers(needs.terms.day)]


def _say_invalid(coverages: tuple[Coverage, ...], day: dt.date) -> str:
    begins = [c.starts_on for c in coverages if c.starts_on is not None and c.starts_on > day]
    if begins:
        return say("Coverage begins on %(day)s", day=say_date(min(begins)))
    last = max(c.ends_on for c in coverages if c.ends_on)
    return say("Coverage ended on %(day)s", day=say_date(last))


def order_date(needs: Requirements, _at: dt.datetime) -> str | None:
    """Where several orders could be meant, the earliest of their dates counts."""
    dates = [order.not_before_on for order in needs.orders]
    begins = [day for day in dates if day is not None]
    if not begins or None in dates or min(begins) <= needs.terms.day:
        return None
    return say("The order says not before %(day)s", day=say_day(min(begins)))


def authorization(needs: Requirements, _at: dt.datetime) -> str | None:
    """Of the orders on file one must cover the day. None on file matters where one is needed."""
    day = needs.terms.day
    if not needs.orders:
        missing = needs.terms.needs_authorization
        return say("Needs a referral or authorization; none is on file") if missing else None
    if any(order.covers(day) for order in needs.orders):
        return None
    return _say_not_covered(needs.orders[0], day)


def _say_not_covered(order: Order, day: dt.date) -> str:
    if order.valid_from_on is not None and day < order.valid_from_on:
        return say("The authorization begins on %(day)s", day=say_date(order.valid_from_on))
    if order.valid_until_on is not None and day > order.valid_until_on:
        return say("The authorization ended on %(day)s", day=say_date(order.valid_until_on))
    return say("The authorization has no visits left")


def frequency(needs: Requirements, _at: dt.datetime) -> str | None:
    """Counted from the last visit that took place; the strictest limit that applies."""
    if needs.last_visit_on is None:
        return None
    payers = {normal(one.payer) for one in _valid(needs)} | {""}
    limits = [limit for limit in needs.terms.limits if normal(limit.payer) in payers]
    due = {due_again_on(needs.last_visit_on, limit): limit for limit in limits}
    if not due or max(due) <= needs.terms.day:
        return None
    again = say_date(max(due))
    payer = due[max(due)].payer
    said = say("the next is due from %(day)s", day=again)
    if payer:
        said = say("%(payer)s pays for the next from %(day)s", payer=payer, day=again)
    last = say_date(needs.last_visit_on)
    return say("Had this visit on %(day)s; %(next)s", day=last, next=said)


def linked_visit(needs: Requirements, _at: dt.datetime) -> str | None:
    for other in needs.linked:
        said = _follows(other, needs) if other.comes_first else _leads(other, needs)
        if said is not None:
            return said
    return None


def _follows(first: LinkedVisit, needs: Requirements) -> str | None:
    """This visit comes after `first`."""
    if not first.stands:
        return say("%(visit)s must come first, and is not booked", visit=first.visit_type)
    day = needs.terms.date_of(first.starts_at)
    gap, which = (needs.terms.day - day).days, _say_visit(first.visit_type, day)
    if needs.terms.starts_at < first.ends_at:
        return say("Must come after %(visit)s", visit=which)
    if gap < first.least_days:
        days = say_exact_days(first.least_days)
        return say("Must come at least %(days)s after %(visit)s", days=days, visit=which)
    if first.most_days is not None and gap > first.most_days:
        days = say_exact_days(first.most_days)
        return say("Must come at most %(days)s after %(visit)s", days=days, visit=which)
    return None


def _leads(then: LinkedVisit, needs: Requirements) -> str | None:
    """`then` comes after this visit. Earlier is safe, unless it must come soon after."""
    day = needs.terms.date_of(then.starts_at)
    gap = (day - needs.terms.day).days
    if not then.stands or then.most_days is None or gap <= then.most_days:
        return None
    which, days = _say_visit(then.visit_type, day), say_exact_days(then.most_days)
    return say("Must come at most %(days)s before %(visit)s", days=days, visit=which)


def _say_visit(name: str, day: dt.date) -> Said:
    return say("%(visit)s of %(day)s", visit=name, day=say_day(day))


def preparation(needs: Requirements, at: dt.datetime) -> str | None:
    """Fasting, a medicine held back: less time than it takes, with its sending where it is due."""
    terms = needs.terms
    is_instructed = any(order.is_instructed for order in needs.orders)
    hours = terms.prep_hours + (0 if is_instructed else terms.prep_send_hours)
    if terms.prep_hours == 0 or terms.hours_left(at) >= hours:
        return None
    told = {"span": _say_hours(hours), "left": _say_left(needs, at)}
    if is_instructed or not terms.prep_send_hours:
        return say("Preparation takes %(span)s; %(left)s", **told)
    return say("Preparation takes %(span)s, and was not sent yet; %(left)s", **told)


def interpreter(needs: Requirements, at: dt.datetime) -> str | None:
    hours = needs.terms.interpreter_notice_hours
    if not needs.interpreter or needs.terms.hours_left(at) >= hours:
        return None
    return say(
        "An interpreter (%(language)s) takes %(span)s to arrange; %(left)s",
        language=needs.interpreter,
        span=_say_hours(hours),
        left=_say_left(needs, at),
    )


def transport(needs: Requirements, at: dt.datetime) -> str | None:
    hours = needs.terms.transport_notice_hours
    if not needs.needs_transport or needs.terms.hours_left(at) >= hours:
        return None
    return say(
        "A ride takes %(span)s to arrange; %(left)s",
        span=_say_hours(hours),
        left=_say_left(needs, at),
    )


def _say_left(needs: Requirements, at: dt.datetime) -> Said:
    left = say_minutes(max(0, needs.terms.hours_left(at) * 60))
    return say("it starts in %(span)s", span=left)


def _say_hours(hours: int) -> Said:
    return say_minutes(hours * 60)


NEEDS: tuple[tuple[HiddenBy, Need], ...] = (
    (HiddenBy.KEPT_FOR, kept_for),
    (HiddenBy.PROVIDER_RULE, provider_rule),
    (HiddenBy.NEEDED_FIRST, needed_first),
    (HiddenBy.NEW_OR_ESTABLISHED, new_or_established),
    (HiddenBy.COVERAGE, coverage),
    (HiddenBy.ORDER_DATE, order_date),
    (HiddenBy.AUTHORIZATION, authorization),
    (HiddenBy.FREQUENCY, frequency),
    (HiddenBy.LINKED_VISIT, linked_visit),
    (HiddenBy.PREPARATION, preparation),
    (HiddenBy.INTERPRETER, interpreter),
    (HiddenBy.TRANSPORT, transport),
)
"""In the order they are tried."""
NEED_NAMES = frozenset({*(name.value for name, _ in NEEDS), *(name.value for name in DAY_NAMES)})
"""These rules and those of the clinician's day: what an earlier date can break."""
