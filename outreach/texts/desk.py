"""What somebody at the desk types in answer to a text."""

from __future__ import annotations

from typing import Final

from crm.states import Purpose
from outreach.texts.template import Template

DESK: Final = (
    Template(
        key="agent_reply",
        version=1,
        purpose=Purpose.ANSWER,
        fields=frozenset({"words"}),
        en="{words}",
        es="{words}",
    ),
)
"""Their own words, in the language of their reader. `outreach.rules.linting.lint_words` reads them
before they are queued, by the rules that every other text is held to."""
