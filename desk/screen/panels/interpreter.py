"""The language they speak, who interprets just now, and how the call reaches us."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from crm.models import InterpreterSession
from crm.states import Aid
from desk.screen.contact import DeskContact

#: By the code of ISO 639-3: those spoken most by people who speak English less than very well (US
#: Census Bureau, American Community Survey, table C16001), and American Sign Language.
LANGUAGES: Final = {
    "spa": "Spanish",
    "zho": "Chinese",
    "cmn": "Chinese, Mandarin",
    "yue": "Chinese, Cantonese",
    "vie": "Vietnamese",
    "ara": "Arabic",
    "tgl": "Tagalog",
    "rus": "Russian",
    "kor": "Korean",
    "hat": "Haitian Creole",
    "por": "Portuguese",
    "fra": "French",
    "nav": "Navajo",
    "som": "Somali",
    "ase": "American Sign Language",
}
#: Other codes of the same (ISO 639-1, -2/B).
_ALSO: Final = {
    "es": "spa", "zh": "zho", "chi": "zho", "vi": "vie", "ar": "ara", "tl": "tgl",
    "ru": "rus", "ko": "kor", "ht": "hat", "pt": "por", "fr": "fra", "fre": "fra", "nv": "nav",
    "so": "som",
}  # fmt: skip
AIDS: Final = {Aid.NONE: "Voice", Aid.RELAY: "Relay operator", Aid.TTY: "TTY"}
#: So many sessions back a service is offered by its name.
_LOOK_BACK: Final = 200


def panel(contact: DeskContact, *, at: dt.datetime) -> dict[str, Any]:
    """One statement."""
    patient, call = contact.patient, contact.call
    return {
        "language": language_of(contact),
        "needs": patient is not None and patient.needs_interpreter,
        "open_session": contact.interpreter,
        "sessions": [one for one in contact.interpreting if one.ended_at is not None],
        "aid": call.aid if call else None,
        "aids": AIDS,
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
