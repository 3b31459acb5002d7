"""MLLP client: one message out, one answer back."""

from __future__ import annotations

import contextlib
import socket
import time

from integrations.hl7v2.framing import FrameDecoder, FrameTooLong, frame


class MllpFailed(Exception):
    """No answer came. The message may have been taken all the same: send it again unchanged."""


class MllpRefused(MllpFailed):
    """Nobody listens there, so nothing was sent."""


def send(host: str, port: int, raw: bytes, timeout: float) -> bytes:
    """Send one unframed message and return the unframed answer.

    :param timeout: seconds for all of it.
    :raises MllpRefused: when no connection was made.
    :raises MllpFailed: when the connection broke, timed out, or held no whole answer.
    """
    deadline = time.monotonic() + timeout
    try:
        connection = socket.create_connection((host, port), timeout=timeout)
    except OSError as error:
        raise MllpRefused(f"No connection to {host}:{port}: {error}.") from error
    with contextlib.closing(connection):
        try:
            connection.sendall(frame(raw))
            return _answer(connection, deadline)
        except (OSError, FrameTooLong) as error:
            raise MllpFailed(f"No answer from {host}:{port}: {error}.") from error


def _answer(connection: socket.socket, deadline: float) -> bytes:
    decoder = FrameDecoder()
    while (left := deadline - time.monotonic()) > 0:
        connection.settimeout(left)
        data = connection.recv(65536)
        if not data:
            raise ConnectionError("the other side hung up")
        for message in decoder.feed(data):
            return message
    raise TimeoutError("timed out")
