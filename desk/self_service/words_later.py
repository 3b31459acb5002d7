"""The words of the last steps: which visit, which time, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from waitlist.offer_words import Said

LATER: Final[Mapping[str, Said]] = MappingProxyType(
    {
        # Help with choosing
        "help_me": Said(en="Help me choose", es="Ayúdeme a elegir"),
        "help_heading": Said(en="What is it about?", es="¿De qué se trata?"),
        "help_again": Said(en="Start these questions over", es="Empezar estas preguntas de nuevo"),
        "help_call_heading": Said(
            en="Please call us for this visit", es="Llámenos para esta cita, por favor"
        ),
        "help_call_text": Said(
            en="A person will find the right visit and time with you.",
            es="Una persona buscará con usted la cita y la hora correctas.",
        ),
        # Which visit
        "visits_move_heading": Said(en="Which visit do you want to move?", es="¿Qué cita cambia?"),
        "visits_off_heading": Said(
            en="Which visit do you want to call off?", es="¿Qué cita quiere anular?"
        ),
        "visits_none_heading": Said(
            en="We found no visit to change here", es="No encontramos una cita que cambiar aquí"
        ),
        "visits_none_text": Said(
            en="Check the name and date of birth. Some visits can only be changed by phone: call "
            "{phone}. Nothing has changed.",
            es="Revise el nombre y la fecha de nacimiento. Algunas citas solo se cambian por "
            "teléfono: llame al {phone}. Nada ha cambiado.",
        ),
        "visits_edit": Said(en="Check name and date", es="Revisar nombre y fecha"),
        "visit_move": Said(en="Move this visit", es="Cambiar esta cita"),
        "visit_off": Said(en="Call off this visit", es="Anular esta cita"),
        "visit_by_phone": Said(
            en="To move this visit, call {phone}.", es="Para cambiar esta cita, llame al {phone}."
        ),
        "off_heading": Said(en="Call off this visit?", es="¿Anular esta cita?"),
        "off_text": Said(
            en="Someone else may get this time, so you may not get it back.",
            es="Otra persona puede tomar esta hora, y quizá no pueda recuperarla.",
        ),
        "why_label": Said(
            en="Why? You do not have to say.", es="¿Por qué? No es necesario decirlo."
        ),
        "why_cannot-come": Said(en="Something came up", es="Me surgió algo"),
        "why_sick": Said(en="I am sick", es="Tengo un malestar"),
        "why_feels-better": Said(en="I feel better", es="Ya me siento mejor"),
        "why_no-ride": Said(en="I have no ride", es="No tengo cómo llegar"),
        "why_cost": Said(en="Cost or insurance", es="Costo o seguro"),
        "why_went-elsewhere": Said(
            en="I found care somewhere else", es="Encontré atención en otro lugar"
        ),
        "why_patient-other": Said(en="Another reason", es="Otro motivo"),
        "off_yes": Said(en="Yes, call it off", es="Sí, anularla"),
        "off_move": Said(en="Move it instead", es="Mejor cambiarla"),
        "off_keep": Said(en="No, keep my visit", es="No, conservar mi cita"),
        # Which time
        "times_heading": Said(en="Choose a time", es="Elija una hora"),
        "times_for": Said(en="{kind}", es="{kind}"),
        "times_first": Said(en="Soonest", es="Lo antes posible"),
        "times_3": Said(en="Next 3 days", es="Próximos 3 días"),
        "times_14": Said(en="Next 2 weeks", es="Próximas 2 semanas"),
        "times_days": Said(en="How soon", es="Qué tan pronto"),
        "times_hours": Said(en="Time of day", es="Parte del día"),
        "any_hour": Said(en="Any time", es="Cualquier hora"),
        "morning": Said(en="Morning", es="Mañana"),
        "afternoon": Said(en="Afternoon", es="Tarde"),
        "take": Said(en="Choose {day}, {clock}", es="Elegir {day}, {clock}"),
        "more_times": Said(en="Later times", es="Horas más tarde"),
        "none_heading": Said(en="No open time found", es="No hay horas libres"),
        "none_text": Said(
            en="Try other days or hours, get on our list, or call {phone}.",
            es="Pruebe otros días u horas, entre en nuestra lista o llame al {phone}.",
        ),
        "wait_instead": Said(en="Get on the list", es="Entrar en la lista"),
        "gone": Said(
            en="Someone just took that time. Please choose another.",
            es="Alguien acaba de tomar esa hora. Elija otra, por favor.",
        ),
        "not_for_you": Said(
            en="That time cannot be booked online for this visit. Choose another, or call {phone}.",
            es="Esa hora no se puede reservar en línea para esta cita. Elija otra o llame al "
            "{phone}.",
        ),
        "busy_then": Said(
            en="There is another visit at that time. Choose another time, or call {phone}.",
            es="Ya hay otra cita a esa hora. Elija otra hora o llame al {phone}.",
        ),
        # Check
        "check_heading": Said(en="Is this right?", es="¿Está bien?"),
        "kept_until": Said(
            en="We keep this time for you until {until}.",
            es="Guardamos esta hora para usted hasta las {until}.",
        ),
        "kept_over": Said(
            en="We could not keep this time any longer. If it is still open, you get it.",
            es="Ya no pudimos guardar esta hora. Si sigue libre, será suya.",
        ),
        "moves_from": Said(
            en="Your visit on {old_time} stays yours until the new one is confirmed. Then we give "
            "it up for you.",
            es="Su cita del {old_time} sigue siendo suya hasta que se confirme la nueva. Después "
            "la dejamos libre por usted.",
        ),
        "keep_place": Said(
            en="Keep me on the list for an earlier time",
            es="Dejarme en la lista para una hora más pronto",
        ),
        "keep_place_hint": Said(
            en="If you do not choose this, your place ends once this visit is confirmed.",
            es="Si no lo marca, su lugar termina cuando se confirme esta cita.",
        ),
        "ask_for_it": Said(en="Yes, ask for this time", es="Sí, pedir esta hora"),
        "other_time": Said(en="Choose another time", es="Elegir otra hora"),
        "texts_to": Said(
            en="We text what becomes of it to the number you proved. STOP ends texts.",
            es="Le avisamos por mensaje al número que confirmó. STOP: no más textos.",
        ),
        # The list
        "list_heading": Said(en="Get on the list?", es="¿Entrar en la lista?"),
        "list_where": Said(en="Where?", es="¿Dónde?"),
        "list_text": Said(
            en="When a time opens, we text you and others. The first yes gets it. By pressing the "
            "button you agree to these texts. STOP ends them.",
            es="Cuando haya una hora libre, le avisamos a usted y a otros. Es para quien diga que "
            "sí primero. Al oprimir el botón acepta estos mensajes. STOP: no más textos.",
        ),
        "list_yes": Said(en="Yes, put me on the list", es="Sí, póngame en la lista"),
        # Done
        "asking_heading": Said(
            en="We are asking the clinic for it", es="Se la estamos pidiendo a la clínica"
        ),
        "asking_text": Said(
            en="It is not booked yet. This page changes by itself. You may close it: we will text "
            "you.",
            es="Todavía no está reservada. Esta página cambia sola. Puede cerrarla: le enviaremos "
            "un mensaje.",
        ),
        "by_hand_heading": Said(en="We asked the clinic for it", es="Se la pedimos a la clínica"),
        "by_hand_text": Said(
            en="It is not booked until a person at the clinic confirms it. We will text or call "
            "you. Until then nothing changes.",
            es="No está reservada hasta que una persona de la clínica la confirme. Le enviaremos "
            "un mensaje o le llamaremos. Hasta entonces nada cambia.",
        ),
        "booked_done_heading": Said(en="You are booked", es="Su cita está reservada"),
        "moved_heading": Said(en="Your visit is moved", es="Su cita está cambiada"),
        "off_done_heading": Said(en="Your visit is called off", es="Su cita quedó anulada"),
        "off_done_text": Said(
            en="You do not need to do anything else. Want a new time?",
            es="No tiene que hacer nada más. ¿Quiere otra hora?",
        ),
        "list_done_heading": Said(en="You are on the list", es="Está en la lista"),
        "list_done_text": Said(
            en="We text you when a time opens. Any visit you have stays as it is.",
            es="Le avisamos cuando haya una hora libre. Sus citas no cambian.",
        ),
        "not_possible_heading": Said(
            en="Sorry, the clinic could not confirm this time",
            es="Lo sentimos, la clínica no pudo confirmar esta hora",
        ),
        "not_possible_text": Said(
            en="Any visit you have stays as it is. Book another time, or call {phone}.",
            es="Sus citas no cambian. Reserve otra hora o llame al {phone}.",
        ),
        "gone_heading_online": Said(en="This visit has changed", es="Esta cita cambió"),
        "again": Said(en="Book another visit", es="Reservar otra cita"),
        "over_heading": Said(
            en="This visit to our page is over", es="Esta visita a la página terminó"
        ),
        "over_text": Said(
            en="To protect you, we close it after half an hour of quiet. Nothing was booked or "
            "changed since.",
            es="Para protegerle, la cerramos tras media hora sin uso. Nada fue reservado ni "
            "cambiado desde entonces.",
        ),
        "link_off_heading": Said(en="This link is no longer used", es="Este enlace ya no se usa"),
        "link_off_text": Said(
            en="You can still book on our page, or call {phone}.",
            es="Todavía puede reservar en nuestra página o llamar al {phone}.",
        ),
        "to_page": Said(en="Go to the booking page", es="Ir a la página de citas"),
        "no_zone": Said(en="{zone}", es="{zone}"),
    }
)
