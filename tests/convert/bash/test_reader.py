"""What a script becomes: jobs, their order and words, and an account in which no line is missing."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from exlib.convert.draft import guard_of
from exlib.convert.wishes import Wishes
from exlib.errors import ExecutionerError
from tests.convert.bash.test_meaning import DISGUISES, SCRIPTS
from tests.convert.converting import exported, files_of, imported, run_document

NIGHTLY = """\
#!/bin/bash
# Nightly load
# for the warehouse.

# Where things are.

set -euo pipefail
BASE=/srv   # the base
export OUT="$BASE/out"
log() {
  echo "$(date) $*" >&2
}
unused() { false; }

# Fetch what is new,
# from everywhere.
curl -sf https://example.com/a.csv -o "$OUT/a.csv" &
curl -sf https://example.com/b.csv -o "$OUT/b.csv" &
wait

cd "$OUT"
## Load
log loading
today=$(date +%F)
sudo -n loader --date "$today" *.csv
if [ "${stage:-0}" -le 3 ]; then
  make report
fi
exit 0
"""


def test_a_script() -> None:
    document = imported(NIGHTLY, "bash", name="nightly.sh")[0][0]
    assert document["application_name"] == "nightly"
    assert document["default_timeout"] is None
    assert (document["parallel"], document["max_workers"]) == (True, 2)
    assert document["x-source"]["comments"] == ["Nightly load", "for the warehouse.", "Where things are."]
    jobs = {job["id"]: job for job in document["jobs"]}
    assert {name: job.get("dependencies") for name, job in jobs.items()} == {
        "curl_a.csv": None, "curl_b.csv": None, "load": ["curl_a.csv", "curl_b.csv"],
        "loader": ["load"], "stage_3": ["loader"],
    }  # fmt: skip
    first, log = document["jobs"][0], jobs["load"]
    assert first["description"] == "Fetch what is new,\nfrom everywhere."
    assert first["shell"] == "/bin/bash"
    assert log["command"].endswith('cd "$OUT"\nlog loading')
    assert "log() {" in log["command"]
    assert all("unused" not in job["command"] and "log()" not in first["command"] for job in jobs.values())


def test_granularity() -> None:
    def ids(granularity: str) -> list[str]:
        made = imported(NIGHTLY, "bash", name="nightly.sh", wishes=Wishes(granularity=granularity))[0][0]
        return [job["id"] for job in made["jobs"]]

    assert ids("script") == ["nightly"]
    assert len(ids("command")) == 5
    assert len(ids("stage")) == 4


@pytest.mark.parametrize("granularity", ["command", "stage", "script"])
@pytest.mark.parametrize("name", [*SCRIPTS, *DISGUISES, "nightly"])
def test_every_line_is_in_the_account(name: str, granularity: str) -> None:
    text = NIGHTLY if name == "nightly" else {**SCRIPTS, **DISGUISES}[name][1]
    made, entries = imported(text, "bash", wishes=Wishes(granularity=granularity))
    said = {line for entry in entries for line in range(entry.place.line, entry.place.end_line + 1)}
    assert {number for number, line in enumerate(text.split("\n"), 1) if line.strip()} <= said
    assert not [entry for entry in entries if entry.fate == "dropped"]
    written = "\n".join(job["command"] for job in made[0]["jobs"])
    waits = re.compile(r"wait\b.*|exit( 0| \$\?)?|[A-Z]=\$!")
    for line in text.split("\n"):
        code = line.strip()
        if (
            ";" not in code
            and not code.startswith("#")
            and not waits.fullmatch(code)
            and "&" not in code
            and "unused" not in code
        ):
            assert code in written, line


@pytest.mark.parametrize(
    ("text", "place"),
    [("#!/usr/bin/perl\nprint 1;\n", "x:1"), ("#!/usr/bin/env python3\n", "x:1"), ("a\0b", "x"), (b"\xff\xfe", "x")],
)
def test_what_is_no_script_is_refused(text: str | bytes, place: str) -> None:
    with pytest.raises(ExecutionerError) as caught:
        imported(text, "bash", name="x")
    assert place in str(caught.value.place)


@pytest.mark.parametrize("text", ["", "\n\n", "#!/bin/sh\n", "# only a comment\n", "#!/bin/zsh\n"])
def test_nothing_is_no_document(text: str) -> None:
    assert imported(text, "bash")[0] == [] or imported(text, "bash")[0][0]["jobs"] == []


@pytest.mark.parametrize("text", ["echo a\nif then\n", "echo a\nfi\n", "echo a\ndone\n", "echo a; }\n", "echo 'a\n"])
def test_a_parse_error_is_said(text: str) -> None:
    made, entries = imported(text, "bash")
    assert [job["command"] for job in made[0]["jobs"]] == [text.strip()]
    assert (entries[-1].fate, entries[-1].construct) == ("approximated", "script")
    assert "it is not understood" in entries[-1].reason


def test_arguments_and_names_are_said() -> None:
    entries = imported('echo "$1"\ncd "$(dirname "$0")"\necho x\n', "bash")[1]
    assert {entry.construct for entry in entries if entry.fate != "exact"} == {"arguments", "$0", "shell"}


def test_the_first_line_is_no_description() -> None:
    jobs = imported("#!/bin/bash\n# says a\necho a\n", "bash")[0][0]["jobs"]
    assert [job["description"] for job in jobs] == ["says a"]
    assert "description" not in imported("#!/bin/bash\necho a\n", "bash")[0][0]["jobs"][0]


def test_names_say_what_jobs_are_for() -> None:
    text = (
        "# Build the image\nx=$(date)\ndocker build -t $x .\n\nread -r v <VERSION\necho $v\ncurl -f u/$v\n\n"
        "sudo -u me rsync -a d e\n# this is a long remark on what comes now\nmake all\n"
    )
    made = imported(text, "bash")[0][0]
    assert [job["id"] for job in made["jobs"]] == ["build_the_image", "curl", "rsync_d", "make_all"]


KNOWN = [
    'cd "$(dirname "$0")"', "cd ${0%/*}", 'HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)', "cd `dirname $0`",
    'cd "$(dirname "$BASH_SOURCE")" || exit 1', '[[ $0 == "${BASH_SOURCE}" ]] && cd "$(dirname "$(readlink -f "$0")")"',
]  # fmt: skip
ENDS = ["", "trap 'echo bye' EXIT\n", "exec 3<&0\n"]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("line", KNOWN)
@pytest.mark.parametrize("name", ["it.sh", "sub/it.sh", "sub/it's $x.sh"])
def test_the_folder_of_the_script(
    line: str, end: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f'{end}{line}\n: ${{HERE:=$PWD}}\necho $HERE ${{0##*/}} >"$HERE/out"\n'
    left = []
    for tool in ("bash", "ex-run"):
        folder = tmp_path / tool
        (folder / "sub").mkdir(parents=True)
        (folder / name).write_text(text)
        monkeypatch.chdir(folder)
        if tool == "bash":
            path = name if "/" in name else f"./{name}"
            ended = subprocess.run(["bash", path], check=False, capture_output=True).returncode
        else:
            made, entries = imported(text, "bash", name=name)
            assert "manual" not in {entry.fate for entry in entries}
            assert [entry.fate for entry in entries if entry.construct == "$0"][:1] == ["approximated"]
            ended = run_document(made[0], folder).returncode
        left.append((ended, {path: raw.replace(str(folder).encode(), b"") for path, raw in files_of(folder).items()}))
    assert left[0] == left[1]


@pytest.mark.parametrize("line", KNOWN)
@pytest.mark.parametrize("name", ["<stdin>", "elsewhere/it.sh"])
def test_nothing_runs_where_the_script_is_not(line: str, name: str, tmp_path: Path) -> None:
    made, _ = imported(f'{line}\necho >"{tmp_path}/ran"\n', "bash", name=name)
    assert run_document(made[0], tmp_path, EX_ALLOW="all").returncode == 1
    assert files_of(tmp_path) == {}


@pytest.mark.parametrize(
    "line",
    [
        "cd ${BASH_SOURCE[1]}", 'rm -rf "$1"/*', "rm -rf ${2%/}", "eval 'cd $1'", "read -p 'Sure? ' yes", "read folder",
        "f() { read -p sure yes; }; f", "select x in a b; do echo $x; done", "echo ${#0}", "trap $'cd $0' ERR",
        "eval \"cd \\${BASH_SOURCE[1]}\"",
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["", "trap 'echo bye' EXIT\n"])
def test_what_only_the_caller_knows_waits(line: str, end: str) -> None:
    made, entries = imported(f"{end}{line}\ntouch x\n", "bash", name="it.sh")
    assert guard_of(made[0]["jobs"][0])
    assert "manual" in {entry.fate for entry in entries}


@pytest.mark.parametrize(
    "line",
    [
        "rm ${1:-x}", 'for x in "$@"; do rm $x; done', "while [ $# -gt 0 ]; do rm $1; shift; done",
        "[ $# -eq 1 ] || exit 2; rm $1", '[ -n "$1" ] && rm "$1"', "f() { rm $1; }; f x", "echo $LINENO",
        "trap 'echo $LINENO' ERR", "set -- a; rm $1", "read x <in", "echo a | read x", "while read x; do :; done <in",
        "f() { while read x; do :; done; }; echo | f", "cat", "awk '{print $1, $0}' in", 'read -r x <<<"a b"',
        "exec <in; read x", "read -u 3 x 3<in",
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["", "trap 'echo bye' EXIT\n"])
def test_what_the_script_sees_to_itself_does_not_wait(line: str, end: str) -> None:
    made, entries = imported(f"{end}{line}\ntouch x\n", "bash", name="it.sh")
    assert not any(guard_of(job) for job in made[0]["jobs"])
    said = {entry.construct for entry in entries if entry.fate == "approximated"} - {"shell"}
    for word, construct in (("LINENO", "$LINENO"), ("$@", "arguments"), ("$#", "arguments"), ("cat", "standard input")):
        assert construct in said if word in line else True
    if line.startswith(("awk", "exec", "read", "set --")):
        assert not said


def test_the_number_of_a_line_is_another_one() -> None:
    entries = imported("echo a\ntrap 'echo $LINENO' ERR\necho ${LINENO}\n# $LINENO\n", "bash")[1]
    assert [entry.place.line for entry in entries if entry.construct == "$LINENO"] == [2, 3]


@pytest.mark.parametrize("text", ["! { false; }\necho a\n", "time { echo a; }\necho b\n", "echo a\n}\n"])
def test_what_is_no_statement_is_no_job(text: str) -> None:
    assert len(imported(text, "bash")[0][0]["jobs"]) == 1


PIECES = st.sampled_from(
    [*(line for _, text in SCRIPTS.values() for line in text.split("\n")), "fi", "(", "}", "<<E", "'"]
)


@settings(max_examples=150)
@given(st.lists(PIECES, max_size=8).map("\n".join), st.integers(0, 400), st.sampled_from(["command", "stage"]))
@example("$(" * 300, 700, "command")
@example("{ " * 400 + "a" + "; }" * 400, 4000, "command")
@example("((((" * 60, 400, "command")
def test_no_text_breaks_it(text: str, end: int, granularity: str) -> None:
    try:
        made = imported(text[:end], "bash", wishes=Wishes(granularity=granularity))[0]
    except ExecutionerError:
        return
    for document in made:
        if document["jobs"]:
            again = imported(exported(document, "bash")[0][0].content, "bash")[0]
            assert again == [{**document, "application_name": document["application_name"]}]


@settings(max_examples=80)
@given(st.text(max_size=60))
def test_no_noise_breaks_it(text: str) -> None:
    try:
        imported(text, "bash")
    except ExecutionerError:
        return


OWN = exported({"jobs": [{"id": "a", "command": "make", "timeout": 3, "tags": ["x"]}, {"id": "b", "command": "true",
                "dependencies": ["a"]}]}, "bash")[0][0].content  # fmt: skip


@settings(max_examples=80)
@given(st.integers(0, len(OWN)), st.integers(0, 30), st.text(max_size=3))
def test_our_own_scripts_may_be_broken(at: int, length: int, put: str) -> None:
    assert isinstance(OWN, str)
    try:
        imported(OWN[:at] + put + OWN[at + length :], "bash")
    except ExecutionerError:
        return


def test_a_file_elsewhere_is_not_needed(tmp_path: Path) -> None:
    made = imported(". /nowhere/x.sh\necho a\n", "bash", name=str(tmp_path / "x.sh"))[0][0]
    assert len(made["jobs"]) == 1
