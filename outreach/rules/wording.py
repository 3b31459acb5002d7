"""What may not stand in a text: health information, words that carriers act on, shouting.

A text lies open on a lock screen. It may say that there is an appointment, where, and when; it
may not say for what, with whom, or in which department (45 CFR 164.502(b), minimum necessary;
42 CFR Part 2 for substance use).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from crm.rules.said import say
from outreach.rules.reply_words import CARRIER_OPT_OUT
from outreach.rules.segments import Problem

_STEMS: Final = """
abort addict adicc allerg alerg anesthes anestes ansiedad anxi artrit arthrit asthma asma autis
behavioral biops bipolar cancer cardio chemo quimio chequeo chiropract cirug surg colonosc
conductual counsel consejer contracep anticoncep demenc dementia depres dermat detox diabet
diagn dialis dialys embaraz pregnan endocrin endosc epilep fertil gastro ginec gynec geriatr
hematolog hepat hospic immun inmun infect insulin laborator mamo mammo medicam medicat medicin
metadon methadon nefro nephro neonat neuro nutric nutrit obstet odontolog oncol opioid ophthal
oftalm optom orthop ortop osteo otorrin otolaryng overdos sobredos palliat paliat pediatr physio
fisio podiat podolog prenatal prescri proctolog prostat psic psiq psych pulmon radiolog radioter
rehab reumat rheumat schizo esquizo screening sintoma sobriet suboxon substance sustancia suicid
symptom terapi therap trasplant transplant trauma tratamiento treatment tumor ultraso urolog
vacun vaccin wellness
adhd audiolog bariatr buprenorph dental dentist disorder farmac genetic heroin hormon
infusion matern methamph miscarr naltrex narcotic obes opiat parenthood pharmac postpart
recuperac sexual thyroid tiroid tobac transfus transgen trastorno vascular violen
"""
_WORDS: Final = """
aids alcohol blood breast bone brain colposcopy doctor doctora dolor dr dra ear ekg ent eye
eyes flu gyn heart hiv imaging kidney lab labs liver lung mental mri nurse nurses ob obgyn pain
pap physician pill pills pregnancy receta refill results resultado resultados sangre sida skin std
stroke surgeon ultrasound vih xray xrays
abuse abuso ankle crisis drug drugs droga drogas foot grief hearing hip knee mujer mujeres
naloxone narcan ptsd rape recovery sleep spine vein veins weight women womens wound wounds
"""
_HEALTH: Final = re.compile(
    rf"\b(?:(?:{'|'.join(_STEMS.split())})\w*|(?:{'|'.join(_WORDS.split())}))\b"
)
_CAPITALS: Final = re.compile(r"\b[A-Z]{2,}\b")
_ALLOWED_KEYWORDS: Final = frozenset({"stop"})


def find_health_words(text: str) -> tuple[str, ...]:
    """Words in `text` that tell what care somebody gets, in English or Spanish, each once."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    bare = "".join(char for char in decomposed if unicodedata.category(char) != "Mn")
    return tuple(dict.fromkeys(_HEALTH.findall(bare)))


def check_wording(text: str) -> list[Problem]:
    """What a text says that it may not.

    Health words; an opt-out word in capitals other than STOP (a patient who is told to "reply
    CANCEL" is cut off by the carrier); exclamation marks.
    """
    problems = []
    if found := find_health_words(text):
        sentence = say("Tells about the patient's care: %(words)s.", words=", ".join(found))
        problems.append(Problem(rule="health-word", sentence=sentence))
    capitals = {word.lower() for word in _CAPITALS.findall(text)}
    if invited := sorted(capitals & CARRIER_OPT_OUT - _ALLOWED_KEYWORDS):
        words = ", ".join(invited).upper()
        sentence = say("The carrier would take %(words)s for an opt-out.", words=words)
        problems.append(Problem(rule="opt-out-word", sentence=sentence))
    if not {"!", "\u00a1"}.isdisjoint(text):
        problems.append(Problem(rule="exclamation", sentence="Exclamation marks sound like ads."))
    return problems
