"""Texts with a link that the patient has just asked for: what is behind it stands there alone."""

from __future__ import annotations

from typing import Final

from crm.states import Purpose
from outreach.texts.template import Template

LINKS: Final = (
    Template(
        key="preparation_link",
        version=1,
        purpose=Purpose.CONFIRMATION,
        fields=frozenset({"site", "time", "link"}),
        en="{site}: please read this before {time}: {link}",
        es="{site}: por favor lea esto antes de {time}: {link}",
    ),
    Template(
        key="place_link",
        version=1,
        purpose=Purpose.CONFIRMATION,
        fields=frozenset({"site", "time", "link"}),
        en="{site}: you are booked for {time}. The address, and a number to call: {link}",
        es="{site}: tiene cita {time}. La dirección, y un número para llamar: {link}",
    ),
    Template(
        key="portal_link",
        version=1,
        purpose=Purpose.CONFIRMATION,
        fields=frozenset({"organization", "link"}),
        en="{organization}: as you asked, the way to your own page. Sign in there: {link}",
        es="{organization}: como pidió, el camino a su propia página. Entre aquí: {link}",
    ),
)
"""What to do before a visit, where it is, and the organization's patient portal."""
