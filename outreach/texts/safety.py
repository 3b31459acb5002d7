"""Answers to texts that may speak of danger: where to get help at once.

They go out at any hour and to whoever wrote, so they say nothing about a patient and name no
illness. The numbers: 911; 988 Suicide & Crisis Lifeline (call or text; in Spanish call and press
2, or text AYUDA); Poison Help, 1-800-222-1222. Those under `…_both` say it in both languages,
for a phone of which we don't know which one it reads.
"""

from __future__ import annotations

from typing import Final

from crm.states import Purpose
from outreach.texts.template import Template


def _both(key: str, body: str) -> Template:
    """One body for either language."""
    fields = frozenset({"phone"}) if "{phone}" in body else frozenset[str]()
    return Template(key=key, version=1, purpose=Purpose.SAFETY, fields=fields, en=body, es=body)


SAFETY: Final = (
    Template(
        key="safety_911",
        version=1,
        purpose=Purpose.SAFETY,
        fields=frozenset({"phone"}),
        en="If this may be an emergency, call 911 now, or have someone near you call. Do not wait "
        "for us. Nothing was booked or changed. Our phone: {phone}",
        es="Si puede ser una emergencia, llame ya al 911 o pida que alguien llame. No nos espere. "
        "Nada fue reservado ni cambiado. Teléfono: {phone}",
    ),
    Template(
        key="safety_988",
        version=1,
        purpose=Purpose.SAFETY,
        fields=frozenset({"phone"}),
        en="Please call or text 988 now: someone is there day and night. In danger, call 911. Do "
        "not wait for us. Nothing was booked or changed. {phone}",
        es="Llame al 988 y oprima 2, o envíe AYUDA al 988: hay alguien día y noche. En peligro, "
        "llame al 911. No nos espere. {phone}",
    ),
    Template(
        key="safety_poison",
        version=1,
        purpose=Purpose.SAFETY,
        fields=frozenset({"phone"}),
        en="Call Poison Help now: 1-800-222-1222, day and night. If someone has collapsed or "
        "cannot breathe, call 911. Do not wait for us. {phone}",
        es="Llame ya a Poison Help: 1-800-222-1222, día y noche. Si alguien no responde o no "
        "respira, llame al 911. No nos espere. {phone}",
    ),
    Template(
        key="safety_person",
        version=1,
        purpose=Purpose.SAFETY,
        fields=frozenset({"phone"}),
        en="Thank you. A person will read your text. Nothing was booked or changed. If it may be "
        "an emergency, do not wait: call 911. Our phone: {phone}",
        es="Gracias. Una persona leerá su mensaje. Nada fue reservado ni cambiado. Si puede ser "
        "una emergencia, no espere: llame al 911. Teléfono: {phone}",
    ),
    _both(
        "safety_911_both",
        "Emergency? Call 911 now, do not wait for us. ¿Emergencia? Llame ya al 911, no nos "
        "espere. Nothing was booked. Nada fue reservado. {phone}",
    ),
    _both(
        "safety_988_both",
        "Call or text 988 now, day and night. In danger, call 911. Llame al 988 y oprima 2, o "
        "envíe AYUDA al 988. En peligro, llame al 911. {phone}",
    ),
    _both(
        "safety_poison_both",
        "Call Poison Help now: 1-800-222-1222. Collapsed? Call 911. Llame ya al 1-800-222-1222. "
        "Si alguien no responde, llame al 911. {phone}",
    ),
    _both(
        "safety_person_both",
        "A person will read your text. Emergency? Call 911. Una persona leerá su mensaje. "
        "¿Emergencia? Llame al 911. {phone}",
    ),
)
"""By whom they name."""
