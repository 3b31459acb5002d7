"""HL7 messages over MLLP, stored and applied before they are answered, beside the parser alone.

Each visit is told of three times: booked, moved, cancelled by its patient. A connection sends its
next message when the last one was answered, as interface engines do. The floor reads the same
messages in this process, without a network, a database or a disk.
"""

from __future__ import annotations

import datetime as dt
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from bench import stage  # noqa: F401 Django, on a database of this script's own
from bench.common import Report, Row, finish, parser, say_so
from bench.population import SOURCE, Population, populate
from bench.processes import Firstcall, firstcall
from crm import clock
from integrations.hl7v2.ack import read_acks
from integrations.hl7v2.build import Person, Visit, siu
from integrations.hl7v2.framing import FrameDecoder, frame
from integrations.hl7v2.parse import read_message
from integrations.models import Hl7Sender, InboxMessage
from integrations.states import InboxStatus

SENDER = "BENCH|LOOPBACK"
EVENTS = ("S12", "S13", "S15")
LEAST = 1 / 3
CONNECTIONS = (1, 8)
PATIENTS = 2_000


def main() -> int:
    arguments = parser("hl7", size=900, of="messages for each number of connections")
    chosen = arguments.parse_args()
    return finish(measure(chosen.size), as_json=chosen.json)


def measure(size: int) -> Report:
    """Send `size` messages over one connection, then as many over eight."""
    at = clock.now()
    population = populate(PATIENTS, at=at)
    Hl7Sender.objects.create(name=SENDER, source=SOURCE, zone=population.zone)
    made = Report("hl7", size)
    visits = max(1, size // len(EVENTS))
    first = 0
    alone = parsed_a_second([raw for n in range(visits) for raw in story(population, n, at)])
    made.figures["parser_per_second"] = alone
    with firstcall("mllp", environ={}) as ours:
        exchange(ours, [story(population, 10**6, at)])  # connections and plans
        for connections in CONNECTIONS:
            say_so(f"  {visits * len(EVENTS)} messages over {connections} connections …")
            stories = [story(population, first + n, at) for n in range(visits)]
            first += visits
            shares = [stories[n::connections] for n in range(connections)]
            began = time.perf_counter()
            with ThreadPoolExecutor(connections) as pool:
                refused = sum(pool.map(lambda share: exchange(ours, share), shares))
            rate = visits * len(EVENTS) / (time.perf_counter() - began)
            if refused:
                made.failures.append(f"{refused} messages were not accepted")
            made.rows.append(row(connections, rate, alone))
            made.figures[f"messages_per_second_{connections}"] = rate
    unsettled = InboxMessage.objects.exclude(status=InboxStatus.APPLIED).count()
    if unsettled:
        made.failures.append(f"{unsettled} messages were not applied")
    return made


def story(population: Population, number: int, at: dt.datetime) -> list[bytes]:
    """One visit's three messages."""
    slot = at.replace(second=0, microsecond=0) + dt.timedelta(days=30, minutes=30 * number)
    patient = 1 + number % population.patients
    person = Person(
        identifiers=((SOURCE, f"patient-{patient}"),),
        family_name=f"Family{patient}",
        given_name=f"Given{patient}",
        birth_on=dt.date(1950, 1, 1) + dt.timedelta(days=patient),
    )
    clinician = f"provider-{number % len(population.roles)}"
    application, facility = SENDER.split("|")
    told = []
    for order, event in enumerate(EVENTS):
        starts_at = slot + dt.timedelta(days=order)
        visit = Visit(
            filler_id=f"bench-{number}",
            starts_at=starts_at,
            ends_at=starts_at + dt.timedelta(minutes=30),
            provider=(clinician, "Clinician", ""),
            location="site",
            visit_type=(population.visit_type.code, population.visit_type.name),
            reason=("PATIENT", "patient asked") if event == "S15" else ("", ""),
        )
        told.append(
            siu(
                event,
                control_id=f"{number}-{order}",
                sent_at=at - dt.timedelta(minutes=10) + dt.timedelta(seconds=order),
                visit=visit,
                patient=person,
                sending_application=application,
                sending_facility=facility,
            )
        )
    return told


def exchange(ours: Firstcall, stories: list[list[bytes]]) -> int:
    """Send them one by one on one connection; how many were not accepted."""
    refused = 0
    with socket.create_connection(("127.0.0.1", ours.mllp_port), timeout=60) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        decoder = FrameDecoder()
        for told in stories:
            for raw in told:
                line.sendall(frame(raw))
                refused += not read_acks(_answer(line, decoder))[0].is_accepted
    return refused


def _answer(line: socket.socket, decoder: FrameDecoder) -> bytes:
    while data := line.recv(65536):
        for message in decoder.feed(data):
            return message
    raise ConnectionError("the listener hung up")


def parsed_a_second(messages: list[bytes]) -> float:
    """How many of these messages the parser reads in a second: the best of three rounds."""
    best = 0.0
    for _ in range(3):
        began = time.perf_counter()
        for raw in messages:
            read_message(raw)
        best = max(best, len(messages) / (time.perf_counter() - began))
    return best


def row(connections: int, rate: float, alone: float) -> Row:
    share = rate / alone
    plural = "s" if connections > 1 else ""
    return Row(
        what="HL7 messages stored and applied",
        at=f"{connections} connection{plural}",
        measured=f"{rate:.0f} a second",
        floor=f"parser alone {alone:,.0f} a second",
        ratio=share,
        aim="at least 1/3",
        met=share >= LEAST,
    )


if __name__ == "__main__":
    sys.exit(main())
