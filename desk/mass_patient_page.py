"""What a patient whose visit cannot stay is shown, in their language; and that it is them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property

from crm.engine import Actor
from outreach.rules.render import choose_language
from outreach.rules.times import say_time
from scheduling.models import MassMoveItem, Slot
from scheduling.queries import judge_slots
from scheduling.queries.mass_reading import zone_of
from scheduling.queries.slots import BESIDE
from scheduling.states import MassItemStatus
from waitlist.offer_identity import LASTS
from waitlist.rules.saying import say_clock, say_day

COOKIE: Final = "mass"
VISITOR: Final = Actor.system("unknown visitor")
S = MassItemStatus
_WORDS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "choose_heading": "Your visit must move. Choose a new time",
        "was": "It cannot take place on",
        "choose": "Take {time}",
        "keep": "Until the clinic confirms a new time, nothing changes.",
        "none": "None of these. Please call me",
        "gone": "Someone just took that time. Please choose another.",
        "no_times": "These times are gone. We will call you.",
        "asked_heading": "We are asking the clinic for it",
        "asked_text": "We text you when it is confirmed. You may close this page.",
        "moved_heading": "Your new time is confirmed",
        "call_heading": "We will call you",
        "call_text": "A person will find a time with you. Nothing has changed yet.",
        "over_heading": "This choice is over",
        "over_text": "Please call us about your visit.",
        "call": "Call",
    },
    "es": {
        "choose_heading": "Su cita debe cambiar. Elija una nueva hora",
        "was": "No se puede dar el",
        "choose": "Tomar {time}",
        "keep": "Nada cambia hasta que la clínica confirme la nueva hora.",
        "none": "Ninguna. Llámenme, por favor",
        "gone": "Alguien acaba de tomar esa hora. Elija otra, por favor.",
        "no_times": "Esas horas ya no están libres. Le llamaremos.",
        "asked_heading": "Se la estamos pidiendo a la clínica",
        "asked_text": "Le avisaremos cuando esté confirmada. Puede cerrar esta página.",
        "moved_heading": "Su nueva hora está confirmada",
        "call_heading": "Le llamaremos",
        "call_text": "Una persona buscará una hora con usted. Nada ha cambiado.",
        "over_heading": "Esta elección ya terminó",
        "over_text": "Llámenos acerca de su cita, por favor.",
        "call": "Llamar",
    },
}
_SHOWS: Final = {
    S.OFFERED: "choose",
    S.ASKED: "asked",
    S.MOVED: "moved",
    S.FOR_AGENT: "call",
    S.FAILED: "call",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A time at a place, as the patient reads it."""

    slot_id: int
    day: str
    clock: str
    site: str
    address: str
    label: str


class Page:
    """How it stands, said in one language."""

    def __init__(self, request: HttpRequest, item: MassMoveItem, *, at: dt.datetime) -> None:
        self._item, self._at = item, at
        chosen = request.GET.get("lang", "")
        known = choose_language(item.appointment.patient.language)
        self.language = chosen if chosen in _WORDS else known
        self.words = _WORDS[self.language]

    @cached_property
    def shows(self) -> str:
        """ "choose", "asked", "moved", "call" or "over"."""
        item = self._item
        is_late = item.answer_until is not None and item.answer_until <= self._at
        if item.status == S.OFFERED and is_late:
            return "call"
        return _SHOWS.get(S(item.status), "over")

    @property
    def heading(self) -> str:
        return self.words[f"{self.shows}_heading"]

    @property
    def old_time(self) -> str:
        visit = self._item.appointment
        return say_time(visit.starts_at, zone_of(visit), self.language)

    @cached_property
    def new_time(self) -> str:
        new = self._item.moved_to
        return say_time(new.starts_at, zone_of(new), self.language) if new else ""

    @property
    def new_site(self) -> str:
        new = self._item.moved_to
        return new.location.name if new and new.location else ""

    @property
    def phone(self) -> str:
        place = self._item.appointment.location
        return (place.phone if place else "") or settings.FIRSTCALL.organization_phone

    @cached_property
    def choices(self) -> list[Choice]:
        """Those that are still to be had, by time."""
        item = self._item
        slots = list(Slot.objects.select_related(*BESIDE).filter(pk__in=item.options))
        visit = item.appointment
        judged = judge_slots(
            slots,
            at=self._at,
            patient=visit.patient,
            visit_type=visit.visit_type,
            gives_up_id=visit.pk,
            own_hold_ids=(item.hold_id,) if item.hold_id else (),
        )
        free = [slot for slot in slots if not any(one.stops for one in judged[slot.pk])]
        return [self._choice(slot) for slot in sorted(free, key=lambda s: (s.starts_at, s.pk))]

    def _choice(self, slot: Slot) -> Choice:
        place = slot.role.clinic.location
        time = say_time(slot.starts_at, place.zone, self.language)
        return Choice(
            slot_id=slot.pk,
            day=say_day(slot.starts_at, place.zone, self.language),
            clock=say_clock(slot.starts_at, place.zone),
            site=place.name,
            address=", ".join(filter(None, (place.address_line, place.city))),
            label=self.words["choose"].format(time=time),
        )


def read_item(token: str) -> MassMoveItem | None:
    """By the secret of its link."""
    rows = MassMoveItem.objects.select_related(
        "job",
        "phone",
        "hold",
        "appointment__patient",
        "appointment__visit_type",
        "appointment__location",
        "appointment__role__clinic__location",
        "moved_to__location",
        "moved_to__role__clinic__location",
    )
    return rows.filter(token=token).first()


def _salt(token: str) -> str:
    return f"firstcall.mass.{token}"


def is_verified(request: HttpRequest, token: str) -> bool:
    """Whether this browser has shown the right date of birth for this link lately."""
    proof = request.get_signed_cookie(COOKIE, default="", salt=_salt(token), max_age=LASTS)
    return proof == "ok"


def remember(response: HttpResponseBase, token: str) -> None:
    """Let this browser see this link's page for half an hour."""
    response.set_signed_cookie(
        COOKIE,
        "ok",
        salt=_salt(token),
        max_age=LASTS,
        path=reverse("mass:choices", args=[token]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
