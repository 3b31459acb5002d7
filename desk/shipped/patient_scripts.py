"""Scripts of the patient's own calls. "Say" and "ask" are read out; the rest is for the agent."""

from __future__ import annotations

from typing import Final

from desk.shipped.build import YES_NO, Step, act, ask, check, given, only, say, under, warn

OPENING: Final[list[Step]] = [
    say(
        "greeting",
        "Thank you for calling {organization.name}, this is {agent.name}. How may I help you?",
        "Gracias por llamar a {organization.name}, habla {agent.name}. ¿En qué puedo ayudarle?",
        note="Let them finish. Type what they say in their own words; it is checked for danger.",
    ),
    ask(
        "callback-number",
        "In case we are cut off, which number may I call back?",
        "Por si se corta la llamada, ¿a qué número le puedo llamar?",
        fills="callback-phone",
        source="caller.phone",
    ),
    say(
        "two-identifiers",
        "To protect your privacy, please tell me your full name and your date of birth.",
        "Para proteger su privacidad, dígame por favor su nombre completo y su fecha de "
        "nacimiento.",
        note="Never read out what is on record and ask whether it is right.",
    ),
]

_BRING: Final[list[Step]] = [
    check(
        "guardian",
        "A parent or legal guardian comes along, or has signed for the visit.",
        when=[under(18)],
    ),
    ask(
        "interpreter",
        "Would you like an interpreter for the visit? It costs you nothing.",
        "¿Le gustaría tener un intérprete para la visita? No le cuesta nada.",
        fills="interpreter",
        source="patient.interpreter",
        options=YES_NO,
        when=[{"about": "language", "is_not": ["en"]}],
    ),
]

BOOK: Final[list[Step]] = [
    ask(
        "who-to-see",
        "Would you like to see {visit.last.clinician} again, or whoever has the first opening?",
        "¿Quiere ver otra vez a {visit.last.clinician}, o a quien tenga la primera cita libre?",
        fills="clinician-wish",
        options=(
            ("same", "The same clinician", "El mismo doctor"),
            ("first", "Whoever is first", "El primero disponible"),
            ("other", "Somebody else", "Otra persona"),
        ),
        when=[only("patient", "established")],
        note="“Same again” in previous visits looks for both at once.",
    ),
    act("search", "Look for times, and offer two of them.", "search"),
    act("book", "Hold the time they choose, then book it.", "book", note="A hold lasts minutes."),
    *_BRING,
    say(
        "read-back",
        "Let me read that back: the day, the time, the clinician and the place. Is it right?",
        "Se lo repito: el día, la hora, el doctor y el lugar. ¿Está bien así?",
        note="Say booked only when the screen says that the clinic has confirmed it.",
    ),
    say(
        "bring",
        "Please bring your insurance card, a photo ID and a list of your medicines, and come "
        "15 minutes early.",
        "Por favor traiga su tarjeta del seguro, una identificación con foto y la lista de sus "
        "medicinas, y llegue 15 minutos antes.",
    ),
]

MOVE: Final[list[Step]] = [
    check(
        "which-visit",
        "They mean this visit: {visit.meant}",
        required=False,
        note="With several, let them say which; do not read the others out.",
    ),
    ask(
        "why-move",
        "What would make another time better for you?",
        "¿Qué le vendría mejor de otra hora?",
        fills="move-reason",
        options=(
            ("sooner", "Wants to come sooner", "Quiere venir antes"),
            ("cannot", "Cannot come then", "No puede venir a esa hora"),
            ("place", "Another place or clinician", "Otro lugar u otro doctor"),
        ),
    ),
    act("new-time", "Look for times, and move the visit.", "move"),
    say(
        "moved",
        "Your visit is moved. Your old time is given back only now that the new one stands.",
        "Su cita está cambiada. La hora anterior se libera solo ahora que la nueva está "
        "confirmada.",
        note="The new time is booked first. Until the clinic confirms it, the old one stands.",
    ),
]

CANCEL: Final[list[Step]] = [
    check("which-visit", "They mean this visit: {visit.meant}", required=False),
    ask(
        "offer-move",
        "I can cancel it. Would you rather have another time?",
        "La puedo cancelar. ¿Prefiere mejor otra hora?",
        fills="move-instead",
        options=YES_NO,
    ),
    act("move-it", "Move the visit.", "move", when=[given("move-instead", "yes")]),
    ask(
        "why-cancel",
        "May I note why?",
        "¿Puedo anotar el motivo?",
        fills="cancel-reason",
        options=(
            ("cannot", "Cannot come", "No puede venir"),
            ("better", "Feels better", "Se siente mejor"),
            ("cost", "Cost or insurance", "Costo o seguro"),
            ("ride", "No way to get here", "No tiene cómo llegar"),
            ("elsewhere", "Is seen elsewhere", "Va a otro lugar"),
            ("none", "Does not say", "No lo dice"),
        ),
        when=[given("move-instead", "no")],
    ),
    warn(
        "ordered-care",
        "Do not say that the visit can wait. Where a clinician ordered it, their team is told.",
        when=[given("move-instead", "no")],
    ),
    act("cancel", "Cancel the visit.", "cancel", when=[given("move-instead", "no")]),
    ask(
        "ride-help",
        "Would help with a ride let you keep it?",
        "¿Podría venir si le ayudamos con el transporte?",
        fills="ride-help",
        options=YES_NO,
        when=[given("cancel-reason", "ride")],
    ),
]

LATE: Final[list[Step]] = [
    warn(
        "driving",
        "If they are driving, ask them to stop first, or keep it to one question.",
    ),
    ask(
        "how-late",
        "How many minutes late will you be?",
        "¿Cuántos minutos tarde va a llegar?",
        fills="late-minutes",
        required=True,
        options=(
            ("15", "Up to 15", "Hasta 15"),
            ("30", "15 to 30", "De 15 a 30"),
            ("more", "More, or does not know", "Más, o no sabe"),
        ),
    ),
    say(
        "still-come",
        "Please come. I am telling the clinic now; they will see you as soon as they can.",
        "Venga, por favor. Le aviso ahora a la clínica; le verán en cuanto puedan.",
        when=[given("late-minutes", "15")],
    ),
    act(
        "tell-clinic",
        "Tell the clinic: a task for its front desk, due now.",
        "task",
        required=True,
        when=[given("late-minutes", "15", "30")],
    ),
    say(
        "clinic-decides",
        "The clinic may have to give you another time. Stay on the line while I ask them.",
        "Puede que la clínica tenga que darle otra hora. No cuelgue mientras les pregunto.",
        when=[given("late-minutes", "30")],
    ),
    act(
        "new-time",
        "Offer the next times, and move the visit.",
        "move",
        when=[given("late-minutes", "more")],
    ),
]

RESULTS: Final[list[Step]] = [
    act("look", "Open lab and imaging.", "look:labs"),
    warn(
        "may-say",
        "Say only what the screen allows: ready, in progress, or that the team will call. "
        "No values, and never “normal”, “fine” or “nothing to worry about”.",
    ),
    ask(
        "asks-meaning",
        "Would you like a text with the way to your results, or a call from your care team?",
        "¿Quiere un mensaje con el camino a sus resultados, o que le llame su equipo médico?",
        fills="results-wish",
        options=(
            ("link", "Text the link", "Enviar el enlace"),
            ("explain", "Somebody to explain them", "Que alguien se los explique"),
            ("none", "Nothing more", "Nada más"),
        ),
    ),
    act(
        "send-link",
        "Press Text link at the test: it leads to the patient portal.",
        "tell:portal-link",
        when=[given("results-wish", "link")],
        note="Without a portal, or not in it yet: Have it sent.",
    ),
    act(
        "to-nurse",
        "Hand over to a nurse.",
        "hand-off",
        required=True,
        when=[given("results-wish", "explain")],
        note="If nobody answers, the nurses get a task by itself; say by when they will call.",
    ),
]

REFILL: Final[list[Step]] = [
    act("look", "Open refills.", "look:refills"),
    ask(
        "which-drug",
        "Which medicine is it?",
        "¿Qué medicina es?",
        fills="refill-drug",
        required=True,
        note="Spell it from the bottle if they can. Never suggest another one.",
    ),
    ask(
        "days-left",
        "How many days’ worth do you have left?",  # noqa: RUF001
        "¿Para cuántos días le queda?",
        fills="refill-days",
        required=True,
        options=(
            ("none", "None", "Nada"),
            ("three", "1 to 3 days", "De 1 a 3 días"),
            ("more", "4 days or more", "4 días o más"),
        ),
    ),
    ask(
        "cannot-miss",
        "Is it insulin, a blood thinner, or for seizures?",
        "¿Es insulina, un anticoagulante o para convulsiones?",
        fills="refill-vital",
        required=True,
        options=YES_NO,
        when=[given("refill-days", "none", "three")],
    ),
    act(
        "to-nurse",
        "Hand over to a nurse now.",
        "hand-off",
        required=True,
        when=[given("refill-days", "none", "three"), given("refill-vital", "yes")],
    ),
    ask(
        "pharmacy",
        "Which pharmacy should it go to?",
        "¿A qué farmacia lo mandamos?",
        fills="refill-pharmacy",
    ),
    warn(
        "controlled",
        "For pain, sleep, anxiety or attention medicines promise nothing: the prescriber decides, "
        "often with a visit. The refills panel says what the policy is.",
    ),
    act(
        "request",
        "Send the request, under Medicines: what was said stands there already.",
        "task:refill",
        required=True,
        when=[given("refill-days", "more")],
    ),
    act(
        "request-soon",
        "Send the request, under Medicines: what was said stands there already.",
        "task:refill",
        required=True,
        when=[given("refill-vital", "no")],
    ),
    say(
        "when",
        "The prescriber’s team answers within two working days. If you run out before that, "  # noqa: RUF001
        "please call us again.",
        "El equipo del doctor contesta en dos días hábiles. Si se le acaba antes, por favor "
        "llámenos otra vez.",
    ),
]

PLAN: Final[list[Step]] = [
    act("look", "Open the treatment plan.", "look:plan"),
    warn("no-advice", "Say what is ordered and when it is due. Not what it is for, nor whether."),
    act("book", "Book the next step that is due.", "book"),
    ask(
        "in-the-way",
        "Is anything in the way of coming?",
        "¿Hay algo que le impida venir?",
        fills="plan-barrier",
        options=(
            ("nothing", "Nothing", "Nada"),
            ("ride", "A ride", "Transporte"),
            ("cost", "Cost or insurance", "Costo o seguro"),
            ("time", "Work, school or family", "Trabajo, escuela o familia"),
            ("doubt", "Questions about the treatment", "Dudas sobre el tratamiento"),
        ),
    ),
    act(
        "to-nurse",
        "Hand over to a nurse.",
        "hand-off",
        required=True,
        when=[given("plan-barrier", "doubt")],
    ),
]

DIRECTIONS: Final[list[Step]] = [
    ask(
        "where-to",
        "Which clinic are you coming to?",
        "¿A qué clínica viene?",
        fills="directions-site",
        source="visit.next.site",
    ),
    say(
        "the-way",
        "I will tell you the way, and send it by text if you like.",
        "Le explico cómo llegar, y si quiere se lo mando por mensaje.",
        note="The article “Directions and parking” has every site.",
    ),
    warn(
        "not-verified",
        "Do not say whether, when or with whom anybody has a visit unless two identifiers fit.",
    ),
    act(
        "send-way",
        "Text or read out day, time and the way: “To send or read out”.",
        "tell",
        note="Only once two identifiers fit. Else say the way from the article.",
    ),
]

BILL: Final[list[Step]] = [
    ask(
        "what-about",
        "What is your question about: the amount, the insurance, or paying it?",
        "¿Su pregunta es sobre la cantidad, el seguro o el pago?",
        fills="bill-about",
        options=(
            ("amount", "The amount", "La cantidad"),
            ("insurance", "The insurance", "El seguro"),
            ("paying", "Paying it", "El pago"),
        ),
    ),
    ask(
        "statement",
        "Do you have the number and date of the statement?",
        "¿Tiene el número y la fecha del estado de cuenta?",
        fills="bill-statement",
    ),
    say(
        "assistance",
        "We have financial assistance and payment plans. Would you like the form?",
        "Tenemos ayuda financiera y planes de pago. ¿Quiere el formulario?",
        when=[given("bill-about", "paying", "amount")],
    ),
    warn("no-promise", "Quote no price and promise no coverage. Take no card number by voice."),
    act("to-billing", "Hand over to the billing office.", "hand-off"),
]

NURSE: Final[list[Step]] = [
    warn(
        "danger",
        "Chest pain, trouble breathing, stroke signs, heavy bleeding, thoughts of suicide: "
        "do not finish the questions. Follow what the screen says now.",
    ),
    ask(
        "own-words",
        "Tell me in your words what is going on; I will pass it on exactly.",
        "Dígame con sus palabras qué le pasa; se lo paso tal cual a la enfermera.",
        fills="nurse-words",
        required=True,
        note="Do not interpret, reassure or suggest. Type what they say.",
    ),
    ask(
        "where-now",
        "Where are you right now: which address or state?",
        "¿Dónde está en este momento: en qué dirección o estado?",
        fills="present-place",
        required=True,
        note="A nurse may advise only where they are licensed, and help goes where the patient is.",
    ),
    check(
        "child-nearby",
        "The child is with the caller.",
        required=False,
        when=[under(18), only("speaker", "proxy")],
    ),
    act("to-nurse", "Hand over to a nurse, and stay on the line.", "hand-off", required=True),
]

OTHER: Final[list[Step]] = [
    ask(
        "what",
        "How can I help?",
        "¿En qué le puedo ayudar?",
        fills="other-what",
        note="If it turns out to be one of the other kinds, choose that one; nothing is lost.",
    ),
    act(
        "to-somebody",
        "Hand over.",
        "hand-off",
        note="Where a task is enough leave this out: at the end say what comes next.",
    ),
]
