from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exlib.environment import LONGEST, expand, inherited, is_secret, layered, masked, references


def test_each_layer_covers_the_ones_below() -> None:
    shell = {"A": "shell", "B": "shell", "C": "shell", "D": "shell"}
    assert layered(shell, {"B": "app", "C": "app", "D": "app"}, {"C": "job", "D": "job"}, {"D": "cli"}) == {
        "A": "shell",
        "B": "app",
        "C": "job",
        "D": "cli",
    }
    assert shell["B"] == "shell"


def test_a_reference_means_the_variable_as_the_job_sees_it() -> None:
    app = {"BASE": "/srv", "DATA": "${BASE}/data"}
    assert layered({}, app)["DATA"] == "/srv/data"
    assert layered({}, app, {"BASE": "/other"})["DATA"] == "/other/data"
    assert layered({"BASE": "/shell"}, {"DATA": "${BASE}/data"})["DATA"] == "/shell/data"


def test_a_reference_to_its_own_name_means_the_layer_below() -> None:
    layers = {"PATH": "/bin"}, {"PATH": "${HOME}/bin:${PATH}"}, {"PATH": "/opt:${PATH}"}, {"HOME": "/h"}
    assert layered(*layers)["PATH"] == "/opt:/h/bin:/bin"
    assert layered({}, {"X": "a"}, {"X": "${X}${X}b"}, {"X": "<${X}>"}) == {"X": "<aab>"}


def test_a_reference_to_its_own_name_with_nothing_below_stays() -> None:
    assert layered({}, {"X": "${X}:a"}) == {"X": "${X}:a"}
    assert layered({}, {"X": "${X}:a"}, {"X": "${X}:b"}) == {"X": "${X}:a:b"}


def test_inherited_values_are_never_expanded() -> None:
    shell = {"PS1": "${USER}>", "USER": "me"}
    assert layered(shell, {"A": "${PS1}", "PS1": "${PS1} "}) == {"PS1": "${USER}> ", "USER": "me", "A": "${USER}> "}


def test_cycles_stay_as_written_and_so_do_references_to_them() -> None:
    env = layered({"H": "h"}, {"A": "${B}${H}", "B": "${C}", "C": "${A}", "D": "${A}${H}", "E": "${E}"})
    assert env == {"H": "h", "A": "${B}h", "B": "${C}", "C": "${A}", "D": "${A}h", "E": "${E}"}


def test_what_is_undefined_or_no_reference_stays() -> None:
    texts = {"A": "${NOPE}", "B": "$HOME", "C": "${1X}", "D": "${X:-1}", "E": "$${H}", "F": "${", "G": "${}"}
    assert layered({"HOME": "/h", "H": "h"}, texts) == {"HOME": "/h", "H": "h", **texts, "E": "$h"}


def test_a_plain_value_above_a_reference_is_not_expanded_away() -> None:
    assert layered({}, {"A": "${B}", "B": "${A}"}, {"A": "x"}) == {"A": "x", "B": "x"}
    assert layered({}, {"A": "x"}, {"A": "${B}"}, {"B": "y"}) == {"A": "y", "B": "y"}
    assert layered({"A": "x"}, {"A": "${A}y"}, {"A": "z"}) == {"A": "z"}


def test_a_chain_of_10_000_variables() -> None:
    chain = {f"V{n}": f"${{V{n + 1}}}." for n in range(10_000)}
    assert layered({}, chain, {"V10000": "end"})["V0"] == "end" + "." * 10_000


def test_doubling_references_cannot_fill_the_memory() -> None:
    doubling = {f"V{n}": f"${{V{n + 1}}}${{V{n + 1}}}" for n in range(100)}
    assert len(layered({}, doubling, {"V100": "x"})["V0"]) == LONGEST


NAMES = [f"V{n}" for n in range(6)]
VALUES = st.lists(st.sampled_from(["a", "$", "{", "}", *(f"${{{name}}}" for name in [*NAMES, "NOPE"])]), max_size=4)
LAYERS = st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES.map("".join), max_size=6), min_size=1, max_size=4)


@settings(max_examples=400)
@given(LAYERS)
def test_layering_equals_its_definition(layers: list[dict[str, str]]) -> None:
    assert layered(*layers) == by_definition(layers)


@settings(max_examples=400)
@given(LAYERS)
def test_expanding_twice_changes_nothing(layers: list[dict[str, str]]) -> None:
    below = {key: value for key, value in layers[0].items() if "$" not in value}
    once = layered(below, *layers[1:])
    pieces = "".join(value for layer in layers for value in layer.values())
    if "${" not in pieces.replace("${V", "").replace("${NOPE}", ""):  # no reference that only expansion makes
        assert layered({}, once) == once


@given(st.dictionaries(st.sampled_from(NAMES), st.text("ab", max_size=3)), VALUES.map("".join))
def test_expand_replaces_what_is_known(env: dict[str, str], text: str) -> None:
    expanded = expand(text, env)
    assert set(references(text)) - set(env) <= set(references(expanded))
    assert expanded == re.sub(r"\$\{(\w+)\}", lambda match: env.get(match[1], match[0]), text)


def by_definition(layers: list[dict[str, str]]) -> dict[str, str]:
    """The documented meaning, by plain recursion: slow, and without regard for long chains."""
    top = {key: level for level, layer in enumerate(layers) for key in layer}

    def target(name: str, key: str, level: int) -> tuple[str, int] | None:
        if name != key:
            return (name, top[name]) if name in top else None
        below = [lower for lower in range(level) if key in layers[lower]]
        if below:
            return key, below[-1]
        return (key, level) if level == top[key] else None  # defined only through itself, or through nothing

    def targets(node: tuple[str, int]) -> list[tuple[str, int]]:
        key, level = node
        found = [target(name, key, level) for name in references(layers[level][key])] if level else []
        return [other for other in found if other is not None]

    def endless(node: tuple[str, int], path: tuple[tuple[str, int], ...] = ()) -> bool:
        return node in path or any(endless(other, (*path, node)) for other in targets(node))

    def value(node: tuple[str, int]) -> str:
        key, level = node

        def one(match: re.Match[str]) -> str:
            other = target(match[1], key, level)
            return match[0] if other is None or endless(other) else value(other)

        return re.sub(r"\$\{(V\d|NOPE)\}", one, layers[level][key]) if level else layers[level][key]

    return {key: value((key, level)) for key, level in top.items()}


def test_what_is_inherited() -> None:
    shell = {"PATH": "/bin", "HOME": "/h", "LANG": "C", "MINE": "1", "AWS_SECRET_ACCESS_KEY": "s"}
    assert inherited(True, shell) == shell
    assert inherited(True, shell) is not shell
    assert inherited(False, shell) == {}
    assert inherited("default", shell) == {"PATH": "/bin", "HOME": "/h", "LANG": "C"}
    assert inherited(("MINE", "ABSENT"), shell) == {"MINE": "1"}
    assert inherited((), shell) == {}


SECRET = """PASSWORD DB_PASSWORD dbPassword PGPASSWORD MYSQL_PWD DB_PASS SMTP_PASSWD GPG_PASSPHRASE API_KEY APIKEY
    apiKey KEY SSH_PRIVATE_KEY AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY TOKEN GITHUB_TOKEN accessToken TOKENS SECRET
    client_secret SECRETS GOOGLE_APPLICATION_CREDENTIALS HTTP_AUTH""".split()
PLAIN = """PATH HOME PWD OLDPWD MONKEY KEYBOARD MONKEY_ISLAND HOTKEYS COMPASS PASSENGERS BYPASS_CACHE AUTHOR XAUTHORITY
    SSH_AUTH_SOCK TOKENIZERS_PARALLELISM USER EX_RUN_ID""".split()


@pytest.mark.parametrize("name", SECRET)
def test_names_that_hold_secrets(name: str) -> None:
    assert is_secret(name)
    assert masked({name: "hush"}) == {name: "********"}


@pytest.mark.parametrize("name", PLAIN)
def test_names_that_hold_none(name: str) -> None:
    assert not is_secret(name)


def test_a_name_can_be_declared_secret_and_an_empty_secret_is_shown_empty() -> None:
    assert masked({"PIN": "1234", "A": "b", "TOKEN": ""}, ["PIN"]) == {"PIN": "********", "A": "b", "TOKEN": ""}
    assert is_secret("PIN", iter(["A", "PIN"]))
