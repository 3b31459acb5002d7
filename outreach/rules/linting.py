"""Is a template fit to be sent? In every language, with the longest values there are."""

from __future__ import annotations

from outreach.rules.render import render_text
from outreach.rules.segments import Problem, lint, to_gsm7
from outreach.rules.wording import check_wording
from outreach.texts.template import FIELDS, LANGUAGES, Template


def lint_template(template: Template, **known: str) -> list[Problem]:
    """What is wrong with a template: too long for a segment, outside the SMS alphabet, wording.

    :param known: fields whose real value is known, such as the links of this deployment; the
        others are as long as `FIELDS` reckons with.
    """
    longest = {name: field.longest for name, field in FIELDS.items()}
    problems = []
    for language in LANGUAGES:
        text = render_text(template, language, {**longest, **known})
        problems += [*lint(text), *check_wording(text)]
    return list(dict.fromkeys(problems))


def lint_words(words: str) -> list[Problem]:
    """What is wrong with what a person typed, as it would go out: the same as of a template."""
    text = to_gsm7(" ".join(words.split()))
    return [*lint(text), *check_wording(text)]
