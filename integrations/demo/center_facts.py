"""The demo's contact center in facts: queues, keys, lines, who works there, what was texted."""

from __future__ import annotations

from typing import Final

from crm.states import Acuity, Role
from integrations.demo.dataset.system import BONES, FAMILY

#: Code, name, skills, seconds to answer.
QUEUES: Final[tuple[tuple[str, str, list[str], int], ...]] = (
    ("nurse", "Nurse triage", ["nurse"], 60),
    ("orthopedics", "Orthopedics", ["orthopedics"], 120),
    ("primary-care", "Primary care", ["primary-care"], 120),
    ("spanish", "Spanish", ["es"], 120),
    ("general", "Everything else", [], 180),
    ("billing", "Billing office", ["billing"], 300),
    ("records", "Medical records", ["records"], 300),
    ("community", "Community health", ["community"], 600),
    ("privacy", "Privacy officer", ["privacy"], 600),
)
#: What the keys mean on every line; call types by their codes.
MENU: Final[dict[str, dict[str, str]]] = {
    "1": {"says": "running late", "call_type": "late"},
    "2": {"says": "appointments", "call_type": "book"},
    "3": {"says": "test results", "call_type": "results"},
    "4": {"says": "refills", "call_type": "refill"},
    "8": {"says": "español", "queue": "spanish"},
    "9": {
        "says": "urgent symptoms",
        "call_type": "nurse",
        "queue": "nurse",
        "acuity": str(Acuity.NURSE_NOW),
    },
}
#: Number, name, queue, service line, site, language, and what is said first.
LINES: Final = (
    ("+16025550100", "Main line", "general", "", "", "en"),
    ("+16025550103", "Orthopedics line", "orthopedics", BONES, "PHX", "en"),
    ("+16025550104", "Primary care line", "primary-care", FAMILY, "PHX", "en"),
    ("+16025550105", "Línea en español", "spanish", "", "", "es"),
    ("+15205550103", "Tucson line", "general", "", "TUS", "en"),
)
GREETINGS: Final = {
    "en": "Thank you for calling Sonora Health. This is {agent}. How can I help?",
    "es": "Gracias por llamar a Sonora Health. Le habla {agent}. ¿En qué puedo ayudarle?",
}
#: Who works there: skills, team, extension.
AGENTS: Final = (
    (Role.AGENT, ["es", "orthopedics", "primary-care"], "Access", "201"),
    (Role.FRONT_DESK, ["primary-care", "records"], "Front desk", "202"),
    (Role.NURSE, ["nurse", "es", "orthopedics", "primary-care", "community"], "Nurses", "301"),
    (
        Role.MANAGER,
        ["es", "orthopedics", "primary-care", "billing", "records", "community", "privacy"],
        "Access",
        "210",
    ),
)
#: What was texted, in English or Spanish, how many minutes ago, in which queue (none: the
#: language's own) and how urgent it is.
TEXTED: Final = (
    ("Is the 9:40 still free? My son can come then.", "¿Sigue libre la de las 9:40?", 3, "", ""),
    ("Where do I park at Northgate?", "¿Dónde me estaciono en Northgate?", 1, "", ""),
    (
        "My knee brace rubs. Can somebody fit it again?",
        "La rodillera me roza. ¿Me la pueden ajustar?",
        2,
        "orthopedics",
        "",
    ),
    (
        "Which pain pill may I take with my blood pressure pills?",
        "¿Qué pastilla para el dolor puedo tomar con las de la presión?",
        4,
        "nurse",
        Acuity.HOURS_2,
    ),
)
