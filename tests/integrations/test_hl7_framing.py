"""MLLP framing under any chunking."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.hl7v2.framing import FrameDecoder, FrameTooLong, frame

payloads = st.lists(
    st.binary(max_size=200)
    .map(lambda b: b.replace(b"\x0b", b"").replace(b"\x1c\r", b""))
    .map(lambda b: b.removesuffix(b"\x1c")),
    max_size=6,
)


def chunks(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@settings(deadline=None)  # a busy machine is no failure
@given(payloads=payloads, cuts=st.lists(st.integers(0, 10_000), max_size=30))
def test_gives_back_what_was_framed_however_it_arrives(
    payloads: list[bytes], cuts: list[int]
) -> None:
    decoder = FrameDecoder()
    wire = b"".join(frame(payload) for payload in payloads)
    got = [message for chunk in chunks(wire, cuts) for message in decoder.feed(chunk)]
    assert got == payloads
    assert decoder.stray_bytes == 0
    assert not decoder.inside_frame


@settings(deadline=None)  # a busy machine is no failure
@given(data=st.binary(max_size=300), cuts=st.lists(st.integers(0, 400), max_size=10))
def test_reads_any_bytes_the_same_in_one_piece_and_in_many(data: bytes, cuts: list[int]) -> None:
    wire = frame(b"a") + data + frame(b"z")
    whole, pieces = FrameDecoder(), FrameDecoder()
    at_once = list(whole.feed(wire))
    in_parts = [message for chunk in chunks(wire, cuts) for message in pieces.feed(chunk)]
    assert at_once == in_parts
    assert whole.stray_bytes == pieces.stray_bytes
    assert at_once[0] == b"a"
    assert at_once[-1] == b"z"


def test_gives_several_messages_of_one_read() -> None:
    assert list(FrameDecoder().feed(frame(b"one") + b"\r\n" + frame(b"two"))) == [b"one", b"two"]


def test_keeps_a_half_frame_until_its_end_comes() -> None:
    decoder = FrameDecoder()
    assert list(decoder.feed(b"\x0bMSH|half\x1c")) == []
    assert decoder.inside_frame
    assert list(decoder.feed(b"\r")) == [b"MSH|half"]


def test_ignores_and_counts_bytes_between_frames() -> None:
    decoder = FrameDecoder()
    assert list(decoder.feed(b"junk" + frame(b"x") + b"\r\nmore" + frame(b"y"))) == [b"x", b"y"]
    assert decoder.stray_bytes == 8


def test_drops_a_frame_that_the_sender_started_over() -> None:
    decoder = FrameDecoder()
    assert list(decoder.feed(b"\x0bMSH|first ha" + frame(b"MSH|again"))) == [b"MSH|again"]
    assert decoder.stray_bytes == len(b"MSH|first ha")


def test_takes_a_message_longer_than_64_kib() -> None:
    payload = b"x" * 900_000
    assert list(FrameDecoder().feed(frame(payload))) == [payload]


def test_takes_a_message_of_just_the_cap() -> None:
    assert list(FrameDecoder(max_bytes=10).feed(frame(b"x" * 10))) == [b"x" * 10]


@pytest.mark.parametrize("ended", [b"", b"\x1c\r"])
def test_refuses_a_message_past_the_cap_after_giving_those_before_it(ended: bytes) -> None:
    messages = FrameDecoder(max_bytes=10).feed(frame(b"ok") + b"\x0bMSH|1234567890" + ended)
    assert next(messages) == b"ok"
    with pytest.raises(FrameTooLong) as caught:
        next(messages)
    assert caught.value.head.startswith(b"MSH|")


def test_holds_no_bytes_that_stand_outside_of_frames() -> None:
    decoder = FrameDecoder(max_bytes=10)
    for _ in range(100):
        assert list(decoder.feed(b"n" * 1000)) == []
    assert len(decoder._buffer) == 0
    assert decoder.stray_bytes == 100_000
