"""Texts that offer an earlier time and tell what became of it."""

from __future__ import annotations

from typing import Final

from crm.states import Purpose
from outreach.texts.template import Template

OFFERS: Final = (
    Template(
        key="offer",
        version=1,
        purpose=Purpose.OFFER,
        fields=frozenset({"site", "time", "link"}),
        en="{site}: earlier time open, {time}. Want it? Reply YES or NO. STOP to end texts. {link}",
        es="{site}: cita antes, {time}. ¿La quiere? Responda SI o NO. STOP: no más textos. {link}",
    ),
    Template(
        key="offer_no_later_visit",
        version=1,
        purpose=Purpose.OFFER,
        fields=frozenset({"site", "time", "link"}),
        en="{site}: a time is open, {time}. Want it? Reply YES or NO. STOP to end texts. {link}",
        es="{site}: hay cita, {time}. ¿La quiere? Responda SI o NO. STOP: no más textos. {link}",
    ),
    Template(
        key="offer_pending_yours",
        version=1,
        purpose=Purpose.ANSWER,
        fields=frozenset({"time"}),
        en="Got it. We are confirming {time} with the clinic and will text you when it is booked. "
        "Until then, nothing changes.",
        es="Recibido. Estamos confirmando {time} con la clínica y le avisaremos cuando quede "
        "reservada. Hasta entonces nada cambia.",
    ),
    Template(
        key="offer_next_in_line",
        version=1,
        purpose=Purpose.ANSWER,
        fields=frozenset({"time"}),
        en="Someone replied before you for {time}. You are in line for it: we will text you if it "
        "opens again. You keep your place on our list.",
        es="Alguien respondió antes para {time}. Usted está en la fila: le avisaremos si se "
        "libera. Conserva su lugar en la lista.",
    ),
    Template(
        key="offer_gone",
        version=1,
        purpose=Purpose.UPDATE,
        fields=frozenset({"time"}),
        en="Sorry, {time} was just taken. You keep your place on our list, and any visit you have "
        "stays as it is. We will text you if another opens.",
        es="Lo sentimos, {time} se acaba de ocupar. Conserva su lugar en la lista y sus citas no "
        "cambian. Le avisaremos si hay otra.",
    ),
    Template(
        key="offer_gone_other",
        version=1,
        purpose=Purpose.ANSWER,
        fields=frozenset({"time", "other_time", "site", "link"}),
        en="Sorry, {time} is gone. Open: {other_time}, {site} {link} You keep your place.",
        es="Perdone, {time} ya se ocupó. Otra: {other_time}, {site} {link} Sigue en lista.",
    ),
    Template(
        key="offer_confirmed",
        version=1,
        purpose=Purpose.CONFIRMATION,
        fields=frozenset({"time", "site", "link"}),
        en="You are booked: {time}, {site}. Details: {link}",
        es="Su cita está reservada: {time}, {site}. Detalles: {link}",
    ),
    Template(
        key="offer_confirmed_giving_up",
        version=1,
        purpose=Purpose.CONFIRMATION,
        fields=frozenset({"time", "site", "old_time", "link"}),
        en="Booked: {time}, {site}. We will now give up your {old_time} visit. {link}",
        es="Cita reservada: {time}, {site}. Dejaremos libre la de {old_time}. {link}",
    ),
    Template(
        key="offer_confirmed_given_up",
        version=1,
        purpose=Purpose.CONFIRMATION,
        fields=frozenset({"time", "site", "old_time", "link"}),
        en="Booked: {time}, {site}. It replaces your {old_time} visit. {link}",
        es="Cita reservada: {time}, {site}. Reemplaza la de {old_time}. {link}",
    ),
    Template(
        key="offer_requested",
        version=1,
        purpose=Purpose.ANSWER,
        fields=frozenset({"time", "site"}),
        en="We asked for {time}, {site}. It is not booked until the clinic confirms it; we will "
        "text you. Nothing changes until then.",
        es="Pedimos {time}, {site}. Aún no está reservada: la clínica debe confirmarla. Le "
        "avisaremos. Hasta entonces nada cambia.",
    ),
    Template(
        key="offer_refused",
        version=1,
        purpose=Purpose.UPDATE,
        fields=frozenset({"time", "site"}),
        en="Sorry, the clinic could not confirm {time}, {site}. You keep your place on our list, "
        "and any visit you have stays as it is.",
        es="Lo sentimos, la clínica no pudo confirmar {time}, {site}. Conserva su lugar en la "
        "lista y sus citas no cambian.",
    ),
    Template(
        key="offer_withdrawn",
        version=1,
        purpose=Purpose.UPDATE,
        fields=frozenset({"time", "site"}),
        en="The time we offered, {time}, {site}, is no longer open. You keep your place, and any "
        "visit you have stays as it is.",
        es="La hora que le ofrecimos, {time}, {site}, ya no está libre. Conserva su lugar y sus "
        "citas no cambian.",
    ),
    Template(
        key="offer_declined_ack",
        version=1,
        purpose=Purpose.ANSWER,
        fields=frozenset({"time"}),
        en="OK, we will not book {time}. You keep your place on our list, and any visit you have "
        "stays as it is.",
        es="De acuerdo, no reservaremos {time}. Conserva su lugar en la lista y sus citas no "
        "cambian.",
    ),
    Template(
        key="offer_which",
        version=1,
        purpose=Purpose.ANSWER,
        fields=frozenset({"phone"}),
        en="This phone has more than one offer, so nothing is booked yet. Please open the link "
        "in the text you mean, or call {phone}.",
        es="Este teléfono tiene más de una oferta; aún no reservamos nada. Abra el enlace del "
        "mensaje que quiera o llame al {phone}.",
    ),
    Template(
        key="offer_other_closed",
        version=1,
        purpose=Purpose.UPDATE,
        fields=frozenset({"time"}),
        en="The other offer to this phone for {time} is closed: one person could have it. The "
        "other keeps their place and any visit they have.",
        es="La otra oferta a este teléfono para {time} se cerró: era para una persona. La otra "
        "conserva su lugar y sus citas.",
    ),
    Template(
        key="offer_which_two",
        version=1,
        purpose=Purpose.ANSWER,
        fields=frozenset({"first", "second", "phone"}),
        en="Which one? Reply 1 for {first}, 2 for {second}. Nothing is booked yet. Or call {phone}",
        es="¿Cuál? Responda 1 para {first}, 2 para {second}. Aún no reservamos nada. Tel. {phone}",
    ),
    Template(
        key="offer_which_not",
        version=1,
        purpose=Purpose.ANSWER,
        fields=frozenset({"first", "second", "phone"}),
        en="Which do you not want? Reply 1 for {first}, 2 for {second}. Or call {phone}",
        es="¿Cuál no quiere? Responda 1 para {first}, 2 para {second}. Tel. {phone}",
    ),
    Template(
        key="offer_check_who",
        version=1,
        purpose=Purpose.ANSWER,
        fields=frozenset({"phone"}),
        en="Before we book, we must know that this number is right. Please open the link in our "
        "text, or call {phone}. Nothing has changed.",
        es="Antes de reservar debemos saber si este número es correcto. Abra el enlace de nuestro "
        "mensaje o llame al {phone}. Nada ha cambiado.",
    ),
    Template(
        key="give_back_ack",
        version=1,
        purpose=Purpose.ANSWER,
        fields=frozenset({"time", "phone"}),
        en="You told us you cannot come {time}. Nothing has changed yet: a person will check with "
        "you first. If it is soon, call {phone}.",
        es="Nos dijo que no puede venir {time}. Nada ha cambiado: una persona le preguntará antes. "
        "Si es pronto, llame al {phone}.",
    ),
    Template(
        key="visit_given_up",
        version=1,
        purpose=Purpose.CONFIRMATION,
        fields=frozenset({"old_time", "site", "phone"}),
        en="Your visit {old_time}, {site}, is given up, as agreed. If this is wrong, call {phone}.",
        es="Su cita {old_time}, {site}, quedó libre, como acordamos. "
        "Si es un error, llame al {phone}.",
    ),
)
"""In the order of an offer's life."""
