"""Samples, and a short way to write messages."""

from __future__ import annotations

from pathlib import Path

from integrations.hl7v2.mapping import map_siu
from integrations.hl7v2.parse import read_message
from integrations.hl7v2.profile import SenderProfile
from scheduling.ports import AppointmentReport

HERE = Path(__file__).parent

CHICAGO = SenderProfile(zone="America/Chicago")

#: A whole S12 in few segments; `lines` replaces or removes them by name.
SMALL = {
    "MSH": "MSH|^~\\&|APP|FAC|||202603021200-0600||SIU^S12^SIU_S12|M1|P|2.5.1",
    "SCH": "SCH|P1|F1|||||||||||||||||||||||Booked",
    "TQ1": "TQ1|1||||||202603100900-0500|202603100930-0500",
    "PID": "PID|1||77^^^MRN^MR||Nuñez^Ana||19800229|F",
    "RGS": "RGS|1",
    "AIS": "AIS|1|A|OV^Office visit",
    "AIL": "AIL|1|A|U1^R1^^North Clinic",
    "AIP": "AIP|1|A|55^Okafor^Chidi|^Physician",
}


def sample(name: str) -> bytes:
    """A sample file as it is."""
    return (HERE / f"{name}.hl7").read_bytes()


def lines(*more: str, **changes: str | None) -> bytes:
    """The small S12 with some segments replaced (or removed by None), and `more` at its end."""
    segments = {**SMALL, **changes}
    kept = [text for text in segments.values() if text is not None]
    return "".join(f"{text}\r" for text in (*kept, *more)).encode()


def event(trigger: str) -> str:
    """MSH of the small message with another trigger event."""
    return SMALL["MSH"].replace("SIU^S12", f"SIU^{trigger}")


def sch(status: str = "Booked", **fields: str) -> str:
    """SCH with a status and some fields by number: `sch(f6="PAT")`."""
    values = {1: "P1", 2: "F1", 25: status} | {int(k[1:]): v for k, v in fields.items()}
    return "SCH|" + "|".join(values.get(number, "") for number in range(1, 26))


def report(raw: bytes, sender: SenderProfile = CHICAGO) -> AppointmentReport:
    """Read and map."""
    return map_siu(read_message(raw), sender)
