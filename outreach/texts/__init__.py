"""Every message that Firstcall sends, in every language, as data.

Wording rules: plain words; one SMS segment; day and time with the weekday, in the zone of the
site; never what the visit is for, with whom, or in which department; never "reply CANCEL" (the
carrier takes it for an opt-out); no exclamation marks. Tests hold all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from outreach.texts.answers import ANSWERS
from outreach.texts.desk import DESK
from outreach.texts.links import LINKS
from outreach.texts.mass import MASS
from outreach.texts.offers import OFFERS
from outreach.texts.pages import PAGES
from outreach.texts.safety import SAFETY
from outreach.texts.self_service import SELF_SERVICE
from outreach.texts.template import FIELDS, LANGUAGES, Field, Template, UnknownText
from outreach.texts.video import VIDEO

__all__ = [
    "FIELDS",
    "LANGUAGES",
    "TEXTS",
    "Field",
    "Template",
    "UnknownText",
    "get_text",
]

TEXTS: Final[Mapping[str, Template]] = MappingProxyType(
    {
        template.key: template
        for template in (
            *OFFERS,
            *ANSWERS,
            *DESK,
            *SELF_SERVICE,
            *MASS,
            *VIDEO,
            *LINKS,
            *SAFETY,
            *PAGES,
        )
    }
)
"""Every template by its key."""


def get_text(key: str) -> Template:
    """The template with that key.

    :raises UnknownText: where there is none.
    """
    if key not in TEXTS:
        raise UnknownText(f"There is no text {key!r}.")
    return TEXTS[key]
