"""What a deployment's own names and addresses do to its texts: `manage.py check` says so."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning  # noqa: A004 Django's name

from outreach.rules.linting import lint_template
from outreach.rules.naming import neutral_name
from outreach.texts import TEXTS

#: As long as the secret part of a link gets (`waitlist.models.new_token`).
_LINK_TAIL = "/o/7Kq2mXw9TzR4b_-v/"


def check_texts(**_: Any) -> list[CheckMessage]:
    """Texts that would cost two segments here, or tell of care, by their link or our name."""
    env = settings.FIRSTCALL
    found: list[CheckMessage] = []
    if neutral_name(env.organization_name, "en", instead="") != env.organization_name.strip():
        hint = "Choose a short name without a word of health care, such as the group's own."
        sentence = f"Texts cannot say ORGANIZATION_NAME ({env.organization_name}); they say "
        found.append(Warning(f'{sentence}"Your clinic".', hint=hint, id="outreach.W001"))
    link = env.public_url.rstrip("/") + _LINK_TAIL
    for template in TEXTS.values():
        known = {"link": link, "phone": env.organization_phone}
        for problem in lint_template(template, **known):
            sentence = f"Text {template.key!r} with our own link and telephone: {problem.sentence}"
            hint = "Shorten PUBLIC_URL or ORGANIZATION_PHONE."
            found.append(Warning(sentence, hint=hint, id="outreach.W002"))
    return found
