"""Ring the desk: what a telephone system would tell, signed and posted to the web server."""

from __future__ import annotations

import uuid
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from config.env import split
from crm import clock
from crm.models import Agent, PatientPhone, PhoneLine
from crm.rules.calls import CallNews, CallTold
from crm.states import Aid
from integrations.phone_wall.calling import SOURCE
from integrations.telephony.client import NotTold, tell
from scheduling.models import Appointment
from scheduling.states import AppointmentStatus


class Command(BaseCommand):
    """Demo only. Says which call it was, so that the next command can go on with it."""

    help = "Places a call to the desk as a telephone system would, and goes on with one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        caller = parser.add_mutually_exclusive_group()
        caller.add_argument("--from", dest="number", help="the caller's number, or anonymous")
        caller.add_argument("--patient", type=int, help="the key of a patient: from their phone")
        caller.add_argument("--call", help="go on with this call instead of a new one")
        parser.add_argument("--line", help="name or number of the line; default: the first")
        parser.add_argument("--press", action="append", default=[], help="a key of the menu")
        parser.add_argument("--at", metavar="USER", help="at whose telephone it rings")
        parser.add_argument("--answer", metavar="USER", help="who answers, by user name")
        parser.add_argument("--hold", action="store_true", help="put the caller on hold")
        parser.add_argument("--resume", action="store_true", help="take them off hold")
        parser.add_argument("--hang-up", action="store_true", help="end the call")
        parser.add_argument("--aid", choices=list(Aid), default=Aid.NONE, help="relay or TTY")
        parser.add_argument("--url", default="", help="default: the web server of this machine")

    def handle(self, *args: Any, **options: Any) -> None:
        env = settings.FIRSTCALL
        if not env.firstcall_demo:
            raise CommandError("Calls are made up in demo mode only (FIRSTCALL_DEMO=1).")
        base = options["url"].rstrip("/") or f"http://127.0.0.1:{env.firstcall_web_port}"
        own = split(env.telephony_secret.get_secret_value())
        secret = (own or split(env.webhook_secret.get_secret_value()))[0]
        key = options["call"] or uuid.uuid4().hex[:12]
        for news, said in _story(options):
            at = clock.now()
            told = CallTold(source=SOURCE, source_id=key, news=news, at=at, **said)
            try:
                tell(told, base=base, secret=secret, at=at)
            except NotTold as error:
                raise CommandError(str(error)) from error
            self.stdout.write(f"{news:<9} {said.get('key') or said.get('extension') or ''}".strip())
        self.stdout.write(f"Go on with it: manage.py ring --call {key} --hang-up")


def _story(options: dict[str, Any]) -> Iterator[tuple[CallNews, dict[str, Any]]]:
    """What to tell, in order, with what each says."""
    if not options["call"]:
        numbers = {"caller": _caller(options), "called": _line(options["line"])}
        rings_at = {"extension": _extension(options["at"])} if options["at"] else {}
        yield CallNews.RANG, numbers | {"aid": Aid(options["aid"])} | rings_at
    for key in options["press"]:
        yield CallNews.PRESSED, {"key": key}
    if options["answer"]:
        yield CallNews.ANSWERED, {"extension": _extension(options["answer"])}
    for option, news in (
        ("hold", CallNews.HELD),
        ("resume", CallNews.RESUMED),
        ("hang_up", CallNews.ENDED),
    ):
        if options[option]:
            yield news, {}


def _caller(options: dict[str, Any]) -> str:
    """A number: as asked for, else of somebody with a visit to come."""
    if options["number"]:
        return str(options["number"])
    phones = PatientPhone.objects.filter(ended_on=None).order_by("rank", "pk")
    if options["patient"]:
        use = phones.select_related("phone").filter(patient=options["patient"]).first()
        if use is None:
            raise CommandError(f"Patient {options['patient']} has no phone, or does not exist.")
        return str(use.phone.number)
    coming = Appointment.objects.filter(
        status=AppointmentStatus.BOOKED, starts_at__gt=clock.now()
    ).values("patient")
    use = phones.select_related("phone").filter(patient__in=coming).order_by("?").first()
    return str(use.phone.number) if use else ""


def _line(words: str | None) -> str:
    lines = PhoneLine.objects.filter(is_active=True).order_by("pk")
    if words:
        lines = lines.filter(Q(name__icontains=words) | Q(number=words))
    line = lines.first()
    if line is None:
        names = ", ".join(PhoneLine.objects.order_by("pk").values_list("name", flat=True))
        raise CommandError(f"There is no such line. Lines: {names or 'none'}.")
    return str(line.number)


def _extension(username: str) -> str:
    agent = Agent.objects.filter(user__username=username).exclude(extension="").first()
    if agent is None:
        raise CommandError(f"{username} has no extension. Give them one in the admin, at Agents.")
    return agent.extension
