"""Bytes to text to JSON, refusing with a position whatever a workflow must not hold."""

from __future__ import annotations

import codecs
import json
import math
from typing import Any

from exlib.document import flaws
from exlib.document.flaws import MAX_DEPTH, Flaw
from exlib.document.syntax import explain

_BOMS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


class Refused(Exception):
    """The bytes are not an acceptable JSON object; ``text`` is what could be decoded."""

    def __init__(self, text: str, *flaws: Flaw) -> None:
        super().__init__(flaws[0].message)
        self.text = text
        self.flaws = flaws


def to_text(raw: bytes) -> str:
    """Decode UTF-8, with or without a BOM. Raises Refused for any other encoding."""
    for bom, name in _BOMS:
        if raw.startswith(bom):
            raise Refused("", _wrong_encoding(name))
    zeros = [raw[start:64:4].count(0) for start in range(4)]
    if sum(zeros) > len(raw[:64]) // 4:
        raise Refused("", _wrong_encoding(_by_zeros(zeros)))
    body = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        good = len(body[: error.start].decode("utf-8"))
        shown = body.decode("utf-8", errors="replace")
        if error.reason == "unexpected end of data":
            message, mend = "the document ends inside a character", "the file was cut off: write it again, whole"
            raise Refused(shown, Flaw("E102", message, good, mend)) from None
        message = f"byte 0x{body[error.start]:02x} is not valid UTF-8"
        raise Refused(shown, Flaw("E101", message, good, "save the file as UTF-8")) from None


def to_data(text: str) -> dict[str, Any]:
    """Parse the text of one JSON object. Raises Refused with every flaw that can be told apart."""
    decoder = _Decoder()
    try:
        data = decoder.decode(text)
    except json.JSONDecodeError as error:
        raise Refused(text, flaws.too_deep(text, error.pos) or explain(text, error)) from None
    except RecursionError:
        unknown = Flaw("E105", "nested too deeply to be read", 0)
        raise Refused(text, flaws.too_deep(text) or unknown) from None
    except ValueError as error:  # an integer of more digits than Python converts
        raise Refused(text, *(list(flaws.numbers(text)) or [Flaw("E103", str(error), 0)])) from None
    if _depth_exceeds(data):
        raise Refused(text, *filter(None, [flaws.too_deep(text)]))
    found = list(flaws.escapes(text))
    if decoder.repeated:
        found += flaws.repeated_keys(text)
    if decoder.endless:
        found += flaws.numbers(text)
    if not isinstance(data, dict):
        found.append(_not_an_object(text, data))
    if found:
        raise Refused(text, *sorted(found, key=lambda flaw: flaw.offset))
    return data  # type: ignore[no-any-return]


class _Decoder(json.JSONDecoder):
    """The C parser, noting on the way what needs a closer look: that look is paid for only then."""

    def __init__(self) -> None:
        self.repeated = False
        self.endless = False
        super().__init__(object_pairs_hook=self._object, parse_float=self._float, parse_constant=self._constant)

    def _object(self, items: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) != len(items):
            self.repeated = True
        return made

    def _float(self, digits: str) -> float:
        number = float(digits)
        if math.isinf(number):
            self.endless = True
        return number

    def _constant(self, _name: str) -> float:
        self.endless = True
        return 0.0


def _depth_exceeds(data: Any) -> bool:
    """Whether ``data`` nests deeper than MAX_DEPTH: Pythons differ in what they refuse, we do not."""
    layer = [data] if isinstance(data, (dict, list)) else []
    for _ in range(MAX_DEPTH):
        layer = [
            item
            for group in layer
            for item in (group.values() if type(group) is dict else group)
            if type(item) is dict or type(item) is list
        ]
        if not layer:
            return False
    return True


def _not_an_object(text: str, data: Any) -> Flaw:
    start = len(text) - len(text.lstrip())
    kind = {list: "a list", str: "a string", bool: "a boolean", type(None): "null"}.get(type(data), "a number")
    mend = 'wrap it: {"application_name": "...", "jobs": [...]}' if isinstance(data, list) else None
    return Flaw("E108", f"a workflow is a JSON object, this is {kind}", start, mend)


def _by_zeros(zeros: list[int]) -> str:
    """ASCII in UTF-16 has every second byte zero, in UTF-32 three of four."""
    nonempty = sum(1 for count in zeros if not count)
    return {2: "UTF-16", 1: "UTF-32"}.get(nonempty, "binary data")


def _wrong_encoding(name: str) -> Flaw:
    mend = None if name == "binary data" else f"convert it: iconv -f {name} -t UTF-8 FILE"
    return Flaw("E107", f"the input is {name}, not UTF-8", 0, mend)
