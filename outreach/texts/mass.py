"""Texts about visits that cannot stay: the clinician is out, or the site is closed."""

from __future__ import annotations

from typing import Final

from crm.states import Purpose
from outreach.texts.template import Template

MASS: Final = (
    Template(
        key="mass_moved",
        version=1,
        purpose=Purpose.REMINDER,
        fields=frozenset({"site", "time", "old_time", "phone"}),
        en="Your visit {old_time} cannot take place. New time: {time}, {site}. Cannot come? Call "
        "{phone}.",
        es="Su cita del {old_time} no se puede dar. Nueva hora: {time}, {site}. ¿No puede venir? "
        "Llame al {phone}.",
    ),
    Template(
        key="mass_choices",
        version=1,
        purpose=Purpose.REMINDER,
        fields=frozenset({"site", "old_time", "link", "phone"}),
        en="{site}: your visit {old_time} must move. Choose a time: {link} or call {phone}",
        es="{site}: su cita {old_time} debe cambiar. Elija otra hora: {link} o llame {phone}",
    ),
    Template(
        key="mass_choices_over",
        version=1,
        purpose=Purpose.UPDATE,
        fields=frozenset({"site", "old_time", "phone"}),
        en="{site}: the times we sent for your visit {old_time} are no longer open. Nothing has "
        "changed yet. Questions? Call {phone}",
        es="{site}: las horas que enviamos para su cita {old_time} ya no valen. Nada ha cambiado. "
        "Preguntas: {phone}",
    ),
)
"""In the order of a job."""
