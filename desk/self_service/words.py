"""The words of the pages under `/book/` and `/v/`, English and Spanish side by side.

Short sentences, everyday words (sixth grade), and what to do when something is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from desk.self_service.words_later import LATER
from waitlist.offer_words import NoSuchWords, Said, Words

_FIRST: Final[Mapping[str, Said]] = MappingProxyType(
    {
        "progress": Said(en="Step {step} of 4", es="Paso {step} de 4"),
        "step_safety": Said(en="Safety", es="Seguridad"),
        "step_what": Said(en="What you need", es="Qué necesita"),
        "step_who": Said(en="Who it is for", es="Para quién es"),
        "step_when": Said(en="When", es="Cuándo"),
        "back": Said(en="Back", es="Atrás"),
        "leave": Said(
            en="Stop, and forget this on my phone", es="Salir y borrar esto de mi teléfono"
        ),
        "go_on": Said(en="Go on where you left off", es="Seguir donde se quedó"),
        "go_on_text": Said(
            en="You began here a short while ago. We kept it for you.",
            es="Empezó aquí hace poco. Lo guardamos para usted.",
        ),
        "new_start": Said(en="Start over", es="Empezar de nuevo"),
        "problem_heading": Said(
            en="Something is missing. Look at the part in red.",
            es="Falta algo. Revise la parte en rojo.",
        ),
        # Safety
        "safety_heading": Said(en="First, are you safe?", es="Primero, ¿está a salvo?"),
        "about_label": Said(en="What is it about?", es="¿De qué se trata?"),
        "about_hint": Said(
            en="A few words are enough. You may leave it empty to move or call off a visit.",
            es="Bastan pocas palabras. Puede dejarlo vacío para cambiar o anular una cita.",
        ),
        "emergency_label": Said(en="Is it an emergency?", es="¿Es una emergencia?"),
        "emergency_hint": Said(
            en="For example: chest pain, trouble breathing, heavy bleeding, a weak or numb side of "
            "the body, thoughts of ending your life.",
            es="Por ejemplo: dolor de pecho, falta de aire, sangrado fuerte, un lado del cuerpo "
            "débil o dormido, ideas de quitarse la vida.",
        ),
        "yes": Said(en="Yes", es="Sí"),
        "no": Said(en="No", es="No"),
        "emergency_error": Said(en="Choose yes or no.", es="Elija sí o no."),
        "about_long": Said(en="Use fewer words, please.", es="Use menos palabras, por favor."),
        # Stopped
        "stop_911": Said(en="Call 911 now", es="Llame ya al 911"),
        "stop_988": Said(en="Call or text 988 now", es="Llame ya al 988"),
        "stop_poison": Said(en="Call Poison Help now", es="Llame ya a Ayuda por Veneno"),
        "stop_urgent": Said(en="Please call us now", es="Llámenos ahora, por favor"),
        "stop_text": Said(
            en="What you told us may be an emergency. Do not wait for an online visit. Call, or "
            "have someone near you call.",
            es="Lo que nos dijo puede ser una emergencia. No espere una cita en línea. Llame, o "
            "pida que alguien llame.",
        ),
        "stop_urgent_text": Said(
            en="What you told us should not wait for an online visit. Call us and a nurse will "
            "talk with you. If it gets worse, call 911.",
            es="Lo que nos dijo no debe esperar una cita en línea. Llámenos y una enfermera "
            "hablará con usted. Si empeora, llame al 911.",
        ),
        "nothing_booked": Said(
            en="Nothing was booked or changed.", es="Nada fue reservado ni cambiado."
        ),
        "call_911": Said(en="Call 911", es="Llamar al 911"),
        "call_988": Said(en="Call 988, day or night", es="Llamar al 988, día o noche"),
        "text_988": Said(en="Text 988", es="Enviar un mensaje al 988"),
        "call_poison": Said(
            en="Call Poison Help, 1-800-222-1222", es="Llamar al 1-800-222-1222 (veneno)"
        ),
        "nurse_heading": Said(
            en="Shall a nurse call you?", es="¿Quiere que le llame una enfermera?"
        ),
        "nurse_text": Said(
            en="Leave a number. In an emergency do not wait for our call: call 911.",
            es="Deje un número. En una emergencia no espere nuestra llamada: llame al 911.",
        ),
        "nurse_button": Said(en="Ask a nurse to call", es="Pedir que me llame una enfermera"),
        "nurse_told": Said(
            en="We have told our nurses. If it gets worse, do not wait: call 911.",
            es="Avisamos a nuestras enfermeras. Si empeora, no espere: llame al 911.",
        ),
        "mistake": Said(
            en="I made a mistake. It is not an emergency.", es="Me equivoqué. No es una emergencia."
        ),
        # What
        "wish_heading": Said(en="What do you need?", es="¿Qué necesita?"),
        "wish_label": Said(en="Choose one", es="Elija una opción"),
        "wish_new": Said(en="Book a visit", es="Reservar una cita"),
        "wish_move": Said(en="Move a visit to another time", es="Cambiar una cita de hora"),
        "wish_give_up": Said(en="Call off a visit", es="Anular una cita"),
        "wish_wait": Said(
            en="Get on the list for a time that opens",
            es="Entrar en la lista por si hay una hora libre",
        ),
        "wish_error": Said(en="Choose what you need.", es="Elija qué necesita."),
        "kind_label": Said(en="Which visit?", es="¿Qué cita?"),
        "kind_hint": Said(
            en="For a new visit or the list.", es="Para una cita nueva o para la lista."
        ),
        "kind_error": Said(en="Choose which visit.", es="Elija qué cita."),
        "kind_chosen": Said(en="This link is for:", es="Este enlace es para:"),
        "kind_none": Said(
            en="No visit can be booked here right now. Call {phone} and we will help you.",
            es="Ahora no se puede reservar aquí. Llame al {phone} y le ayudamos.",
        ),
        "kind_with": Said(en="with {clinician}", es="con {clinician}"),
        "not_sure": Said(
            en="Not sure? Call {phone}. A person will help you choose.",
            es="¿No está seguro? Llame al {phone}. Una persona le ayuda a elegir.",
        ),
        # Phone and code
        "phone_heading": Said(en="What is your cell phone number?", es="¿Cuál es su celular?"),
        "phone_text": Said(
            en="We text you a code, so that nobody else can use your name. It is free of charge "
            "from us; your carrier may charge for texts.",
            es="Le enviamos un código, para que nadie más use su nombre. Nosotros no cobramos; su "
            "compañía puede cobrar los mensajes.",
        ),
        "phone_label": Said(en="Cell phone number", es="Número de celular"),
        "phone_error": Said(
            en="Enter a US number with area code, such as 602 555 0142.",
            es="Escriba un número de EE. UU. con código de área, por ejemplo 602 555 0142.",
        ),
        "phone_button": Said(en="Text me a code", es="Enviarme un código"),
        "code_heading": Said(en="Enter the code", es="Escriba el código"),
        "code_text": Said(
            en="If {number} can get our texts, a code with 6 numbers is on its way. It works for "
            "10 minutes.",
            es="Si {number} puede recibir nuestros mensajes, ya va un código de 6 números. Sirve "
            "por 10 minutos.",
        ),
        "code_label": Said(en="Code", es="Código"),
        "code_error": Said(
            en="Enter the 6 numbers from our text.", es="Escriba los 6 números de nuestro mensaje."
        ),
        "code_wrong": Said(
            en="That is not the code, or its time is over. Check our last text. Tries left: "
            "{left}.",
            es="Ese no es el código, o ya venció. Revise nuestro último mensaje. Intentos que le "
            "quedan: {left}.",
        ),
        "code_used_up": Said(
            en="That was not the code. Ask for a new one.",
            es="Ese no era el código. Pida uno nuevo.",
        ),
        "code_again": Said(en="Text me a new code", es="Enviarme otro código"),
        "other_number": Said(en="Use another number", es="Usar otro número"),
        "code_none": Said(
            en="No text? Wait a minute. If you once told us to stop texting this number, text "
            "START to us, or call {phone}.",
            es="¿No llega? Espere un minuto. Si alguna vez nos pidió no enviar mensajes a este "
            "número, envíenos START o llame al {phone}.",
        ),
        "too_many_heading": Said(en="Please take a break", es="Haga una pausa, por favor"),
        "too_many_text": Said(
            en="There were too many tries. Wait 15 minutes, or call {phone} and a person will help "
            "you. Nothing was booked or changed.",
            es="Hubo demasiados intentos. Espere 15 minutos o llame al {phone} y una persona le "
            "ayuda. Nada fue reservado ni cambiado.",
        ),
        # Who
        "person_heading": Said(en="Who is the visit for?", es="¿Para quién es la cita?"),
        "person_text": Said(
            en="Enter the name and date of birth of the patient. For your child, enter your "
            "child's.",
            es="Escriba el nombre y la fecha de nacimiento del paciente. Si es para su hijo o "
            "hija, los de su hijo o hija.",
        ),
        "given_label": Said(en="First name", es="Nombre"),
        "family_label": Said(en="Last name", es="Apellido"),
        "given_error": Said(en="Enter the first name.", es="Escriba el nombre."),
        "family_error": Said(en="Enter the last name.", es="Escriba el apellido."),
    }
)
_WORDS: Final = MappingProxyType({**_FIRST, **LATER})


class BookWords(Words):
    """These words, and behind them those of the offer page (dates, places, telephone)."""

    def fill(self, key: str, **facts: str) -> str:
        """The words with `facts` that only the moment knows."""
        if key not in _WORDS:
            return super().fill(key, **facts)
        said: str = getattr(_WORDS[key], self._language)
        try:
            return said.format_map({**self._facts, **facts})
        except KeyError as missing:
            raise NoSuchWords(f"{key}: {missing}") from missing


def all_words() -> Mapping[str, Said]:
    """Every sentence of these pages by its key."""
    return _WORDS
