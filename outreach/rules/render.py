"""Fills a template of `outreach.texts` with the facts of one message."""

from __future__ import annotations

from collections.abc import Mapping

from outreach.rules.segments import to_gsm7
from outreach.texts import FIELDS, LANGUAGES, Template, get_text


class FieldsDoNotFit(ValueError):
    """A fact that the template names is missing or empty, or one given does not exist."""


def choose_language(preferred: str) -> str:
    """The language to text in: "es" for any Spanish ("es-MX"), else "en"."""
    code = preferred[:2].lower()
    return code if code in LANGUAGES else "en"


def render(key: str, language: str, fields: Mapping[str, str]) -> str:
    """The text as it goes out, in the SMS alphabet (see `segments.to_gsm7`).

    :param key: a key of `outreach.texts.TEXTS`.
    :param language: "en" or "es"; `choose_language` maps a patient's preference to one of them.
    :param fields: at least the template's `fields`; others of `outreach.texts.FIELDS` are left
        out, so that one set of facts serves several texts. White space in values is tidied, so
        that a value cannot add lines.
    :raises UnknownText: for a key or language that does not exist.
    :raises FieldsDoNotFit: names what is missing or empty, and what is no field at all.
    """
    return render_text(get_text(key), language, fields)


def render_text(template: Template, language: str, fields: Mapping[str, str]) -> str:
    """`render` of a template at hand.

    :raises FieldsDoNotFit: as `render` does.
    """
    tidy = {name: " ".join(value.split()) for name, value in fields.items()}
    missing = sorted(name for name in template.fields if not tidy.get(name))
    unknown = sorted(tidy.keys() - FIELDS.keys())
    if missing or unknown:
        raise FieldsDoNotFit(f"Text {template.key!r}: missing {missing}, no such fields {unknown}.")
    return to_gsm7(template.body(language).format(**tidy))


def render_longest(key: str, language: str, **known: str) -> str:
    """The text at its longest: every field as long as `outreach.texts.FIELDS` reckons with.

    :param known: fields whose real value is known, such as the links of this deployment.
    """
    return render(key, language, {**{name: FIELDS[name].longest for name in FIELDS}, **known})
