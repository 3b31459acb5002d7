"""The words of the patient's page of a visit by video, English and Spanish side by side."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from waitlist.offer_words import NoSuchWords, Said, Words

_WORDS: Final[Mapping[str, Said]] = MappingProxyType(
    {
        "video_heading": Said(en="Your visit by video", es="Su cita por video"),
        "join": Said(en="Join the visit", es="Entrar a la cita"),
        "join_text": Said(
            en="You can join from 15 minutes before. Use a quiet place with good light.",
            es="Puede entrar desde 15 minutos antes. Busque un lugar tranquilo y con luz.",
        ),
        "no_link": Said(
            en="Your link is not ready yet. If it is almost time, call {phone}.",
            es="Su enlace aún no está listo. Si ya casi es la hora, llame al {phone}.",
        ),
        "is_off": Said(
            en="This visit is not on any more. Questions? Call {phone}.",
            es="Esta cita ya no está. ¿Preguntas? Llame al {phone}.",
        ),
        "check_heading": Said(en="Test your phone or computer", es="Pruebe su equipo"),
        "check_text": Said(
            en="You need a camera, a microphone and the internet. Your browser will ask if it may "
            "use them: say yes.",
            es="Necesita cámara, micrófono e internet. Su navegador le preguntará si puede "
            "usarlos: diga que sí.",
        ),
        "check_button": Said(en="Test now", es="Probar ahora"),
        "camera": Said(en="Camera", es="Cámara"),
        "microphone": Said(en="Microphone", es="Micrófono"),
        "connection": Said(en="Internet", es="Internet"),
        "not_tested": Said(en="not tested", es="sin probar"),
        "works": Said(en="works", es="funciona"),
        "does_not_work": Said(en="does not work", es="no funciona"),
        "state_heading": Said(en="Where will you be?", es="¿Dónde va a estar?"),
        "state_text": Said(
            en="Your clinician may see you by video only in states where they have a license. Tell "
            "us if you will be in another state that day.",
            es="Por video, su médico solo puede atenderle en estados donde tiene licencia. "
            "Díganos si ese día va a estar en otro estado.",
        ),
        "state_label": Said(en="State", es="Estado"),
        "state_button": Said(en="That is where I will be", es="Ahí voy a estar"),
        "state_error": Said(en="Choose a state.", es="Elija un estado."),
        "state_good": Said(en="Thank you. Your visit stands.", es="Gracias. Su cita sigue en pie."),
        "state_bad": Said(
            en="Thank you for telling us. A person will call you, since your clinician has no "
            "license there. Your visit stands until then.",
            es="Gracias por avisar. Una persona le llamará, porque su médico no tiene licencia "
            "ahí. Su cita sigue en pie hasta entonces.",
        ),
        "trouble_heading": Said(en="Something does not work?", es="¿Algo no funciona?"),
        "trouble_text": Said(
            en="Tell us, and we call you. You can have the visit by phone. It will not count as "
            "missed. You can also call {phone}.",
            es="Díganos y le llamamos. Puede tener la cita por teléfono. No contará como "
            "perdida. También puede llamar al {phone}.",
        ),
        "trouble_label": Said(en="What does not work?", es="¿Qué no funciona?"),
        "trouble_button": Said(en="Please call me", es="Llámenme, por favor"),
        "trouble_said": Said(
            en="We will call you. You can go on trying meanwhile.",
            es="Le llamaremos. Mientras tanto puede seguir intentando.",
        ),
        "trouble_camera": Said(en="The camera", es="La cámara"),
        "trouble_microphone": Said(en="They cannot hear me", es="No me oyen"),
        "trouble_sound": Said(en="I cannot hear them", es="No les oigo"),
        "trouble_connection": Said(en="It stops or is slow", es="Se corta o es lento"),
        "trouble_link": Said(en="The link does not open", es="El enlace no abre"),
        "trouble_other": Said(en="Something else", es="Otra cosa"),
    }
)


class VideoWords(Words):
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
