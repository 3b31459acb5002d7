"""An offer's page in words: which language, which facts, which template."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from outreach.rules.render import choose_language
from outreach.rules.times import say_time
from scheduling.models import Appointment
from scheduling.states import Modality
from waitlist.models import Offer
from waitlist.offer_words import LANGUAGES, Words
from waitlist.queries.offers import OfferPage, Visit
from waitlist.rules.ics import CalendarVisit
from waitlist.rules.saying import same_clock, say_clock, say_day, say_zone
from waitlist.rules.showing import UNSETTLED, Showing

_HEADINGS = {
    Showing.DECLINED: "declined_heading",
    Showing.ACCEPTED: "accepted_heading",
    Showing.NEXT: "next_heading",
    Showing.BOOKED: "booked_heading",
    Showing.CHANGED: "changed_heading",
    Showing.REFUSED: "refused_heading",
    Showing.EXPIRED: "expired_heading",
    Showing.GONE: "gone_heading",
}
_TEMPLATES = {
    Showing.REFUSED: "over",
    Showing.EXPIRED: "over",
    Showing.GONE: "over",
}


def language_of(request: HttpRequest, known: Offer | None) -> str:
    """What was chosen on the page; else the patient's language, once we may know who it is.

    Before that the browser's: the patient's own would tell a link that exists from others.
    """
    chosen = request.GET.get("lang", "")
    if chosen in LANGUAGES:
        return chosen
    if known is not None:
        return choose_language(known.patient.language)
    accepted = parse_accept_lang_header(request.headers.get("Accept-Language", "").lower())
    spoken = (code[:2] for code, _ in accepted)
    return next((code for code in spoken if code in LANGUAGES), LANGUAGES[0])


def visitors_words(language: str) -> Words:
    """Words for somebody we don't know: the organization's telephone is all they may learn."""
    return Words(language, phone=settings.FIRSTCALL.organization_phone)


@dataclass(frozen=True)
class Time:
    """A time at a place, said in one language."""

    visit: Visit
    language: str
    their_zone: str  # the patient's own, or empty

    @property
    def day(self) -> str:
        return say_day(self.visit.starts_at, self.visit.location.zone, self.language)

    @property
    def clock(self) -> str:
        return say_clock(self.visit.starts_at, self.visit.location.zone)

    @property
    def zone(self) -> str:
        return say_zone(self.visit.location.zone, self.language)

    @property
    def is_elsewhere(self) -> bool:
        """Whether the patient's clock shows another hour, so that the zone must be said."""
        site = self.visit.location.zone
        return not same_clock(self.visit.starts_at, site, self.their_zone or site)

    @property
    def place(self) -> str:
        where = self.visit.location
        parts = (where.address_line, where.city, f"{where.state} {where.postal_code}".strip())
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class Page:
    """What the templates of a verified page read."""

    shown: OfferPage
    language: str

    @property
    def showing(self) -> Showing:
        return self.shown.showing

    @property
    def template(self) -> str:
        return f"waitlist/offer_{_TEMPLATES.get(self.showing, self.showing)}.html"

    @property
    def is_behind(self) -> bool:
        """Whether a yes means a place in line."""
        return self.shown.is_behind

    @property
    def is_unsettled(self) -> bool:
        """Whether the page should look again by itself."""
        return self.showing in UNSETTLED

    @property
    def heading(self) -> str:
        if self.shown.is_requested:
            return self.words["requested_heading"]
        earlier = "earlier_heading" if self.shown.old else "open_heading"
        return self.words[_HEADINGS.get(self.showing, earlier)]

    @property
    def visit(self) -> Visit:
        return self.shown.visit

    @cached_property
    def time(self) -> Time:
        return Time(self.shown.visit, self.language, self.shown.patient.zone)

    @cached_property
    def other(self) -> Time | None:
        if self.shown.other is None:
            return None
        return Time(self.shown.other, self.language, self.shown.patient.zone)

    @property
    def is_in_person(self) -> bool:
        return self.visit.modality is Modality.IN_PERSON

    @property
    def phone(self) -> str:
        """The site's own number, else the organization's."""
        return self.visit.location.phone or settings.FIRSTCALL.organization_phone

    @property
    def phone_link(self) -> str:
        return "tel:" + "".join(char for char in self.phone if char.isdigit() or char == "+")

    @cached_property
    def words(self) -> Words:
        return Words(
            self.language,
            organization=settings.FIRSTCALL.organization_name,
            phone=self.phone,
            name=self.shown.patient.given_name,
            site=self.visit.location.short_name,
            clinician=self.visit.clinician,
            minutes=str(self.visit.minutes),
            day=self.time.day,
            clock=self.time.clock,
            zone=self.time.zone,
            old_time=self._old_time,
        )

    @property
    def _old_time(self) -> str:
        old = self.shown.old
        if old is None:
            return ""
        zone = old.location.zone if old.location else self.visit.location.zone
        return say_time(old.starts_at, zone, self.language)

    def calendar_visit(self, booked: Appointment) -> CalendarVisit:
        """The booked visit in neutral words: calendars are shared and synced."""
        where = self.visit.location
        return CalendarVisit(
            uid=f"{booked.identifier}@firstcall",
            starts_at=self.visit.starts_at,
            ends_at=self.visit.ends_at,
            title=self.words["calendar_title"],
            place=f"{where.name}, {self.time.place}" if self.is_in_person else where.name,
            notes=self.words["calendar_notes"],
        )
