"""Rooms by address: for providers that open a room when somebody comes to it.

Jitsi Meet on one's own server is such a provider (`VIDEO_URL=https://meet.clinic.org/{room}`);
so is any other that takes a room's name in its address. No account, no call: the name is derived
from our key and cannot be guessed, and the same visit at the same time always gets the same one.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from urllib.parse import urlsplit

from django.conf import settings

from scheduling.ports import VideoLink, VideoUnavailable

#: 20 bytes, 160 bits: 32 letters and digits.
NAME_BYTES = 20
_LOCAL = frozenset({"localhost", "127.0.0.1"})


class RoomByAddress:
    """Fulfills `scheduling.ports.VideoGateway`."""

    def create_room(
        self, identifier: str, starts_at: dt.datetime, ends_at: dt.datetime
    ) -> VideoLink:
        """:raises VideoUnavailable: when no address is set, or it is none to send people to."""
        room = _name(f"{identifier} {starts_at.astimezone(dt.UTC).isoformat()}")
        template = settings.FIRSTCALL.video_url
        patient_url = _fill(template, room)
        return VideoLink(
            patient_url, _fill(settings.FIRSTCALL.video_clinician_url or template, room)
        )


def _name(of: str) -> str:
    key = settings.SECRET_KEY.encode()
    digest = hmac.new(key, f"firstcall.video {of}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:NAME_BYTES]).decode().lower()


def _fill(template: str, room: str) -> str:
    if not template:
        raise VideoUnavailable("No provider of video rooms is set (VIDEO_URL).")
    if "{room}" not in template:
        raise VideoUnavailable("VIDEO_URL does not say where the room's name goes: {room}.")
    url = template.replace("{room}", room)
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        raise VideoUnavailable("VIDEO_URL must begin with https://.")
    return url
