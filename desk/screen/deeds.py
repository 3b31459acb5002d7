"""What the command bar offers to do: in the contact on the screen, and on other pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crm.models import User
from crm.rules.names import plain
from crm.saying import reads_in
from desk.screen.contact import DeskContact
from outreach.rules.times import say_time

#: Pages that are reached from anywhere: words, icon, and where it is.
PAGES: Final = (
    (gettext_noop("Find a slot"), "calendar-plus", "desk:slots"),
    (gettext_noop("Tasks"), "list-check", "desk:tasks"),
    (gettext_noop("Openings and offers"), "calendar-time", "waitlist:openings"),
    (gettext_noop("Demand that found no time"), "chart-bar", "desk:demand"),
    (gettext_noop("Decision trees"), "route", "desk:trees"),
    (gettext_noop("Treatment plans"), "report-medical", "desk:plans"),
    (gettext_noop("Schedules"), "calendar", "desk:schedules"),
    (gettext_noop("Knowledge"), "book", "desk:knowledge"),
    (gettext_noop("Who is working, live"), "broadcast", "desk:live"),
    (gettext_noop("Records that may be one person"), "git-merge", "desk:records"),
)
#: So many are shown.
MOST: Final = 6


@dataclass(frozen=True, slots=True)
class Deed:
    """`in_dialog`: it opens over the conversation; `is_here`: it is a panel of this page; else it
    is another page, in a new tab."""

    word: str
    icon: str
    url: str
    in_dialog: bool = False
    is_here: bool = False


def deeds_for(said: str, *, contact: DeskContact | None, user: User) -> tuple[Deed, ...]:
    """Those each of whose typed words begins one of theirs; the contact's own first."""
    words = plain(said).split()
    if not words:
        return ()
    own = list(_in_contact(contact)) if contact is not None and _may_act(contact, user) else []
    fits = [deed for deed in (*own, *_pages()) if _fits(words, deed)]
    return tuple(fits[:MOST])


def _may_act(contact: DeskContact, user: User) -> bool:
    return contact.mine(user) and not contact.is_over


def _fits(words: list[str], deed: Deed) -> bool:
    theirs = plain(deed.word).split()
    return all(any(each.startswith(one) for each in theirs) for one in words)


def _pages() -> Iterator[Deed]:
    for word, icon, name in PAGES:
        try:
            yield Deed(_(word), icon, reverse(name))
        except NoReverseMatch:  # a page that this installation does not have
            continue


def _in_contact(contact: DeskContact) -> Iterator[Deed]:
    def deed(word: str, icon: str, name: str, *keys: int) -> Deed:
        url = reverse(f"desk:screen-{name}", args=[contact.pk, *keys])
        return Deed(word, icon, url, in_dialog=True)

    yield deed(_("Hand off, transfer"), "switch-horizontal", "handoff")
    yield deed(_("Wrap up, end"), "writing", "wrap")
    yield deed(_("Interpreter, language"), "message-language", "interpreter")
    if contact.patient is None:
        yield deed(_("Register a new patient"), "user-plus", "register")
    if not contact.is_verified:
        return
    yield Deed(_("Refill a medicine"), "pill", "#panel-refills", is_here=True)
    for visit in contact.visits_ahead[:MOST]:
        if visit.location is not None:
            when = say_time(visit.starts_at, visit.location.zone, reads_in())
            word = _("Cancel the visit of %(when)s") % {"when": when}
            yield deed(word, "calendar-x", "cancel", visit.pk)
