"""Words of the live board."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop

from crm.saying import translated
from crm.states import AgentState

#: How a state looks as a chip; `desk.screen.words.STATES` says it in a word.
STATE_LOOKS: Final[dict[str, str]] = {
    AgentState.AVAILABLE: "good",
    AgentState.ON_CONTACT: "accent",
    AgentState.WRAP_UP: "a-2h",
    AgentState.BREAK: "",
    AgentState.TRAINING: "",
    AgentState.OFFLINE: "",
}
#: Skills that are not their own word.
_SKILLS: Final[dict[str, str]] = {"es": gettext_noop("Spanish"), "en": gettext_noop("English")}


def say_skill(code: str) -> str:
    """ "es" is "Spanish", "bone-health" is "bone health"."""
    return translated(_SKILLS.get(code, code.replace("-", " ")))


def say_code(code: str) -> str:
    """A code in words, where nothing better is known: "critical-result" is "Critical result"."""
    return code.replace("-", " ").replace("_", " ").replace(":", ", ").capitalize()
