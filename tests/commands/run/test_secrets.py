"""Which values are secrets, and what becomes of them; their forms are tried in tests/masking and tests/torture."""

from __future__ import annotations

import base64
import json

import pytest

from exlib.history.sqlite import open_store
from tests.commands.run.lab import Done, Lab, job

VALUE = "v3ry-hush-hush"


def document(lab: Lab) -> bytes:
    """The document as the history has it."""
    store = open_store(str(lab.db), readonly=True)
    try:
        found = store.document(1)
    finally:
        store.close()
    assert found is not None
    return found.raw


def kept(lab: Lab) -> str:
    """All that the history has."""
    raw = b"".join(path.read_bytes() for path in lab.path.glob("history.db*") if path.is_file())
    return raw.decode("latin-1") + document(lab).decode()


def said(done: Done) -> str:
    return done.out + done.err


def test_a_variable_named_by_an_option_is_secret_on_every_attempt(lab: Lab) -> None:
    lab.env = {**lab.env, "ORACLE_LOGIN": VALUE}
    jobs = [job("a", f"echo {VALUE}; test -e go")]
    first = lab.run(jobs, "--secret-env", "ORACLE_LOGIN", "--show-env")
    assert first.code == 1
    assert "│ ********" in first.err
    (lab.path / "go").touch()
    again = lab.call("ex-run", "--resume", "1", str(lab.path / "wf.json"), "--show-env", "-v")
    assert again.code == 0
    other = lab.call("executioner", "run", "--secret-env=ORACLE_LOGIN", "--dry-run", str(lab.path / "wf.json"))
    assert other.code == 0
    for text in (said(first), said(again), said(other), kept(lab)):
        assert VALUE not in text
    assert json.loads(lab.runs()[-1].options)["secrets"] == ["ORACLE_LOGIN"]


def test_a_resume_may_name_more_secrets(lab: Lab) -> None:
    lab.env = {**lab.env, "ONE": VALUE, "TWO": "another-value"}
    assert lab.run([job("a", "echo $ONE $TWO; exit 3")], "--secret-env", "ONE").code == 1
    again = lab.call("ex-run", "--resume", "last", "--secret-env", "TWO")
    assert "│ ******** ********" in again.err
    assert json.loads(lab.runs()[-1].options)["secrets"] == ["ONE", "TWO"]


def test_a_secret_counts_though_no_job_inherits_it(lab: Lab) -> None:
    lab.env = {**lab.env, "ORACLE_LOGIN": VALUE}
    done = lab.run([job("a", f"echo {VALUE}; exit 1")], "--secret-env", "ORACLE_LOGIN", inherit_shell_env=["PATH"])
    assert VALUE not in said(done)


def test_a_name_that_is_no_variable_is_told(lab: Lab) -> None:
    done = lab.run([job("a")], "--secret-env", "MISSPELT")
    assert done.code == 0
    assert "--secret-env MISSPELT: there is no such variable" in done.err


@pytest.mark.parametrize("option", [f"--secret-env=A={VALUE}", f"--env=A B={VALUE}", "--env-file=vars"])
def test_what_is_misspelt_is_not_repeated(lab: Lab, option: str) -> None:
    (lab.path / "vars").write_text(f"A=1\n{VALUE}\n")
    done = lab.run([job("a")], option)
    assert done.code == 2
    assert VALUE not in done.err


def test_a_variable_with_a_secret_in_it_has_to_be_said_again(lab: Lab) -> None:
    lab.env = {**lab.env, "API_TOKEN": VALUE}
    url = f"https://u:{VALUE}@h/"
    first = lab.run([job("a", 'test "$URL" = https://u:$API_TOKEN@h/ && test -e go')], "--env", f"URL={url}")
    assert "ex-run --resume 1 --env URL=…" in first.err
    assert lab.call("ex-run", "--resume", "1").code == 2
    (lab.path / "go").touch()
    assert lab.call("ex-run", "--resume", "1", "--env", f"URL={url}").code == 0
    assert VALUE not in kept(lab)


def test_parameters_and_notes_that_are_secrets_by_name(lab: Lab) -> None:
    check = {"name": "check_command", "params": {"command": f"curl -u me:{VALUE} h"}}
    jobs = [job("a", f"echo {VALUE}; exit 1", _api_token=VALUE), job("b", post_checks=[check])]
    done = lab.run(jobs, "-k", x_notes={"passwords": ["number-one", "number-two"], "pin_secret": 12345678})
    assert done.code == 1
    text = said(done) + kept(lab)
    assert not [secret for secret in (VALUE, "number-one", "number-two", "12345678") if secret in text]


def test_what_is_kept_stays_json_and_can_be_looked_up(lab: Lab) -> None:
    # A value that follows an escape, one that is a number elsewhere, one that is part of an id.
    secrets = {"A_TOKEN": "nabcd", "B_TOKEN": "3600", "C_TOKEN": "load"}
    jobs = [job("load_all", "echo '\nabcd' load; exit 1", timeout=3600), job("b", "true", "load_all")]
    assert lab.run(jobs, env_variables=secrets).code == 1
    assert 'has no job "nonsense"' in lab.call("ex-history", "logs", "1", "nonsense").err
    assert lab.call("ex-history", "logs", "1", "load_all").code == 0
    first, second = json.loads(document(lab))["jobs"]
    assert first == {"id": "load_all", "command": "echo '\nabcd' ********; exit 1", "timeout": "********"}
    assert second["dependencies"] == ["load_all"]


def test_the_file_of_a_password_is_no_secret(lab: Lab) -> None:
    file = lab.write([job("a", "test -e go")], smtp_password_file="/etc/mail-password")
    assert lab.call("ex-run", stdin=file.read_bytes()).code == 1
    file.unlink()
    (lab.path / "go").touch()
    assert lab.call("ex-run", "--resume", "1").code == 0


def test_findings_show_no_secret(lab: Lab) -> None:
    jobs = [job("a", f"curl https://me:{VALUE}@h/x.sh | sh")]
    lab.env = {**lab.env, "API_TOKEN": VALUE}
    warned = lab.run(jobs, "--dry-run")
    refused = lab.run(jobs, "--dry-run", security_policy="strict")
    assert (warned.code, refused.code) == (0, 2)
    assert "S602" in warned.err
    assert "S602" in refused.err
    assert VALUE not in said(warned) + said(refused)


def test_logs_are_masked_when_the_document_says_so(lab: Lab) -> None:
    encoded = base64.b64encode(f"me:{VALUE}".encode()).decode()
    command = f"echo $API_TOKEN {encoded}; printf 'no line end' >&2"
    check = {"name": "check_command", "params": {"command": "echo $API_TOKEN; echo $API_TOKEN >&2"}}
    jobs = [job("a", command, env_variables={"API_TOKEN": VALUE}, post_checks=[check])]
    assert lab.run(jobs).code == 0
    assert lab.log("a") == f"{VALUE} {encoded}\nno line end".encode()
    assert lab.run(jobs, mask_logs=True).code == 0
    assert lab.log("a", run="run-2") == b"******** bWU6********\nno line end"
    logs = list((lab.logs / "lab" / "run-2").iterdir())
    assert len(logs) == 3
    assert not [log for log in logs if VALUE.encode() in log.read_bytes()]


def test_masked_logs_of_jobs_that_are_ended(lab: Lab) -> None:
    jobs = [job("a", "echo $API_TOKEN; echo more; sleep 987", timeout=0.5)]
    assert lab.run(jobs, env_variables={"API_TOKEN": VALUE}, mask_logs=True).code == 1
    assert lab.status() == {"a": "timeout"}
    assert lab.log("a") == b"********\nmore\n"
