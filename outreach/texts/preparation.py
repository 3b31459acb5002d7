"""The text with the link to what should be done before a visit."""

from __future__ import annotations

from typing import Final

from crm.states import Purpose
from outreach.texts.template import Template

PREPARATION: Final = (
    Template(
        key="preparation_link",
        version=1,
        purpose=Purpose.CONFIRMATION,
        fields=frozenset({"site", "time", "link"}),
        en="{site}: please read this before {time}: {link}",
        es="{site}: por favor lea esto antes de {time}: {link}",
    ),
)
"""Sent when the patient has just asked for it. What to do stands behind the link alone."""
