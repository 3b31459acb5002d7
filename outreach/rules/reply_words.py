"""The words and short phrases that `replies` knows, in English and Spanish, as data.

All are written the way `plain.simplify` leaves them: lower case, no accents, no apostrophes.
A phrase says yes here only when, sent as the whole message, it can mean nothing else. "I can",
"si puedo" (which is "if I can" as much as "yes I can"), "confirm" (which visit?), "k", "why
not", and "no problem" are therefore absent: a person reads those.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

CARRIER_OPT_OUT: Final = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke"}
)
"""Messages on which the carrier itself blocks the number, when nothing else stands in them.

Twilio's default opt-out words (OPTOUT and REVOKE are the newer ones). Case and white space
around the word do not matter; "STOP PLEASE" does not trigger the block.
"""


class Role(StrEnum):
    """What a known phrase contributes to a short answer."""

    YES = "yes"
    NO = "no"
    STOP = "stop"
    START = "start"
    HELP = "help"
    CANCEL_VISIT = "cancel_visit"
    THANKS = "thanks"
    REASON = "reason"  # why not, or regret: goes with a no, is none by itself
    FILLER = "filler"  # greetings and politeness, which decide nothing


Phrase = tuple[str, ...]


def words_in(listed: str) -> frozenset[str]:
    """The words of a list written as running text."""
    return frozenset(listed.split())


_LISTED: Final[tuple[tuple[Role, str], ...]] = (
    (
        Role.YES,
        """yes, y, ye, yea, yeah, yep, yup, yes i can, yes we can, yes i would, yes i do, yes i
        will, yes it does, yes to take it, reply yes, text yes, yesplease, sure, sure thing, for
        sure, ok, okay, okey, okie, oki, okie dokie, okey dokey, absolutely, definitely,
        certainly, of course, affirmative, accept, i accept, accepted, ill take it, i will take
        it, ill take that, i will take that, ill take this, ill take the earlier one, ill take
        the earlier time, id take it, i would take it, take it, taking it, i take it, well take
        it, we will take it, i want it, i want that, i want this, i want the earlier one, i want
        the earlier time, id like it, id like that, i would like it, i would like that, id love
        it, id love that, id love to, i would love to, that works, that
        works for me, this works for me, works for me, that works great, that works perfectly,
        that will work, thatll work, that would work, sounds good, sounds great, sounds perfect,
        book it, please book it, count me in, im in, deal, ill be there, i will be there, well
        be there""",
    ),
    (
        Role.YES,
        """si, sip, si senor, si senora, si senorita, si para tomarla, responda si, claro, claro
        que si, por supuesto, desde luego, con gusto, con mucho gusto, si quiero, si la quiero,
        si lo quiero, si la tomo, si acepto, si me sirve, si esta bien, la quiero, lo quiero,
        la tomo, lo tomo, yo la tomo, yo la quiero, me la quedo, acepto, aceptado, de acuerdo,
        dale, vale, orale, andale, esta bien, esta perfecto, me sirve, me funciona, me viene
        bien, me conviene, me parece bien, me parece perfecto, ahi estare, alli estare, ahi
        estaremos""",
    ),
    (Role.YES, "\U0001f44d, \u2705, \u2714, \u2713, \u2611, \U0001f44c, \U0001f197"),
    (
        Role.NO,
        """no, n, nop, nope, nah, naw, nay, negative, no to pass, reply no, text no, nothanks,
        nothankyou, no ty, no thx, no im good, no thanks im good, not interested, im not
        interested, i am not interested, not this time, not now, not right now, not today, not
        for me, not for us, no can do, i cant, cant, cannot, i cannot, i can not, we cant, cant
        make it, i cant make it, i cannot make it, we cant make it, i wont be able to make it,
        cant make that, i cant make that, i cant make that time, cant do it, i cant do it, cant
        do that, i cant do that, i cant do that time, i cant do that day, doesnt work, it doesnt
        work, that doesnt work, doesnt work for me, it doesnt work for me, that doesnt work for
        me, that does not work, that does not work for me, wont work, that wont work, wont work
        for me, that wont work for me, pass, i pass, ill pass, i will pass, ill have to pass,
        decline, declined, i decline, dont want it, i dont want it, i do not want it, ill keep
        mine, keep mine, keep my appointment, keep my visit, ill keep my appointment, i will
        keep my appointment, ill keep my visit, keep my original appointment, ill keep my
        original appointment, keep what i have, ill keep what i have, ill keep the one i have,
        ill stick with my appointment""",
    ),
    (
        Role.NO,
        """no puedo, no podre, no podria, no podemos, no voy a poder, no me es posible, no me
        sirve, no me funciona, no me conviene, no me viene bien, no me queda bien, no quiero, no
        la quiero, no lo quiero, no la tomo, no lo tomo, no para pasar, responda no, ahora no,
        ahorita no, por ahora no, esta vez no, hoy no, mejor no, no por ahora, no esta vez, no me
        interesa, no estoy interesado, no estoy interesada, ese dia no, no ese dia, ese dia no
        puedo, no puedo ese dia, a esa hora no puedo, no puedo a esa hora, negativo, rechazo, la
        rechazo, prefiero mi cita, prefiero la mia, me quedo con mi cita, me quedo con la
        mia""",
    ),
    (Role.NO, "\U0001f44e, \u274c, \u2716, \U0001f6ab, \U0001f645"),
    (
        Role.STOP,
        """stop, stopall, stop all, unsubscribe, optout, opt out, opt me out, revoke, end, quit,
        cease, stop it, stop this, stop now, stop already, reply stop, text stop, stoptexting,
        no more""",
    ),
    (
        Role.STOP,
        """alto, basta, ya basta, para, pare, paren, parar, parar todo, detener, detengan, baja,
        de baja, salir, desuscribir, desuscribirme, no mas""",
    ),
    (Role.STOP, "\U0001f6d1"),
    (Role.START, "start, unstop, reply start, text start, start again"),
    (Role.START, "iniciar, comenzar, empezar, reanudar"),
    (Role.HELP, "help, info, reply help, text help"),
    (Role.HELP, "ayuda, informacion"),
    (Role.CANCEL_VISIT, "c, reply c, text c, responda c"),
    (
        Role.THANKS,
        """thanks, thank you, thankyou, thank u, thank you so much, thank you very much, thanks
        so much, many thanks, thx, tks, tnx, ty, tysm, appreciate it, i appreciate it, much
        appreciated, great, perfect, awesome, excellent, wonderful, good, very good, fantastic,
        cool, nice, lovely, yay, have a good day, have a great day, have a nice day, god bless,
        god bless you, youre welcome, you too, see you then, see you there, see you soon,
        looking forward to it""",
    ),
    (
        Role.THANKS,
        """gracias, muchas gracias, mil gracias, muchisimas gracias, muy amable, perfecto,
        excelente, muy bien, buenisimo, que bueno, genial, estupendo, que tenga buen dia, feliz
        dia, igualmente, dios le bendiga, dios la bendiga, dios los bendiga, dios te bendiga,
        bendiciones, saludos, de nada, nos vemos, ahi nos vemos""",
    ),
    (
        Role.THANKS,
        """\U0001f64f, \U0001f60a, \U0001f642, \U0001f600, \U0001f603, \U0001f604, \U0001f601,
        \u263a, \u2764, \u2665, \U0001f499, \U0001f49a, \U0001f49c, \U0001f9e1, \U0001f49b,
        \U0001f495, \U0001f389, \U0001f64c, \U0001f44f, \U0001f970, \U0001f917, \U0001f60d,
        \U0001f607, \U0001f4af, \U0001f339, \U0001f338, \U0001f490, \u2728, \U0001f60e""",
    ),
    (
        Role.REASON,
        """sorry, im sorry, i have to work, im working, im at work, i work, i work that day, i
        have work, im busy, im busy that day, im out of town, i have plans, i have other
        plans, too early, too early for me, too soon, too far""",
    ),
    (
        Role.REASON,
        """lo siento, perdon, disculpe, trabajo, tengo que trabajar, estoy trabajando, estoy
        ocupado, estoy ocupada""",
    ),
    (
        Role.FILLER,
        """please, pls, plz, sir, maam, hi, hello, hey, good morning, good
        afternoon, good evening, sent from my iphone""",
    ),
    (
        Role.FILLER,
        """por favor, porfavor, porfa, hola, buenos
        dias, buenas tardes, buenas noches, buenas, buen dia, senor, senora, senorita""",
    ),
)


def _by_phrase() -> dict[Phrase, Role]:
    return {tuple(phrase.split()): role for role, listed in _LISTED for phrase in listed.split(",")}


PHRASES: Final[Mapping[Phrase, Role]] = MappingProxyType(_by_phrase())
"""Every known phrase, as a tuple of words, and what it contributes."""

CHOICES: Final[Mapping[str, int]] = MappingProxyType(
    {
        **dict.fromkeys(words_in("1 one 1st first uno una primero primera primer"), 1),
        **dict.fromkeys(words_in("2 two 2nd second dos segundo segunda"), 2),
    }
)
"""Answers to "reply 1 or 2"."""

ORDINALS: Final = words_in("1st first primero primera primer 2nd second segundo segunda")
"""Those of them that "one" may follow."""

CHOICE_FILLERS: Final = words_in(
    """
    yes yep yeah si ok okay please pls reply text number option opcion numero responda the la el
    por favor porfavor for para i want quiero
    """
)
"""Words that may stand beside such a number and change nothing."""

PHRASES_OF_LANGUAGE: Final[Mapping[str, Mapping[Phrase, Role]]] = MappingProxyType(
    {
        # "ya" is a yes in English and "already" in Spanish; "sale" and "va" the other way round.
        "en": {("ya",): Role.YES},
        "es": {("sale",): Role.YES, ("va",): Role.YES, ("bien",): Role.THANKS},
    }
)
"""Phrases that only the patient's own language settles, by language code."""

LONGEST_PHRASE: Final = max(len(phrase) for phrase in PHRASES)
"""Words in the longest known phrase."""
