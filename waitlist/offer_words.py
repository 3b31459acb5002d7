"""The words of the offer page, English and Spanish side by side.

A patient's page says what is, what happens next, and what stays as it is. No exclamation marks;
"the patient" until we know who reads, since it may be a parent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Said(NamedTuple):
    """One thing to say, in each language."""

    en: str
    es: str


LANGUAGES: Final = Said._fields

_WORDS: Final[Mapping[str, Said]] = MappingProxyType(
    {
        # Who is there
        "who_heading": Said(en="First, the date of birth", es="Primero, la fecha de nacimiento"),
        "who_text": Said(
            en="Enter the patient's date of birth, so that only the patient or someone who cares "
            "for them sees this page.",
            es="Escriba la fecha de nacimiento del paciente, para que solo el paciente o quien lo "
            "cuida vea esta página.",
        ),
        "who_child": Said(
            en="Is it your child's visit? Then enter your child's date of birth.",
            es="¿Es una cita de su hijo o hija? Escriba la fecha de nacimiento de su hijo o hija.",
        ),
        "birth_date": Said(en="Patient's date of birth", es="Fecha de nacimiento del paciente"),
        "month": Said(en="Month", es="Mes"),
        "day": Said(en="Day", es="Día"),
        "year": Said(en="Year", es="Año"),
        "continue": Said(en="Continue", es="Continuar"),
        "month_error": Said(
            en="Enter the month as a number from 1 to 12.",
            es="Escriba el mes con un número del 1 al 12.",
        ),
        "day_error": Said(
            en="Enter the day as a number from 1 to 31.",
            es="Escriba el día con un número del 1 al 31.",
        ),
        "year_error": Said(
            en="Enter the year with four digits, such as 1980.",
            es="Escriba el año con cuatro cifras, por ejemplo 1980.",
        ),
        "date_error": Said(
            en="There is no such date. Check the day and the month.",
            es="Esa fecha no existe. Revise el día y el mes.",
        ),
        "wrong_date": Said(
            en="That is not the date we have for this link. Check it and try again. Tries left: "
            "{left}.",
            es="No es la fecha que tenemos para este enlace. Revísela e intente de nuevo. "
            "Intentos que le quedan: {left}.",
        ),
        "locked_heading": Said(en="This link is locked", es="Este enlace está bloqueado"),
        "locked_text": Said(
            en="The date did not match too many times, or this link is not for this phone any "
            "more. We closed it to protect the patient. No visit has changed. Please call us and "
            "we will help.",
            es="La fecha no coincidió demasiadas veces, o este enlace ya no es para este teléfono. "
            "Lo cerramos para proteger al paciente. Ninguna cita ha cambiado. Llámenos, por favor, "
            "y le ayudamos.",
        ),
        "call": Said(en="Call {phone}", es="Llamar al {phone}"),
        # The time
        "for_name": Said(en="For {name}", es="Para {name}"),
        "with_clinician": Said(en="With {clinician}", es="Con {clinician}"),
        "minutes": Said(en="{minutes} minutes", es="{minutes} minutos"),
        "zone": Said(en="{zone}, the clock at {site}", es="{zone}, la del reloj en {site}"),
        "video": Said(en="By video, not in person", es="Por video, no en persona"),
        "by_phone": Said(en="By phone, not in person", es="Por teléfono, no en persona"),
        "place": Said(en="Place", es="Lugar"),
        "length": Said(en="Length", es="Duración"),
        "clinician": Said(en="Clinician", es="Profesional"),
        "telephone": Said(en="Telephone", es="Teléfono"),
        "way": Said(en="How", es="Cómo"),
        # Open
        "earlier_heading": Said(en="An earlier time is open", es="Hay una cita antes"),
        "open_heading": Said(en="A time is open", es="Hay una cita libre"),
        "first_yes": Said(
            en="It goes to the first person who says yes.",
            es="Es para la primera persona que diga que sí.",
        ),
        "ahead": Said(
            en="Someone said yes before you, and the clinic is being asked. You can get in line: "
            "if it opens again, it goes to the next person.",
            es="Alguien dijo que sí antes y estamos preguntando a la clínica. Puede ponerse en la "
            "fila: si se libera, pasa a la siguiente persona.",
        ),
        "old_stays": Said(
            en="Your visit on {old_time} stays yours until the clinic has confirmed the new one. "
            "Then we give it up for you.",
            es="Su cita del {old_time} sigue siendo suya hasta que la clínica confirme la nueva. "
            "Después la dejamos libre por usted.",
        ),
        "accept": Said(en="Yes, I want this time", es="Sí, quiero esta cita"),
        "accept_line": Said(en="Yes, put me in line", es="Sí, póngame en la fila"),
        "decline": Said(en="No, thank you", es="No, gracias"),
        "no_harm": Said(
            en="If you say no, you keep your place on our list and nothing else changes.",
            es="Si dice que no, conserva su lugar en la lista y nada más cambia.",
        ),
        # After a yes
        "accepted_heading": Said(
            en="We are confirming it with the clinic",
            es="La estamos confirmando con la clínica",
        ),
        "accepted_text": Said(
            en="It is not booked yet. This page changes by itself. You may close it, too: we will "
            "text you.",
            es="Todavía no está reservada. Esta página cambia sola. También puede cerrarla: le "
            "enviaremos un mensaje.",
        ),
        "requested_heading": Said(en="We asked the clinic for it", es="Se la pedimos a la clínica"),
        "requested_text": Said(
            en="It is not booked until a person at the clinic confirms it. We will text you. Until "
            "then nothing changes.",
            es="No está reservada hasta que una persona de la clínica la confirme. Le enviaremos "
            "un mensaje. Hasta entonces nada cambia.",
        ),
        "next_heading": Said(en="You are in line", es="Está en la fila"),
        "next_text": Said(
            en="Someone said yes before you, and the clinic is being asked. If it opens again, it "
            "goes to the next in line, and we will text you. Any visit you have stays as it is.",
            es="Alguien dijo que sí antes y estamos preguntando a la clínica. Si se libera, pasa "
            "a la siguiente persona de la fila y le avisaremos. Sus citas no cambian.",
        ),
        "leave_line": Said(en="I no longer want this time", es="Ya no quiero esta cita"),
        "look_again": Said(en="Look again now", es="Ver de nuevo ahora"),
        # Booked
        "booked_heading": Said(en="You are booked", es="Su cita está reservada"),
        "old_replaced": Said(
            en="It replaces your visit on {old_time}.",
            es="Reemplaza su cita del {old_time}.",
        ),
        "old_going": Said(
            en="We are now giving up your visit on {old_time}, as you agreed.",
            es="Ahora dejamos libre su cita del {old_time}, como acordamos.",
        ),
        "calendar": Said(en="Add to my calendar", es="Agregar a mi calendario"),
        "give_back": Said(en="I can't come after all", es="No podré venir"),
        "give_back_how": Said(
            en="A person will check with you first; nothing changes before that. Or call {phone}.",
            es="Una persona le preguntará primero; antes nada cambia. O llame al {phone}.",
        ),
        "give_back_asked": Said(
            en="You told us that you can't come. Nothing has changed yet: a person will check with "
            "you first. If it is soon, call {phone}.",
            es="Nos dijo que no puede venir. Nada ha cambiado: una persona le preguntará primero. "
            "Si es pronto, llame al {phone}.",
        ),
        "before_heading": Said(en="Before the visit", es="Antes de la cita"),
        "before_call": Said(
            en="There is something to know before this visit. Please call {phone}.",
            es="Hay algo que debe saber antes de esta cita. Llame al {phone}, por favor.",
        ),
        "before_english": Said(
            en="",
            es="Esta indicación está en inglés. Si prefiere oírla en español, llame al {phone}.",
        ),
        "changed_heading": Said(en="This visit has changed", es="Esta cita cambió"),
        "changed_text": Said(
            en="It is no longer booked as it was here. Please call {phone} if you have a question.",
            es="Ya no está reservada como estaba aquí. Llame al {phone} si tiene preguntas.",
        ),
        # After a no, and when it is over
        "declined_heading": Said(en="You said no to this time", es="Dijo que no a esta cita"),
        "keeps_place": Said(
            en="You keep your place on our list, and any visit you have stays as it is.",
            es="Conserva su lugar en la lista y sus citas no cambian.",
        ),
        "changed_mind": Said(
            en="Changed your mind? It is still open.",
            es="¿Cambió de opinión? Todavía está libre.",
        ),
        "gone_heading": Said(
            en="Sorry, this time is no longer open",
            es="Lo sentimos, esta cita ya no está libre",
        ),
        "refused_heading": Said(
            en="Sorry, the clinic could not confirm this time",
            es="Lo sentimos, la clínica no pudo confirmar esta cita",
        ),
        "expired_heading": Said(
            en="The time to answer has passed",
            es="Ya pasó el tiempo para responder",
        ),
        "other_heading": Said(en="Another time is open", es="Hay otra cita libre"),
        "other_see": Said(en="See this time", es="Ver esta cita"),
        "other_look": Said(en="Is another time open?", es="¿Hay otra cita libre?"),
        "other_none": Said(
            en="No other time is open for you right now. We will text you if one opens.",
            es="Ahora no hay otra cita libre para usted. Le avisaremos si se libera una.",
        ),
        # When a yes could not be taken
        "refused_busy": Said(
            en="There is another visit at that time, so we did not book this one. Nothing has "
            "changed. Please call {phone} and we will sort it out.",
            es="Ya hay otra cita a esa hora, así que no reservamos esta. Nada ha cambiado. Llame "
            "al {phone}, por favor, y lo arreglamos.",
        ),
        "refused_rule": Said(
            en="We could not book this time from here. Nothing has changed. Please call {phone} "
            "and a person will help you.",
            es="No pudimos reservar esta cita desde aquí. Nada ha cambiado. Llame al {phone}, por "
            "favor, y una persona le ayudará.",
        ),
        # The calendar file
        "calendar_title": Said(en="Visit at {site}", es="Cita en {site}"),
        "calendar_notes": Said(
            en="{day}, {clock} ({zone}). Questions: {organization}, {phone}.",
            es="{day}, {clock} ({zone}). Preguntas: {organization}, {phone}.",
        ),
    }
)


class NoSuchWords(Exception):
    """A template asked for words that do not exist, or that lack a fact; a mistake of ours."""


class Words(Mapping[str, str]):
    """The page's words in one language with its facts filled in: `{{ words.accept }}`.

    Filled in one by one as the template asks, so that a page which may not know a fact yet can
    neither show nor miss it.
    """

    def __init__(self, language: str, **facts: str) -> None:
        self._language = language
        self._facts = facts

    def __getitem__(self, key: str) -> str:
        return self.fill(key)

    def fill(self, key: str, **facts: str) -> str:
        """The words with `facts` that only the moment knows."""
        try:
            said: str = getattr(_WORDS[key], self._language)
            return said.format_map({**self._facts, **facts})
        except KeyError as missing:
            # Templates would swallow a KeyError and show a gap.
            raise NoSuchWords(f"{key}: {missing}") from missing

    def __iter__(self) -> Iterator[str]:
        return iter(_WORDS)

    def __len__(self) -> int:
        return len(_WORDS)
