"""Filters of the desk's screen: who, from where, and since when."""

from __future__ import annotations

import datetime as dt

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import Interaction, Patient, QueueEntry
from crm.saying import reads_in, translated
from desk.queries.task_people import say_number
from desk.queries.waiting import DueTask
from desk.screen import words
from desk.screen.contact import DeskContact
from desk.screen.panels.interpreter import name_of
from outreach.rules.times import say_time
from scheduling.models import Appointment
from waitlist.opening_words import say_span

register = template.Library()


@register.filter
def who(contact: Interaction) -> str:
    """The name, by initials where it is private; else the number, or that there is none."""
    patient = contact.patient
    if patient is not None:
        return patient.initials if patient.sensitivity else str(patient)
    call = getattr(contact, "call", None)
    if call is None:
        return _("New contact")
    if not call.phone:
        return _("Number withheld")
    return _("Unknown, %(number)s") % {"number": say_number(call.phone)}


@register.filter
def where_from(contact: Interaction) -> str:
    """ "(602) 555-0148 · Orthopedics line · pressed 2, “appointments”"; without the number where
    that stands for the name."""
    call = getattr(contact, "call", None)
    if call is None:
        return words.say_channel(contact.channel)[0]
    menu = call.line.menu if call.line else {}
    says = [(key, menu.get(key, {}).get("says", "")) for key in call.pressed]
    pressed = [
        _("pressed %(key)s, “%(said)s”") % {"key": key, "said": said} for key, said in says if said
    ]
    parts = [
        say_number(call.phone) if call.phone and contact.patient_id else "",
        call.line.name if call.line else "",
        *pressed,
        {"relay": _("by a relay operator"), "tty": "TTY"}.get(call.aid, ""),
    ]
    return " · ".join(part for part in parts if part)


@register.filter
def visit_time(visit: Appointment, contact: DeskContact) -> str:
    """ "Tue Dec 1, 9:40 AM" by the clock of its site; where none is known, by the patient's."""
    zone = visit.location.zone if visit.location else contact.zone.key
    return say_time(visit.starts_at, zone, reads_in())


@register.filter
def why_waiting(entry: QueueEntry) -> str:
    """What the agent sees before they take it: the reason, else where it comes from."""
    contact = entry.interaction
    return contact.reason or contact.summary or where_from(contact)


@register.filter
def channel_icon(contact: Interaction) -> str:
    return words.CHANNELS[contact.channel][1]


@register.filter
def acuity_look(acuity: str) -> str:
    return words.ACUITY_LOOK.get(acuity, "routine")


@register.filter
def timer(since: dt.datetime, now: dt.datetime) -> str:
    """ "1:52", "1:02:10" from an hour on; the page keeps it up."""
    seconds = max(0, int((now - since).total_seconds()))
    minutes, left = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


@register.filter
def left(until: dt.datetime, now: dt.datetime) -> str:
    """ "1:52 left", afterwards "0:40 late"; the page keeps it up."""
    if now <= until:
        return _("%(time)s left") % {"time": timer(now, until)}
    return _("%(time)s late") % {"time": timer(until, now)}


@register.filter
def how_long(until: dt.datetime, now: dt.datetime) -> str:
    """ "4 min", for how long still; `app.js` keeps it up in a `<time data-for>`."""
    return say_span(max(0.0, (until - now).total_seconds()))


@register.filter
def due_word(task: DueTask, now: dt.datetime) -> str:
    """ "late", "today", "tomorrow", "in 3 days": by the days of the house, not by hours."""
    if task.due_at < now:
        return _("late")
    days = (task.due_on - task.today).days
    if days > 1:
        return ngettext("in %(n)s day", "in %(n)s days", days) % {"n": days}
    return _("tomorrow") if days == 1 else _("today")


@register.filter
def sex_letter(sex: str) -> str:
    return {"female": "F", "male": "M", "other": "X"}.get(sex) or _("sex unknown")


@register.filter
def languages(patient: Patient) -> str:
    """What they speak, and what they read where it differs."""
    reads, spoken = patient.get_language_display(), name_of(patient.spoken_language)
    if not spoken or spoken == reads:
        return translated(reads)
    said = {"spoken": translated(spoken), "reads": translated(reads)}
    return _("speaks %(spoken)s, reads %(reads)s") % said


@register.filter
def call_type_name(contact: Interaction) -> str:
    """What kind of call it is, in its code's words."""
    return contact.call_type.replace("-", " ").capitalize()


@register.filter
def act_hint(act: str) -> str:
    """Where on the screen an act of the script is done."""
    return translated(words.ACT_HINTS.get(act, ""))
