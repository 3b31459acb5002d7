"""MLLP framing: one message stands between VT and FS CR (HL7 v2 transport, release 1).

Written here because python-hl7's own reader stops at 64 KiB.
"""

from __future__ import annotations

from collections.abc import Iterator

START = b"\x0b"  # VT
END = b"\x1c\r"  # FS CR

DEFAULT_MAX_BYTES = 1_000_000

#: What may stand between frames without being worth a remark.
_BLANK = b"\r\n \t"


class FrameTooLong(Exception):
    """A message grew past the cap before it ended. `head` is its beginning, to answer from."""

    def __init__(self, head: bytes, max_bytes: int) -> None:
        super().__init__(f"The message is longer than {max_bytes:,} bytes.")
        self.head = head
        self.max_bytes = max_bytes


def frame(payload: bytes) -> bytes:
    """The payload as it goes over the wire."""
    return START + payload + END


class FrameDecoder:
    """Takes a byte stream in pieces of any size, gives whole messages.

    A VT inside a frame means that the sender started over: what came before it is dropped and
    counted, so that two halves are never read as one message. The same count, `stray_bytes`,
    holds whatever stood between frames.
    """

    def __init__(self, *, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self.max_bytes = max_bytes
        self.stray_bytes = 0
        self._buffer = bytearray()
        self._inside = False
        self._searched = 0  # up to here the buffer holds no END

    @property
    def inside_frame(self) -> bool:
        """Whether a message has begun and not ended: a half frame when the stream stops here."""
        return self._inside

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take the next bytes; yield each message that they complete. Iterate it to the end.

        :raises FrameTooLong: after the messages before it; the stream is then of no more use.
        """
        self._buffer += data
        while (message := self._next()) is not None:
            yield message
        if self._inside and len(self._buffer) > self.max_bytes + len(END):
            raise FrameTooLong(bytes(self._buffer[:4096]), self.max_bytes)

    def _next(self) -> bytes | None:
        if not self._inside and not self._enter():
            return None
        end = self._buffer.find(END, self._searched)
        self._drop_abandoned(end)
        end = self._buffer.find(END, self._searched)
        if end < 0:
            self._searched = max(0, len(self._buffer) - len(END) + 1)
            return None
        message = bytes(self._buffer[:end])
        if len(message) > self.max_bytes:
            raise FrameTooLong(message[:4096], self.max_bytes)
        self._reset(end + len(END))
        return message

    def _enter(self) -> bool:
        start = self._buffer.find(START)
        between = self._buffer if start < 0 else self._buffer[:start]
        self.stray_bytes += len(between.translate(None, _BLANK))
        if start < 0:
            self._buffer.clear()
            return False
        del self._buffer[: start + len(START)]
        self._inside = True
        self._searched = 0
        return True

    def _drop_abandoned(self, end: int) -> None:
        stop = len(self._buffer) if end < 0 else end
        restart = self._buffer.rfind(START, self._searched, stop)
        if restart >= 0:
            self.stray_bytes += len(self._buffer[:restart].translate(None, START))
            del self._buffer[: restart + len(START)]
            self._searched = 0

    def _reset(self, taken: int) -> None:
        del self._buffer[:taken]
        self._inside = False
        self._searched = 0
