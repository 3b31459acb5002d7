"""From bytes to text: what MSH-18 says, and what to do when it is silent or wrong."""

from __future__ import annotations

#: HL7 table 0211, in lower case without blanks and without "ISO", to Python's codecs.
_CODECS = {
    "ascii": "ascii",
    "ir6": "ascii",
    "unicode": "utf-8",
    "unicodeutf-8": "utf-8",
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "gb18030-2000": "gb18030",
    "big-5": "big5",
    "ksx1001": "euc_kr",
} | {f"8859/{part}": f"iso8859-{part}" for part in (*range(1, 12), *range(13, 17))}


def codec_for(name: str) -> str | None:
    """Python's codec for a character set as MSH-18 or a profile names it, or None."""
    key = "".join(name.split()).lower().removeprefix("iso").removeprefix("-")
    return _CODECS.get(key.replace("8859-", "8859/"))


def decode(raw: bytes, *, declared: str, default: str) -> tuple[str, str, str]:
    """The text, the codec that read it, and a remark (empty when all was as declared).

    Tried in order: the declared set, the sender's usual one, UTF-8, and at last latin-1, which
    reads anything: a wrong accent in a name is better than a lost cancellation.
    """
    wanted = codec_for(declared) if declared else codec_for(default)
    if wanted == "iso8859-1":
        wanted = _western(raw)
    for name in dict.fromkeys((wanted, codec_for(default), "utf-8", _western(raw))):
        if name is None:
            continue
        try:
            text = raw.decode(name)
        except UnicodeDecodeError:
            continue
        return text, name, _remark(declared, wanted, name)
    raise AssertionError("latin-1 reads every byte")


def _western(raw: bytes) -> str:
    """Windows-1252 where its quotes and dashes stand in the place of control codes."""
    if not any(0x80 <= byte <= 0x9F for byte in raw):
        return "iso8859-1"
    try:
        raw.decode("cp1252")
    except UnicodeDecodeError:
        return "iso8859-1"
    return "cp1252"


def _remark(declared: str, wanted: str | None, used: str) -> str:
    if declared and wanted is None:
        return f"MSH-18: unknown character set, read as {used}."
    if wanted is not None and wanted != used:
        where = "MSH-18" if declared else "MSH-18 is empty"
        return f"{where}: the text is not {wanted}, read as {used}."
    return ""
