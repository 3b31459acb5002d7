"""Texts to our own clinicians who are on call: that somebody asks for them, and nothing more."""

from __future__ import annotations

from typing import Final

from crm.states import Purpose
from outreach.texts.template import Template

PAGES: Final = (
    Template(
        key="page_on_call",
        version=1,
        purpose=Purpose.PAGE,
        fields=frozenset({"organization"}),
        en="{organization}: you are asked about a call. Sign in to Firstcall to answer.",
        es="{organization}: le consultan por una llamada. Entre en Firstcall para responder.",
    ),
)
"""Neither the patient nor what it is about: phones lie on tables."""
