"""Scripts for everybody else who calls: partners first, then those that need a sign-off."""

from __future__ import annotations

from typing import Final

from desk.shipped.build import YES_NO, Step, act, ask, check, given, note, say, warn


def _who(code: str, words: str, words_es: str) -> list[Step]:
    """Name, organization and a number that is looked up, not taken from the caller's display."""
    return [
        ask("caller-name", words, words_es, fills=f"{code}-caller", required=True),
        ask(
            "callback-number",
            "Which number can we call back, at your main line?",
            "¿A qué número de su línea principal le podemos llamar?",
            fills="callback-phone",
            required=True,
            note="The number on the display proves nothing. Compare with the one on record.",
        ),
    ]


_PATIENT: Final = ask(
    "about-whom",
    "Please give me the patient’s full name and date of birth.",  # noqa: RUF001
    "Por favor dígame el nombre completo y la fecha de nacimiento del paciente.",
    fills="about-patient",
    note="They say it, you find it. Do not read out anything that they have not said.",
)

PHARMACY: Final[list[Step]] = [
    *_who("pharmacy", "Your name, and which pharmacy?", "¿Su nombre y el de la farmacia?"),
    _PATIENT,
    ask(
        "about-what",
        "Is it a refill, a question about the prescription, or an authorization?",
        "¿Es un resurtido, una pregunta sobre la receta o una autorización?",
        fills="pharmacy-about",
        required=True,
        options=(
            ("refill", "A refill", "Un resurtido"),
            ("question", "The prescription itself", "La receta misma"),
            ("authorization", "An authorization", "Una autorización"),
        ),
    ),
    warn(
        "no-orders",
        "Say yes to nothing: no dose, no substitution, no refill. That is an order.",
        when=[given("pharmacy-about", "question", "refill")],
    ),
    act(
        "to-nurse",
        "Hand over to a nurse.",
        "hand-off",
        required=True,
        when=[given("pharmacy-about", "question")],
    ),
    act(
        "request",
        "Send it to the prescriber’s team as a task.",  # noqa: RUF001
        "task",
        required=True,
        when=[given("pharmacy-about", "refill", "authorization")],
    ),
]

CLINICIAN: Final[list[Step]] = [
    *_who(
        "clinician",
        "Your name, role and practice?",
        "¿Su nombre, su función y su consultorio?",
    ),
    _PATIENT,
    ask(
        "how-soon",
        "Do you need to speak with our clinician now?",
        "¿Necesita hablar ahora con nuestro médico?",
        fills="clinician-now",
        required=True,
        options=YES_NO,
    ),
    act(
        "page",
        "Page our clinician, and stay until they have each other.",
        "hand-off",
        required=True,
        when=[given("clinician-now", "yes")],
        note="A clinician who asks for a clinician is never put into a queue.",
    ),
    ask(
        "question",
        "What may I write down for our clinician?",
        "¿Qué le anoto a nuestro médico?",
        fills="clinician-question",
        when=[given("clinician-now", "no")],
    ),
    act("task", "Leave the task.", "task", when=[given("clinician-now", "no")]),
]

FACILITY: Final[list[Step]] = [
    *_who("facility", "Your name, and which facility?", "¿Su nombre y el del centro?"),
    _PATIENT,
    ask(
        "about-what",
        "Is it a visit after discharge, an order, or something else?",
        "¿Es una cita después del alta, una orden u otra cosa?",
        fills="facility-about",
        required=True,
        options=(
            ("visit", "A visit", "Una cita"),
            ("order", "An order or a symptom", "Una orden o un síntoma"),
            ("other", "Something else", "Otra cosa"),
        ),
    ),
    ask(
        "discharged-on",
        "On which day does the patient go home?",
        "¿Qué día se va el paciente a casa?",
        fills="discharged-on",
        when=[given("facility-about", "visit")],
        note="Look for a time within 7 days of it, unless the discharge papers say another.",
    ),
    act("book", "Book the follow-up.", "book", when=[given("facility-about", "visit")]),
    act(
        "to-nurse",
        "Hand over to a nurse.",
        "hand-off",
        required=True,
        when=[given("facility-about", "order")],
    ),
]

TRANSPORT: Final[list[Step]] = [
    *_who("transport", "Your name, and which company?", "¿Su nombre y el de la compañía?"),
    _PATIENT,
    check(
        "is-their-ride",
        "The patient or plan arranged this ride; it stands on the visit or in the notes.",
        note="If not: say that you will have the patient call them, and close with nothing said.",
    ),
    warn("least", "Time, door and how they are helped in and out. Never which clinic or why."),
    act("tell-clinic", "If the ride is late or missing, tell the clinic.", "task"),
]

RECORDS: Final[list[Step]] = [
    ask(
        "who-asks",
        "Are you asking for your own records, or for somebody else’s?",  # noqa: RUF001
        "¿Pide su propio expediente o el de otra persona?",
        fills="records-whose",
        required=True,
        options=(
            ("own", "My own", "El mío"),
            (
                "child",
                "My child’s, or I am the legal representative",  # noqa: RUF001
                "De mi hijo, o soy su representante legal",
            ),
            ("other", "Somebody else’s", "De otra persona"),  # noqa: RUF001
        ),
    ),
    say(
        "right",
        "You have a right to your records. The form says how you get them; it takes 30 days at "
        "most.",
        "Usted tiene derecho a su expediente. El formulario dice cómo recibirlo; tarda 30 días "
        "como máximo.",
        when=[given("records-whose", "own", "child")],
        note="45 CFR 164.524. Reading them out on the phone is not how they are given.",
    ),
    say(
        "authorization",
        "We need the patient’s signed authorization first. I can send you the form.",  # noqa: RUF001
        "Primero necesitamos la autorización firmada del paciente. Le puedo mandar el formulario.",
        when=[given("records-whose", "other")],
        note="45 CFR 164.508. Do not say whether the person is a patient here.",
    ),
    act("send-form", "Send the form, or hand over to the records office.", "tell"),
]

BILLING: Final[list[Step]] = [
    *_who("billing", "Your name, and for whom do you call?", "¿Su nombre, y de parte de quién?"),
    ask(
        "claim",
        "Which claim number and date of service?",
        "¿Qué número de reclamo y fecha de servicio?",
        fills="claim-number",
    ),
    warn(
        "nothing", "Confirm no visit, diagnosis or amount. An attorney goes to the records office."
    ),
    act("to-billing", "Hand over to the billing office.", "hand-off", required=True),
]

CRITICAL_RESULT: Final[list[Step]] = [
    warn(
        "clinician-first",
        "A critical result belongs to a clinician, now. Keep the laboratory on the line while you "
        "reach the nurse or whoever is on call.",
    ),
    *_who(
        "critical",
        "Your name, and which laboratory or department?",
        "¿Su nombre y el de su laboratorio o departamento?",
    ),
    ask(
        "about-whom",
        "The patient’s full name, date of birth, and who ordered the test?",  # noqa: RUF001
        "¿Nombre completo y fecha de nacimiento del paciente, y quién pidió el examen?",
        fills="critical-patient",
        required=True,
    ),
    act(
        "connect",
        "Connect them with the nurse or the clinician on call.",
        "hand-off",
        required=True,
        note="Nobody answers in 5 minutes: page again, one level up, and tell your supervisor.",
    ),
    note(
        "clinician-took-it",
        "Did a clinician take the result?",
        fills="critical-taken",
        required=True,
        options=YES_NO,
    ),
    ask(
        "exact-result",
        "Please give me the test, the value, the unit and the time it was drawn, word for word.",
        "Por favor dígame el examen, el valor, la unidad y la hora de la muestra, palabra por "
        "palabra.",
        fills="critical-result",
        required=True,
        when=[given("critical-taken", "no")],
    ),
    say(
        "read-back",
        "I read it back to you: {answer:critical-result}. Is every word right?",
        "Se lo leo: {answer:critical-result}. ¿Está correcto palabra por palabra?",
        required=True,
        when=[given("critical-taken", "no")],
        note="Read-back of critical results: Joint Commission PC.02.01.03, NPSG.02.03.01.",
    ),
    note(
        "who-and-when",
        "Write down who of us has it now, and the time.",
        fills="critical-received-by",
        required=True,
        note="Name and role of whoever took it, and the minute.",
    ),
]

GRIEVANCE: Final[list[Step]] = [
    say(
        "listen",
        "I am sorry that happened. Please tell me all of it; I am writing it down in your words.",
        "Siento mucho lo que pasó. Cuéntemelo todo, por favor; lo anoto con sus palabras.",
        note="Do not defend, explain or blame a colleague.",
    ),
    ask(
        "what-happened",
        "What happened, when, and where?",
        "¿Qué pasó, cuándo y dónde?",
        fills="grievance-words",
        required=True,
    ),
    ask(
        "harm",
        "Was anybody hurt, or is anybody in danger now?",
        "¿Alguien resultó herido, o está alguien en peligro ahora?",
        fills="grievance-harm",
        required=True,
        options=YES_NO,
    ),
    act(
        "supervisor",
        "Hand over to your supervisor now.",
        "hand-off",
        required=True,
        when=[given("grievance-harm", "yes")],
    ),
    ask(
        "wish",
        "What would make it right for you?",
        "¿Qué lo resolvería para usted?",
        fills="grievance-wish",
    ),
    ask(
        "settled",
        "Is it settled for you now, or shall I file it?",
        "¿Queda resuelto para usted, o lo registro como queja?",
        fills="grievance-settled",
        required=True,
        options=(
            ("settled", "Settled", "Resuelto"),
            ("file", "File it", "Registrarla"),
        ),
        note="About care, safety, abuse or a right: always file it, also when they are content.",
    ),
    say(
        "in-writing",
        "You will get our answer in writing: who looked into it, what was done, the result and the "
        "date. You may also turn to the state health department, and with Medicare to the quality "
        "organization; I can give you both numbers.",
        "Recibirá nuestra respuesta por escrito: quién lo revisó, qué se hizo, el resultado y la "
        "fecha. También puede acudir al departamento de salud del estado y, con Medicare, a la "
        "organización de calidad; le puedo dar los dos números.",
        required=True,
        when=[given("grievance-settled", "file")],
        note="42 CFR 482.13(a)(2). CMS expects an answer in 7 days on average, or word of a delay.",
    ),
    ask(
        "answer-to",
        "Where shall the written answer go?",
        "¿A dónde le mandamos la respuesta?",
        fills="grievance-answer-to",
        required=True,
        when=[given("grievance-settled", "file")],
    ),
    act(
        "file",
        "File it as a task for patient relations.",
        "task",
        required=True,
        when=[given("grievance-settled", "file")],
    ),
]

POLICE: Final[list[Step]] = [
    warn(
        "confirm-nothing",
        "Do not say whether anybody is, was or will be a patient, here now, or known to us. "
        "A badge, a title or urgency changes nothing.",
    ),
    say(
        "cannot-say",
        "I can neither confirm nor deny that anyone is a patient. Our privacy officer takes such "
        "requests; I will connect you.",
        "No puedo confirmar ni negar que alguien sea paciente. Nuestro oficial de privacidad "
        "atiende estas solicitudes; le comunico.",
        required=True,
        note="45 CFR 164.512(f): what may be told, and on which process, the privacy officer says.",
    ),
    ask(
        "who",
        "Your name, agency, badge or case number, and your agency’s main number?",  # noqa: RUF001
        "¿Su nombre, agencia, número de placa o de caso, y el número principal de su agencia?",
        fills="official-who",
        required=True,
    ),
    ask(
        "process",
        "Do you have a court order, a warrant or a subpoena?",
        "¿Tiene una orden judicial o un citatorio?",
        fills="official-process",
        options=YES_NO,
        note="Write the number down. Do not accept, read or sign anything.",
    ),
    ask(
        "life-in-danger",
        "Is somebody’s life in danger at this moment?",  # noqa: RUF001
        "¿Hay una vida en peligro en este momento?",
        fills="official-danger",
        required=True,
        options=YES_NO,
        note="Then privacy officer and supervisor at once, at any hour. Still say nothing.",
    ),
    act(
        "privacy",
        "Hand over to the privacy officer.",
        "hand-off",
        required=True,
    ),
]

THREAT: Final[list[Step]] = [
    warn(
        "stay",
        "Keep them on the line. Do not hang up, do not put them on hold, do not transfer, do not "
        "argue. Leave the line open even when they have hung up.",
    ),
    check(
        "signal",
        "I have signaled my supervisor, who calls 911 from another phone.",
        note="Wave, write a note, or use the supervisor button. Do not speak of it aloud.",
    ),
    note(
        "exact-words",
        "Write the exact words down.",
        fills="threat-words",
        required=True,
        note="Word for word, also the oaths.",
    ),
    ask(
        "what-when-where",
        "Where is it? When will it happen? What is it?",
        "¿Dónde está? ¿Cuándo va a pasar? ¿Qué es?",
        fills="threat-what",
        note="Calmly, as questions of somebody who listens (CISA bomb threat checklist).",
    ),
    ask(
        "why",
        "Why are you doing this? What is your name?",
        "¿Por qué lo hace? ¿Cómo se llama?",
        fills="threat-why",
    ),
    note(
        "sounds",
        "Write down voice, accent, mood, and what is heard in the background.",
        fills="threat-sounds",
    ),
    check(
        "supervisor-has-it",
        "My supervisor has the words, the number and the time.",
    ),
]
