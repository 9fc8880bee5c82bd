"""Events that nobody would write: no view and no format falls over them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exlib.console import Console
from exlib.logs.model import Source
from exlib.logs.reading.events import EventReader
from exlib.logs.views import Telling, forms
from exlib.report.wording import Voice
from tests.logs.story import NEW_YEAR, raw, told

BODIES = [json.loads(line) for line in raw(told()).splitlines()]
STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -1, 0, 2**63]),
    st.floats(),
    st.text(),
    st.sampled_from(
        [
            "9999-12-31T23:59:59.999Z",
            "0001-01-01T00:00:00.000Z",
            "2026-01-01T00:00:00+25:00",
            "2026-01-01",
            "\ud800",
            "success",
            "running",
            "\x1b[31m",
        ]
    ),
    st.lists(st.none(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
)
FORMS = [(view, form) for view in ("summary", "errors", "patterns") for form in forms(view)]


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    bodies: list[dict[str, Any]] = [dict(body) for body in BODIES]
    for _ in range(draw(st.integers(1, 6))):
        body = draw(st.sampled_from(bodies))
        body[draw(st.sampled_from(sorted(body)))] = draw(STRANGE)
    order = draw(st.permutations(bodies)) if draw(st.booleans()) else bodies
    return "".join(json.dumps(body) + "\n" for body in order).encode()


@pytest.mark.parametrize(("view", "form"), FORMS)
@settings(max_examples=60)
@given(data=streams())
def test_no_stream_is_too_much(view: str, form: str, data: bytes) -> None:
    written(view, form, data)


@pytest.mark.parametrize("value", [-1, 10**400, 10**4000], ids=["negative", "huge", "endless"])
@pytest.mark.parametrize("field", ["run", "attempt", "jobs", "workers", "number", "attempts", "memory", "exit_code"])
def test_numbers_out_of_all_bounds_are_damage(field: str, value: int) -> None:
    bodies = [body | ({field: value} if field in body else {}) for body in BODIES]
    data = "".join(json.dumps(body) + "\n" for body in bodies).encode()
    for view, form in FORMS:
        written(view, form, data)
    assert "could not be read" in written("summary", "text", data)


def written(view: str, form: str, data: bytes) -> str:
    telling = Telling(Voice(Console(), None), 80, NEW_YEAR)
    shape = forms(view)[form]
    sink = shape.reader(telling)
    reader = EventReader(Source("events", "x"), sink)
    reader.feed(data)
    reader.finish()
    damages = reader.damages
    product = shape.write(sink, telling._replace(damages=tuple(damages.first), damaged=damages.counts))
    product.encode()
    assert form != "text" or "\x1b" not in product
    return product
