"""MLLP server: reads frames, hands each to a handler in a thread, sends back what it returns.

One asyncio loop holds the connections, so that a slow or silent peer costs no thread; the
handlers run in a small pool, one message at a time per connection, in its order. A message is
answered only after its handler has returned. When the handler fails nothing is answered and the
connection closes: the sender still holds the message and sends it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import traceback
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog

from crm import clock
from integrations.hl7v2.ack import refuse
from integrations.hl7v2.errors import ErrorCode, Hl7Unreadable
from integrations.hl7v2.framing import DEFAULT_MAX_BYTES, END, FrameDecoder, FrameTooLong, frame
from integrations.hl7v2.parse import read_header

logger = structlog.get_logger(__name__)

_READ_BYTES = 65536


@dataclass(frozen=True, slots=True)
class PeerInfo:
    """The other end of a connection."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one peer may take up. Times are seconds.

    `idle_timeout`: between messages; engines keep connections open all day.
    `frame_timeout`: from a message's first byte to its last, however fast the bytes drip.
    `write_timeout`: for the peer to take its answer.
    `stop_timeout`: for messages in hand to be finished on the way out.
    `share_port`: let other listeners open the same port; the kernel deals the connections out
    (SO_REUSEPORT: Linux).
    """

    max_bytes: int = DEFAULT_MAX_BYTES
    max_connections: int = 100
    max_handlers: int = 4
    idle_timeout: float = 3600.0
    frame_timeout: float = 30.0
    write_timeout: float = 10.0
    stop_timeout: float = 10.0
    share_port: bool = False


Handler = Callable[[bytes, PeerInfo], bytes]
#: Is told of a message past the cap: its beginning, the cap, and who sent it.
TooLongHandler = Callable[[bytes, int, PeerInfo], None]


class MllpListener:
    """A listener on one address: `start`, then `stop`. For a whole process, `run`."""

    def __init__(
        self,
        *,
        handle: Handler,
        host: str,
        port: int,
        limits: Limits | None = None,
        note_too_long: TooLongHandler | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._handle = handle
        self._note_too_long = note_too_long
        self._address = (host, port)
        self._connections: set[asyncio.Task[None]] = set()
        self._busy: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._pool = ThreadPoolExecutor(self.limits.max_handlers, thread_name_prefix="mllp")

    @property
    def port(self) -> int:
        """The port in use, also when 0 was asked for. Only after `start`."""
        assert self._server is not None, "not started"  # noqa: S101 - for the type
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Open the port. :raises OSError: when it is taken."""
        host, port = self._address
        self._server = await asyncio.start_server(
            self._accept,
            host,
            port,
            limit=_READ_BYTES,
            reuse_port=self.limits.share_port or None,
        )

    async def stop(self) -> None:
        """Take no more connections, end idle ones, and let messages in hand be answered."""
        if self._server is not None:
            self._server.close()
        for task in self._connections - self._busy:
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections, timeout=self.limits.stop_timeout)
        for task in self._connections:
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections)
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = writer.get_extra_info("peername")[:2]
        peer = PeerInfo(str(host), int(port))
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - for the type: streams run this in a task
        if len(self._connections) >= self.limits.max_connections:
            logger.warning("mllp.too-many-connections", peer=str(peer))
            writer.transport.abort()
            return
        self._connections.add(task)
        try:
            await self._converse(reader, writer, peer, task)
        except (ConnectionError, TimeoutError) as error:
            logger.info("mllp.connection-ended", peer=str(peer), reason=type(error).__name__)
        except asyncio.CancelledError:
            logger.info("mllp.connection-ended", peer=str(peer), reason="stopping")
        finally:
            await self._hang_up(writer)
            self._busy.discard(task)
            self._connections.discard(task)

    async def _hang_up(self, writer: asyncio.StreamWriter) -> None:
        writer.close()
        with contextlib.suppress(ConnectionError, TimeoutError, asyncio.CancelledError):
            async with asyncio.timeout(self.limits.write_timeout):
                await writer.wait_closed()
                return
        writer.transport.abort()  # a peer that does not take its answer

    async def _converse(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        peer: PeerInfo,
        task: asyncio.Task[None],
    ) -> None:
        decoder = FrameDecoder(max_bytes=self.limits.max_bytes)
        try:
            async with contextlib.aclosing(self._messages(reader, decoder, peer)) as messages:
                async for message in messages:
                    self._busy.add(task)
                    answer = await self._answer(message, peer)
                    if answer is None:
                        return
                    await self._write(writer, answer)
                    self._busy.discard(task)
                    if self._is_stopping:
                        return
        except FrameTooLong as error:
            logger.warning("mllp.frame-too-long", peer=str(peer), max_bytes=error.max_bytes)
            await self._note(error, peer)
            loop = asyncio.get_running_loop()
            await self._write(writer, await loop.run_in_executor(self._pool, _too_long, error))
            await self._read_out(reader)

    async def _note(self, error: FrameTooLong, peer: PeerInfo) -> None:
        """Its sender is refused all the same when nobody can write it down just now."""
        if self._note_too_long is None:
            return
        loop, note = asyncio.get_running_loop(), self._note_too_long
        try:
            await loop.run_in_executor(self._pool, note, error.head, error.max_bytes, peer)
        except Exception as failed:  # noqa: BLE001
            logger.error("mllp.note-failed", peer=str(peer), error=type(failed).__name__)

    async def _read_out(self, reader: asyncio.StreamReader) -> None:
        """Let the peer finish: closing on unread bytes would reset the answer away."""
        tail = b""
        async with asyncio.timeout(self.limits.frame_timeout):
            while END not in tail and (data := await reader.read(_READ_BYTES)):
                tail = tail[-1:] + data

    @property
    def _is_stopping(self) -> bool:
        return self._server is None or not self._server.is_serving()

    async def _messages(
        self, reader: asyncio.StreamReader, decoder: FrameDecoder, peer: PeerInfo
    ) -> AsyncGenerator[bytes, None]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.limits.idle_timeout
        noted = 0
        while True:
            async with asyncio.timeout_at(deadline):
                data = await reader.read(_READ_BYTES)
            if not data:
                break
            was_inside = decoder.inside_frame
            taken = False
            for message in decoder.feed(data):
                taken = True
                yield message
            if decoder.inside_frame and (taken or not was_inside):
                deadline = loop.time() + self.limits.frame_timeout
            elif taken:
                deadline = loop.time() + self.limits.idle_timeout
            if decoder.stray_bytes > noted:
                noted = decoder.stray_bytes
                logger.warning("mllp.stray-bytes", peer=str(peer), count=noted)
        if decoder.inside_frame:
            logger.warning("mllp.half-frame", peer=str(peer))

    async def _answer(self, message: bytes, peer: PeerInfo) -> bytes | None:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._pool, self._handle, message, peer)
        except Exception as error:  # noqa: BLE001 - whatever it is, the sender must keep the message
            # The text of the error may repeat the message; its type and place do not.
            last = traceback.extract_tb(error.__traceback__)[-1]
            logger.error(
                "mllp.handler-failed",
                peer=str(peer),
                error=type(error).__name__,
                where=f"{last.filename}:{last.lineno}",
            )
            return None

    async def _write(self, writer: asyncio.StreamWriter, answer: bytes) -> None:
        writer.write(frame(answer))
        async with asyncio.timeout(self.limits.write_timeout):
            await writer.drain()


def _too_long(error: FrameTooLong) -> bytes:
    refusal = Hl7Unreadable(field="MSH", sentence=str(error), error_code=ErrorCode.WRONG_TYPE)
    return refuse(read_header(error.head), refusal, at=clock.now())


def run(
    *,
    handle: Handler,
    host: str,
    port: int,
    limits: Limits | None = None,
    note_too_long: TooLongHandler | None = None,
    on_ready: Callable[[int], None] | None = None,
) -> None:
    """Listen until SIGTERM or SIGINT. Blocks; call it in the main thread.

    :param on_ready: called with the port once it is open.
    :raises OSError: when the address cannot be had.
    """
    listener = MllpListener(
        handle=handle, host=host, port=port, limits=limits, note_too_long=note_too_long
    )
    asyncio.run(_run(listener, on_ready))


async def _run(listener: MllpListener, on_ready: Callable[[int], None] | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await listener.start()
    if on_ready is not None:
        on_ready(listener.port)
    try:
        await stop.wait()
    finally:
        await listener.stop()
