"""Texts that answer a patient, and those about the texts themselves.

A phone that has opted out gets nothing, so there is no text for a YES after a STOP: a person
sees it instead. `stop_confirm` goes out only where our own reading ended the texts ("please stop
texting me"); after one of the carrier's words the carrier has blocked us and confirms by itself,
as it also does for HELP unless its own answer is switched off.
"""

from __future__ import annotations

from typing import Final

from crm.states import Purpose
from outreach.texts.template import Template

ANSWERS: Final = (
    Template(
        key="cancel_visit_ack",
        version=1,
        purpose=Purpose.ANSWER,
        fields=frozenset({"phone"}),
        en="We read that you may not come to a visit. Nothing has changed yet: a person will "
        "check with you first. If it is soon, call {phone}.",
        es="Entendemos que quizá no venga a una cita. Nada ha cambiado: una persona le preguntará "
        "primero. Si es pronto, llame al {phone}.",
    ),
    Template(
        key="unclear_ack",
        version=1,
        purpose=Purpose.ANSWER,
        fields=frozenset({"phone"}),
        en="Thank you. A person will read your text and answer. Nothing has changed. If it cannot "
        "wait, call {phone}; in an emergency, 911.",
        es="Gracias. Una persona leerá su mensaje y le responderá. Nada ha cambiado. Si es "
        "urgente llame al {phone}; en emergencia, 911.",
    ),
    Template(
        key="question_ack",
        version=1,
        purpose=Purpose.ANSWER,
        fields=frozenset({"phone"}),
        en="Thank you for your question. A person will answer it. If it cannot wait, call "
        "{phone}; in an emergency, 911.",
        es="Gracias por su pregunta. Una persona le responderá. Si es urgente llame al {phone}; "
        "en emergencia, 911.",
    ),
    Template(
        key="stop_confirm",
        version=1,
        purpose=Purpose.ANSWER,
        fields=frozenset({"organization", "phone"}),
        en="{organization}: you will get no more texts from us. To get them again, reply START. "
        "To reach a person, call {phone}.",
        es="{organization}: no recibirá más textos nuestros. Para recibirlos, responda START. "
        "Para hablar con alguien, llame al {phone}.",
    ),
    Template(
        key="start_confirm",
        version=1,
        purpose=Purpose.ANSWER,
        fields=frozenset({"organization"}),
        en="{organization}: you will get texts about your visits again. Msg and data rates may "
        "apply. Reply HELP for help, STOP to end texts.",
        es="{organization}: recibirá textos sobre sus citas otra vez. Puede haber cargos. "
        "Responda HELP para ayuda, STOP para no más textos.",
    ),
    Template(
        key="help",
        version=1,
        purpose=Purpose.ANSWER,
        fields=frozenset({"organization", "phone"}),
        en="{organization} visit texts. For a person call {phone}; in an emergency, 911. Msg and "
        "data rates may apply. STOP to end texts.",
        es="{organization}, textos de citas. Llame al {phone}; en emergencia, 911. Puede haber "
        "cargos. STOP para no más textos.",
    ),
    Template(
        key="who_we_are",
        version=1,
        purpose=Purpose.ANSWER,
        fields=frozenset({"organization", "phone"}),
        en="{organization}: we text people who gave us this number about their visits. Not you? "
        "Reply WRONG NUMBER. To reach a person, call {phone}",
        es="{organization}: avisamos de citas a quien nos dio este número. ¿No es usted? Responda "
        "NUMERO EQUIVOCADO. Para hablar con alguien: {phone}",
    ),
    Template(
        key="wrong_number_ack",
        version=1,
        purpose=Purpose.ANSWER,
        fields=frozenset({"organization"}),
        en="{organization}: thank you for telling us, and sorry. We will not text this number "
        "again.",
        es="{organization}: gracias por avisar y disculpe. No enviaremos más textos a este número.",
    ),
)
"""By what the patient texted."""
