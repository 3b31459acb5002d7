"""Texts about visits by video."""

from __future__ import annotations

from typing import Final

from crm.states import Purpose
from outreach.texts.template import Template

VIDEO: Final = (
    Template(
        key="video_link",
        version=1,
        purpose=Purpose.CONFIRMATION,
        fields=frozenset({"site", "time", "link"}),
        en="{site}: {time} is by video. Test your phone and join here: {link}",
        es="{site}: {time} es por video. Pruebe su teléfono y entre aquí: {link}",
    ),
)
"""Sent once the room is there, and again with a new time."""
