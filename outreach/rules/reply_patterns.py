"""Ways to ask for something inside a longer message, as named patterns.

They run over words joined by one space with " | " between clauses (see `replies.in_clauses`),
so that no pattern reaches over the end of a sentence. Opt-outs follow the FCC's "any reasonable
means" (47 CFR 64.1200(a)(10), in force since April 2025): the person need not use a keyword.
The names are safe to log; what matched is not.
"""

from __future__ import annotations

import re
from typing import Final

from outreach.rules.reply_words import words_in

Patterns = tuple[tuple[str, re.Pattern[str]], ...]


def _named(**patterns: str) -> Patterns:
    return tuple((name.replace("_", " "), re.compile(found)) for name, found in patterns.items())


_OUR_TEXTS = r"(?:text|texts|message|messages|sms|mensaje|mensajes|textos|texto|mensajitos)"
_TEXTING = (
    r"(?:texting|messaging|contacting|sending|bothering|harassing|spamming|calling|reminding)"
)
_ME = r"(?:me|us|my (?:phone |cell )?number|this (?:phone )?number)"
_NOT = r"(?:dont|do not|never|please not)"

WRONG_NUMBER: Final = _named(
    wrong_number=r"\bwrong (?:phone )?(?:number|phone|person|contact|guy|lady|woman|man)\b",
    not_my_number=r"\bnot (?:my|his|her|their|the right) (?:phone )?number\b",
    nobody_by_that_name=r"\b(?:nobody|no one|noone)\b.{0,20}\b(?:by|with|of) (?:that|this) name\b",
    not_that_person=r"\b(?:not|isnt) (?:that|this|the right) person\b",
    numero_equivocado=r"\b(?:numero|telefono|persona) (?:equivocad[oa]|incorrect[oa]|erroneo)\b",
    se_equivoco=r"\bequivoc\w+ (?:de|el) (?:numero|telefono|persona)\b",
    no_es_su_numero=r"\bno es (?:el|su|mi) (?:numero|telefono)\b",
    no_soy_esa_persona=r"\bno (?:soy|es) (?:esa|la) persona\b",
)
"""The phone is not the patient's."""

WHO: Final = _named(
    who_is_this=r"(?:^|\| )(?:(?:and|um|sorry|hi|hello|hey|hola|ok|please|y|perdon|disculpe) )*"
    r"(?:who(?: is|s| dis| r| are)?(?: is)? (?:this|that|you|u|dis|it|texting(?: me)?)|who dis|"
    r"do i know you|(?:de )?quien (?:es|eres|habla|escribe|me escribe|manda|son)(?: (?:usted|"
    r"ustedes|este|esto))?|de parte de quien|quienes son(?: ustedes)?)(?= \||$| (?:please|"
    r"por favor))",
)
"""The person does not know us: the number may have passed to somebody else."""

STOP: Final = _named(
    stop_texting=rf"\b(?:stop|quit) (?!to end\b)(?:\w+ ){{0,2}}?(?:{_TEXTING}|{_OUR_TEXTS})\b",
    stop_first=r"^(?:please |ok |just |hey )*stop\b(?! (?:by|at|in|over|off|to|before|and|for|"
    r"taking|take|using|eating|drinking|smoking|my|the|on|until|here|there)\b)",
    stop_last=r"\b(?:please|just|said) stop(?= \||$)",
    do_not_text=rf"\b{_NOT} (?:ever )?(?:text|message|contact|sms) (?:me|us|this|here|again|"
    r"anymore|any more|my (?:phone|number|cell))\b",
    do_not_send=rf"\b{_NOT} send (?:\w+ ){{0,3}}?(?:{_OUR_TEXTS}|anything)\b",
    no_more_texts=rf"\bno (?:more|mas) (?:\w+ )?{_OUR_TEXTS}\b",
    not_wanted=rf"\b(?:dont|do not) want (?:\w+ ){{0,3}}?(?:{_OUR_TEXTS}|texted|contacted)\b",
    remove_me=rf"\b(?:remove|delete|take) {_ME}(?: (?:off|out))?(?= (?:please|now)|"
    rf" (?:of |from |off )*(?:(?:your|ur|the|this|that|all|these|any) )*(?:{_OUR_TEXTS}|"
    r"(?:texting |text |calling |contact |mailing |phone |sms )?list|system|this)\b| \||$)",
    opt_me_out=r"\bopt (?:me|us) out\b",
    unsubscribe=r"\b(?:unsubscribe|optout|opt out|opting out)\b",
    leave_alone=r"\b(?:leave (?:me|us) alone|lose (?:my|this) number|go away)\b",
    revoke_consent=r"\b(?:revoke|withdraw|cancel) (?:my )?(?:consent|permission|subscription)\b",
    cancel_texts=rf"\bcancel(?:ar|e|en)? (?:\w+ ){{0,2}}?(?:{_OUR_TEXTS}|suscripcion)\b",
    no_manden=r"\bno (?:me |nos )?(?:mand|envi|escrib|textee|contact|molest)\w*"
    r"(?= \||$| (?:mas|mensaj|textos|nada|sms|ya|por favor|porfavor|a este|este|esto|estos)\w*)",
    no_quiero_mensajes=rf"\bno (?:quiero|deseo) (?:\w+ ){{0,3}}?{_OUR_TEXTS}\b",
    dejen_de_mandar=r"(?<!\bno )\b(?:dej\w+|par\w{1,2}) de (?:\w+ )?(?:mandar|enviar|escribir|"
    r"textear|molestar|contactar|llamar)\w*",
    basta_de_mensajes=rf"\b(?:basta|alto) (?:de|a|con) (?:\w+ )?{_OUR_TEXTS}\b",
    borrar_numero=r"\b(?:quit|borr|elimin|saqu|sac)\w+ (?:mi|este) (?:numero|telefono)\b",
    borrenme=r"\b(?:quiten|quite|borren|borre|saquen|saque|eliminen|elimine)me\b"
    r"(?!.*\b(?:espera|cita)\b)",
    dar_de_baja=r"\b(?:den|de|dar|dese|dense|darse|doy)(?:me)? de baja\b(?! (?:la|mi) cita)",
    dejenme_en_paz=r"\bdej\w+ en paz\b",
)
"""The person wants no more texts."""

NOT_STOP: Final = re.compile(r"\b(?:dont|do not|never|didnt|wont)(?: ever)? (?:stop|unsubscribe)\b")
"""Somebody who asks us to go on, or speaks about stopping something."""

OUR_OWN_WORDS: Final = re.compile(r"\b(?:reply yes|responda si)\b.*\bstop (?:to end|\| no mas)\b")
"""Our offer sent back to us; it holds YES, NO, and STOP, and so says nothing."""

FRIENDLY_REACTION: Final = re.compile(
    "^(?:liked|loved|le gusto|le encanto|(?:reacted |reacciono con )?[\U0001f44d\u2764] (?:to|a))$"
)
"""What is left of a phone's "Liked ..." message once the text that it quotes is gone."""

_DAY_OR_VISIT = (
    r"\b(?:appointment|visit|monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|tues|"
    r"wed|thu|thur|thurs|fri|sat|today|tonight|tomorrow|cita|citas|consulta|turno|lunes|martes|"
    r"miercoles|jueves|viernes|sabado|domingo|hoy|manana)\b"
)
_CANNOT = (
    r"\b(?:(?:cant|cannot|can not|wont|will not|unable to|not able to|not going to|not gonna|"
    r"couldnt)(?: be able to)? (?:make|come|go|be there|attend|do|keep|get there)\b|"
    r"no (?:puedo|podre|podemos|podremos|voy a poder|vamos a poder)(?: (?:ir|asistir|llegar|venir|"
    r"acudir|el|este|ese|esta|hoy|manana)\b|(?= \||$))|no (?:voy|vamos) a (?:ir|asistir|la|mi)\b)"
)
_NO_LONGER = r"\b(?:dont|do not|no longer|wont|ya no|no) (?:need|necesito|quiero)\b"

CANCEL_VISIT: Final = _named(
    cannot_come=rf"(?=.*{_DAY_OR_VISIT}).*{_CANNOT}",
    visit_not_needed=rf"{_NO_LONGER} (?:my|the|this|that|la|mi|esa) (?:appointment|visit|cita)\b",
)
"""The person may not come to a visit; a person asks before anything is given up."""

CANCEL_WORDS: Final = words_in(
    """
    cancel canceling cancelling cancelar cancele cancelen cancela cancelo cancelarla cancelarlo
    cancelame canceleme cancelenme cancelemela
    """
)
"""Words that ask for a cancellation; "canceled" only tells of one."""

CANCEL_NEGATED: Final = re.compile(
    r"\b(?:no|not|dont|never|nunca|sin|without)(?: (?:me|la|lo|quiero|puedo|need to|want to|to|"
    r"ever|please|voy a))? cancel"
)
"""Asks to keep the visit, or nothing that software should guess at."""

_OPENERS = r"(?:^|\| )(?:(?:but|and|or|so|pero|y|yes|yeah|ok|hi|hello|hey|hola|please|um|well) )*"
_ASKING = (
    r"(?:what|whats|when|whens|where|wheres|which|who|whos|whose|how|hows|why|can i|can you|can we|"
    r"can my|could|is|are|am i|do|does|did|will|would|should|que|cual|cuando|donde|quien|cuanto|"
    r"cuanta|cuantos|como|por que|a que|puedo|puede|pueden|podria|podrian|hay|tengo que|"
    r"tienen|tiene)"
)

QUESTION: Final = _named(
    asks=rf"{_OPENERS}{_ASKING}\b(?! not\b)",
    wants_another_time=r"\b(?:reschedul\w+|reagendar\w*|reprogramar\w*|another (?:time|day|date)|"
    r"different (?:time|day|date)|(?:change|move|cambiar|mover) (?:my|mi|the|la) (?:appointment|"
    r"visit|cita)|otr[oa] (?:dia|hora|fecha)|mas (?:tarde|temprano))\b",
    wants_a_person=r"\b(?:call me|call back|speak (?:to|with)|talk (?:to|with)|need help|"
    r"llam[ea]\w*|hablar con|necesito ayuda|una pregunta|a question|have questions)\b",
)
"""The person asks something; it need not carry a question mark (dictation leaves it out)."""
