"""`docs/law.md`: the table of `crm.rules.law`, and which of our texts stands in which row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from crm.rules.law import (
    CLOSES_AT,
    CONFIRM_OPT_OUT_WITHIN,
    CONFIRMS_OPT_OUT,
    CONVERSATION,
    LABELS,
    LAW,
    OPENS_AT,
    TEXTS_PER_DAY,
    TEXTS_PER_WEEK,
    Consent,
    Hours,
    PhoneFor,
)
from crm.states import Sensitivity
from outreach.rules.reply_words import CARRIER_OPT_OUT
from outreach.texts import TEXTS

_HEAD: Final = """# The law of texting, as the code reads it

Printed from `crm/rules/law.py` (`python manage.py print_law > docs/law.md`); a test fails when
this page is stale. Read by engineers in 2026-11, and no legal advice: have counsel sign it off.

Every text is asked about twice: when it is planned, and under its phone's lock right before the
carrier is asked to take it (`outreach.queries.may_go_now`). Only the second answer sends
anything, and it is kept with the message. The order: the phone and whose it is, the ledger, the
patient's wish and labels, the contact budget, the hour.
"""

_CONSENTS: Final = {
    Consent.NONE: "none of its own",
    Consent.CARE: "to texts about care, on that phone",
    Consent.AUTHORIZATION: "a signed authorization, given since the last opt-out",
}
_HOURS: Final = {
    Hours.DAYTIME: f"{OPENS_AT}:00 to {CLOSES_AT}:00",
    Hours.IN_CONVERSATION: f"the same; any hour within {int(CONVERSATION.total_seconds() // 60)} "
    "minutes of their text",
    Hours.ANY: "any",
}
_PHONES: Final = {
    PhoneFor.ANY: "any of theirs",
    PhoneFor.DISCREET: "the confidential one; if there is none, one that is theirs alone",
    PhoneFor.CONFIDENTIAL: "the confidential one only",
}
_SENSITIVE: Final = LABELS[Sensitivity.SUBSTANCE_USE].sources
_OF_MINORS: Final = LABELS[Sensitivity.ADOLESCENT].sources


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([_HEAD, *_purposes(), *_labels(), *_for_all(), *_texts(), *_sources()])


def _purposes() -> Iterator[str]:
    yield "## By purpose\n"
    yield "| purpose | consent | hours | counts | after STOP | whose phone | sources |"
    yield "|---|---|---|---|---|---|---|"
    for purpose, law in LAW.items():
        yield _row(
            f"**{purpose}**: {law.what}",
            _CONSENTS[law.consent],
            _HOURS[law.hours],
            "yes" if law.counts else "no",
            "none" if law.heeds_stop else "still goes",
            "of whoever wrote; it names nobody" if law.names_nobody else "by the labels below",
            _numbers(law.sources),
        )
    yield ""
    yield "Offers also heed the patient's own wish not to be offered earlier times.\n"


def _labels() -> Iterator[str]:
    yield "## By privacy label\n"
    yield "Of several labels the strictest holds.\n"
    yield "| label | phone | never | sources |"
    yield "|---|---|---|---|"
    for name, label in LABELS.items():
        stops = ", ".join(sorted(label.stops)) or "none"
        yield _row(
            f"**{name}**: {label.what}", _PHONES[label.phone], stops, _numbers(label.sources)
        )
    for who, phone_for, sources in (
        ("an adult", PhoneFor.DISCREET, _SENSITIVE),
        ("a minor", PhoneFor.CONFIDENTIAL, _OF_MINORS),
    ):
        kind = f"no label, but a visit type marked sensitive, for {who}"
        yield _row(kind, _PHONES[phone_for], "none", _numbers(sources))
    yield ""


def _for_all() -> Iterator[str]:
    minutes = int(CONFIRM_OPT_OUT_WITHIN.total_seconds() // 60)
    confirms = ", ".join(f"`{key}`" for key in sorted(CONFIRMS_OPT_OUT))
    words = ", ".join(word.upper() for word in sorted(CARRIER_OPT_OUT))
    yield "## For every text\n"
    yield (
        "- **Where the person is**: every zone that there is a reason to believe in (their "
        "address, the site, the area code of the phone) must allow the hour. An area code that "
        "spans zones counts with all of them; one that says nothing counts with none; without "
        "any zone nothing is sent."
    )
    yield (
        f"- **Budget**: {TEXTS_PER_DAY} a day and {TEXTS_PER_WEEK} in seven days, offers "
        "included, unless `TEXTS_PER_DAY` and `TEXTS_PER_WEEK` say otherwise. A day is a "
        "calendar day where the patient is. A patient's phones count together, and so do the "
        "people on one phone."
    )
    yield (
        f"- **Opt-out**: any wording, in English or Spanish, at once. The carrier itself blocks "
        f"after {words}. Within {minutes} minutes one text may confirm it: {confirms}."
    )
    yield (
        "- **Language**: the patient's, where we have the text in it (English, Spanish); a "
        "stranger gets the language of the thread (45 CFR 92.201)."
    )
    yield (
        "- **Words**: one segment of the SMS alphabet; nothing that tells what care somebody "
        "gets, also not by the name of a site (45 CFR 164.502(b), 42 CFR 2.13)."
    )
    yield "- **Channel**: consent to texts is consent to texts, and not to calls.\n"


def _texts() -> Iterator[str]:
    yield "## Which text stands where\n"
    yield "| purpose | texts |"
    yield "|---|---|"
    for purpose in LAW:
        keys = sorted(key for key, text in TEXTS.items() if text.purpose == purpose)
        yield _row(str(purpose), ", ".join(f"`{key}`" for key in keys) or "none yet")
    yield ""


def _sources() -> Iterator[str]:
    yield "## Sources\n"
    for number, source in enumerate(_all_sources(), start=1):
        yield f"{number}. {source}"
    yield ""


def _all_sources() -> list[str]:
    rows: list[Iterable[str]] = [law.sources for law in LAW.values()]
    rows += [label.sources for label in LABELS.values()]
    return list(dict.fromkeys(source for sources in rows for source in sources))


def _numbers(sources: Iterable[str]) -> str:
    known = _all_sources()
    return ", ".join(str(known.index(source) + 1) for source in sources)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
