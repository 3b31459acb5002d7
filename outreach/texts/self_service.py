"""Texts about what patients do for themselves at `/book/`: codes, links, and what came of it."""

from __future__ import annotations

from typing import Final

from crm.states import Purpose
from outreach.texts.template import Template

SELF_SERVICE: Final = (
    Template(
        key="phone_code",
        version=1,
        purpose=Purpose.CODE,
        fields=frozenset({"organization", "code"}),
        en="{organization}: your code is {code}. It works for 10 minutes. Do not share it. Did not "
        "ask for it? Nothing will happen.",
        es="{organization}: su código es {code}. Sirve por 10 minutos. No lo comparta. ¿No lo "
        "pidió? No pasará nada.",
    ),
    Template(
        key="booking_link",
        version=1,
        purpose=Purpose.RECALL,
        fields=frozenset({"site", "link", "phone"}),
        en="{site}: you can book a visit here: {link} Questions? Call {phone}. STOP to end texts.",
        es="{site}: puede reservar una cita aquí: {link} Preguntas: {phone}. STOP: no más textos.",
    ),
    Template(
        key="visit_asked_for",
        version=1,
        purpose=Purpose.ANSWER,
        fields=frozenset({"site", "time", "link"}),
        en="{site}: we asked for {time}. It is not booked yet; we will text you. {link}",
        es="{site}: pedimos {time}. Aún no está reservada; le avisaremos. {link}",
    ),
    Template(
        key="visit_booked",
        version=1,
        purpose=Purpose.CONFIRMATION,
        fields=frozenset({"site", "time", "link"}),
        en="You are booked: {time}, {site}. For your calendar: {link}",
        es="Su cita está reservada: {time}, {site}. Para su calendario: {link}",
    ),
    Template(
        key="visit_moved",
        version=1,
        purpose=Purpose.CONFIRMATION,
        fields=frozenset({"site", "time", "old_time", "link"}),
        en="Moved: your visit is now {time}, {site}, not {old_time}. {link}",
        es="Cambiada: su cita es {time}, {site}, y no {old_time}. {link}",
    ),
    Template(
        key="visit_called_off",
        version=1,
        purpose=Purpose.CONFIRMATION,
        fields=frozenset({"site", "old_time", "phone"}),
        en="{site}: your visit {old_time} is called off, as you asked. Not you? Call {phone}.",
        es="{site}: su cita del {old_time} quedó anulada, como pidió. ¿No fue usted? Llame al "
        "{phone}.",
    ),
    Template(
        key="visit_not_possible",
        version=1,
        purpose=Purpose.UPDATE,
        fields=frozenset({"site", "time", "phone"}),
        en="Sorry, {site} could not confirm {time}. Any visit you have stays as it is. For another "
        "time, call {phone} or book again.",
        es="Lo sentimos, {site} no pudo confirmar {time}. Sus citas no cambian. Para otra hora, "
        "llame al {phone} o reserve otra vez.",
    ),
    Template(
        key="list_joined",
        version=1,
        purpose=Purpose.CONFIRMATION,
        fields=frozenset({"site", "phone"}),
        en="{site}: you are on our list. We will text you when a time opens. Questions? Call "
        "{phone}. STOP to end texts.",
        es="{site}: está en nuestra lista. Le avisaremos cuando haya una hora libre. Preguntas: "
        "{phone}. STOP: no más textos.",
    ),
)
"""In the order of a session."""
