"""The language they speak, who interprets just now, and how the call reaches us."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.utils.translation import gettext_noop

from crm.models import InterpreterSession
from crm.saying import each_translated, translated
from crm.states import Aid
from desk.screen.contact import DeskContact

#: By the code of ISO 639-3: those spoken most by people who speak English less than very well (US
#: Census Bureau, American Community Survey, table C16001), and American Sign Language.
LANGUAGES: Final = {
    "spa": gettext_noop("Spanish"),
    "zho": gettext_noop("Chinese"),
    "cmn": gettext_noop("Chinese, Mandarin"),
    "yue": gettext_noop("Chinese, Cantonese"),
    "vie": gettext_noop("Vietnamese"),
    "ara": gettext_noop("Arabic"),
    "tgl": gettext_noop("Tagalog"),
    "rus": gettext_noop("Russian"),
    "kor": gettext_noop("Korean"),
    "hat": gettext_noop("Haitian Creole"),
    "por": gettext_noop("Portuguese"),
    "fra": gettext_noop("French"),
    "nav": gettext_noop("Navajo"),
    "som": gettext_noop("Somali"),
    "ase": gettext_noop("American Sign Language"),
}
#: Other codes of the same (ISO 639-1, -2/B).
_ALSO: Final = {
    "es": "spa", "zh": "zho", "chi": "zho", "vi": "vie", "ar": "ara", "tl": "tgl",
    "ru": "rus", "ko": "kor", "ht": "hat", "pt": "por", "fr": "fra", "fre": "fra", "nv": "nav",
    "so": "som",
}  # fmt: skip
AIDS: Final = {
    Aid.NONE: gettext_noop("Voice"),
    Aid.RELAY: gettext_noop("Relay operator"),
    Aid.TTY: gettext_noop("TTY"),
}
#: So many sessions back a service is offered by its name.
_LOOK_BACK: Final = 200


def panel(contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """One statement."""
    patient, call = contact.patient, contact.call
    return {
        "language": translated(language_of(contact)),
        "needs": patient is not None and patient.needs_interpreter,
        "open_session": contact.interpreter,
        "sessions": [one for one in contact.interpreting if one.ended_at is not None],
        "aid": call.aid if call else None,
        "aids": each_translated(AIDS),
    }


def language_of(contact: DeskContact) -> str:
    """Theirs by name; what the line or the contact is in, while nobody is known."""
    patient = contact.patient
    if patient is not None and not patient.spoken_language:
        return str(patient.get_language_display())
    return name_of(patient.spoken_language if patient else contact.interaction.language)


def name_of(code: str) -> str:
    """A language by name; a code that we do not know, as it stands."""
    bare = code.split("-", maxsplit=1)[0]
    if bare in {"en", "eng"}:
        return "English"  # which nobody interprets into
    return LANGUAGES.get(_ALSO.get(bare, bare), code)


def code_of(name: str) -> str:
    """As the EHR codes it; a language that we do not know, by its name."""
    known = {word.casefold(): code for code, word in LANGUAGES.items()}
    return known.get(name.strip().casefold(), name.strip())


def languages_for(contact: DeskContact) -> list[str]:
    """Theirs first, then the common ones."""
    first = language_of(contact)
    named = [] if first in {"", "en", "English"} else [first]
    return list(dict.fromkeys([*named, *LANGUAGES.values()]))


def services() -> list[str]:
    """Interpreter services as they were named lately, the newest first."""
    rows = InterpreterSession.objects.exclude(service="").order_by("-pk")
    return list(dict.fromkeys(rows.values_list("service", flat=True)[:_LOOK_BACK]))
