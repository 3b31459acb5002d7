"""The words of the page about a visit ahead, English and Spanish side by side."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from waitlist.offer_words import NoSuchWords, Said, Words

_WORDS: Final[Mapping[str, Said]] = MappingProxyType(
    {
        "heading": Said(en="Before your visit", es="Antes de su cita"),
        "is_off": Said(
            en="This visit is not on any more, so please do not go by what we sent. Questions? "
            "Call {phone}.",
            es="Esta cita ya no está, así que no siga lo que le enviamos. ¿Preguntas? Llame al "
            "{phone}.",
        ),
        "is_past": Said(
            en="This visit is over. Questions? Call {phone}.",
            es="Esta cita ya pasó. ¿Preguntas? Llame al {phone}.",
        ),
        "place": Said(en="Where it is", es="Dónde es"),
        "way": Said(en="The way there", es="Cómo llegar"),
        "nothing": Said(
            en="You need not do anything before this visit.",
            es="No tiene que hacer nada antes de esta cita.",
        ),
        "ask_text": Said(
            en="If any of this is not right for you, or is hard to do, call before you change "
            "anything.",
            es="Si algo de esto no le conviene o le resulta difícil, llame antes de cambiar nada.",
        ),
    }
)


class PreparationWords(Words):
    """These words, and behind them those of the offer page (dates, telephone)."""

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
    """Every sentence of the page by its key."""
    return _WORDS
