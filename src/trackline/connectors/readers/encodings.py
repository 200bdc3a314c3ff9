"""Find the character encoding of a text file."""

from __future__ import annotations

import codecs
from typing import IO

from charset_normalizer import from_bytes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: What spreadsheets and CRMs outside Unicode write, most common first. An encoding missing here is never chosen.
_EIGHT_BIT = ["cp1252", "mac_roman", "cp1250", "cp1251", "cp1253", "cp1254", "shift_jis", "gb18030", "big5", "euc_kr"]
_CHUNK = 1 << 20
_SAMPLE = 1 << 16
#: Letters that western European names and places are made of; what else an eight-bit reading gives is rare.
_WESTERN = frozenset("äöüßéèêëàâáãåæçñóòôõøíìîïúùûýÿœšžÄÖÜÉÈÊËÀÂÁÃÅÆÇÑÓÒÔÕØÍÌÎÏÚÙÛÝŒŠŽ’®ºª·")
#: The same for Poland, Czechia, Hungary and their neighbours.
_CENTRAL = frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽőűŐŰăâîşţĂÂÎŞŢľĺŕôĽĹŔäöüßÄÖÜçÇđĐ’")
_LETTERS = {"cp1252": _WESTERN, "mac_roman": _WESTERN, "cp1250": _CENTRAL}
#: Signs that stand beside words, not inside them.
_SIGNS = frozenset("€£§°‘“”„–—…«»©¿¡\u00a0")
_HIGH = bytes(range(128, 256))


def detect_encoding(stream: IO[bytes]) -> tuple[str, str]:
    """Return the codec name and a remark (empty when certain). Reads the stream from its start and rewinds it."""
    stream.seek(0)
    head = stream.read(_SAMPLE)
    stream.seek(0)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, ""
    wide = _wide_without_mark(head)
    if wide:
        return wide, ""
    if _is_utf8(stream):
        return "utf-8", ""
    broken, multibyte, sample = _scan_utf8(stream)
    stream.seek(0)
    if multibyte > 20 * broken:
        return "utf-8", f"{broken} damaged characters were replaced by �"
    return _eight_bit(sample), ""


def _wide_without_mark(head: bytes) -> str:
    """UTF-16 without a byte-order mark: every other byte of western text is NUL."""
    even, odd = head[0:4000:2], head[1:4000:2]
    if not odd:
        return ""
    if odd.count(0) > len(odd) * 0.6 and even.count(0) < len(even) * 0.1:
        return "utf-16-le"
    if even.count(0) > len(even) * 0.6 and odd.count(0) < len(odd) * 0.1:
        return "utf-16-be"
    return ""


def _is_utf8(stream: IO[bytes]) -> bool:
    """Whether the whole stream is well-formed UTF-8. Rewinds it."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := stream.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    finally:
        stream.seek(0)
    return True


def _scan_utf8(stream: IO[bytes]) -> tuple[int, int, bytes]:
    """Count broken and (roughly) well-formed multi-byte sequences; collect lines with bytes above 127 as a sample."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    broken = high = 0
    sample = bytearray()
    while chunk := stream.read(_CHUNK):
        text = decoder.decode(chunk)
        if chunk.isascii():
            continue
        broken += text.count("\ufffd")
        high += len(chunk) - len(chunk.translate(None, _HIGH))
        if len(sample) < _SAMPLE:
            sample += b"\n".join(line for line in chunk.split(b"\n") if not line.isascii())[: _SAMPLE - len(sample)]
    broken += decoder.decode(b"", True).count("\ufffd")
    return broken, (high - broken) // 2, bytes(sample)


def _eight_bit(sample: bytes) -> str:
    """Choose among eight-bit and East Asian encodings by what the characters above 127 turn into."""
    # On a tie the first one wins, which is what most programs write.
    shares = {name: _share(sample, name) for name in _LETTERS}
    best = max(shares, key=lambda name: shares[name])
    if shares[best] >= 0.9:
        return best
    guess = from_bytes(sample, cp_isolation=_EIGHT_BIT).best()
    if guess is not None:
        return str(guess.encoding)
    return "cp1252" if shares["cp1252"] >= 0 else "latin-1"


def _share(sample: bytes, encoding: str) -> float:
    """Share of the characters above 127 that text of the region holds; a capital inside a word counts against it."""
    letters = _LETTERS[encoding]
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return -1.0
    total = good = 0
    for before, character, after in zip(f" {text}", text, f"{text[1:]} ", strict=False):
        if character > "\x7f":
            total += 1
            if character in letters:
                good += not (before.islower() and character.isupper())
            elif character in _SIGNS:
                good += not (before.isalpha() and after.isalpha())
    return good / total if total else 1.0
