from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from exlib.plugins.hosting import host_argv, read_verdict
from exlib.plugins.verdict import Verdict
from tests.plugins.asking import Asked, ask, command, plugin_file

ROOT = Path(__file__).resolve().parents[2]


def ask_custom(tmp_path: Path, body: str, *, role: str = "check", **params: object) -> Asked:
    """Ask the plugin ``custom``, a function with this body in a file of its own."""
    text = "import os, sys, time\n\n\ndef custom(params, context):\n" + textwrap.indent(body, "    ")
    return ask(role, "custom", params, cwd=tmp_path, sources=[plugin_file(tmp_path, text)])


@pytest.mark.parametrize(
    ("body", "passed", "message"),
    [
        ("return True", True, "custom passed"),
        ("return False", False, "custom did not pass"),
        ("return 'no rows'", False, "no rows"),
        ("return ''", False, "custom did not pass"),
        ("return (True, 'all there')", True, "all there"),
        ("return (False, 'a\\nb')", False, "a b"),
        ("from exlib.plugins import Verdict\nreturn Verdict(True, 'said so')", True, "said so"),
        ("return params['a'] == 1 and not context.started > time.time()", True, "custom passed"),
    ],
)
def test_what_a_plugin_may_return(tmp_path: Path, body: str, passed: bool, message: str) -> None:
    asked = ask_custom(tmp_path, body, a=1)
    assert asked.verdict == Verdict(passed, message)
    assert asked.exit_code == (0 if passed else 1)
    assert asked.log == ""


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("1 / 0", "custom crashed: ZeroDivisionError: division by zero (custom.py:5)"),
        ("pass", "it returned None: return True, False, a reason why not, or (passed, message) (loading.py"),
        ("return 1", "it returned 1: return True"),
        ("sys.exit(0)", "custom called sys.exit(0) instead of giving an answer (custom.py:5)"),
        ("sys.exit('bye')", "custom called sys.exit('bye') instead of giving an answer"),
        ("raise KeyboardInterrupt", "custom crashed: KeyboardInterrupt"),
        ("os.write(3, b'garbage')", "custom crashed: OSError: [Errno 9] Bad file descriptor"),
        ("custom(params, context)", "custom crashed: RecursionError"),
        ("import exlib_none", "custom crashed: ModuleNotFoundError: No module named 'exlib_none'"),
    ],
)  # fmt: skip
def test_a_crash_is_an_answer_with_the_traceback_in_the_log(tmp_path: Path, body: str, message: str) -> None:
    asked = ask_custom(tmp_path, body)
    assert message in asked.verdict.message
    assert not asked.verdict.passed
    assert asked.exit_code == 2
    assert "Traceback" in asked.log


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("os._exit(0)", "ended with exit code 0 without an answer; its output is in the job's log"),
        ("os._exit(7)", "ended with exit code 7 without an answer; its output is in the job's log"),
        ("os.kill(os.getpid(), 11)", "was killed by SIGSEGV without an answer; its output is in the job's log"),
        (
            "import ctypes; ctypes.string_at(0)",
            "was killed by SIGSEGV without an answer; its output is in the job's log",
        ),
        (
            "import atexit; atexit.register(os._exit, 9); return True",
            "answered that it passed, and then ended with exit code 9",
        ),
        (
            "import atexit; atexit.register(os.abort); return True",
            "answered that it passed, and then was killed by SIGABRT",
        ),
    ],
)  # fmt: skip
def test_an_end_without_an_answer_never_passes(tmp_path: Path, body: str, message: str) -> None:
    assert ask_custom(tmp_path, body).verdict == Verdict(False, message)


def test_a_segmentation_fault_says_where(tmp_path: Path) -> None:
    log = ask_custom(tmp_path, "import ctypes; ctypes.string_at(0)").log
    assert 'custom.py", line 5 in custom' in log


def test_a_plugin_that_prints_a_lot_keeps_its_answer_apart(tmp_path: Path) -> None:
    asked = ask_custom(tmp_path, "print('x' * 5_000_000)\nprint('{\"passed\": false}')\nreturn True")
    assert asked.verdict == Verdict(True, "custom passed")
    assert len(asked.log) > 5_000_000
    assert asked.answer.count(b"\n") == 1


def test_noise_left_in_the_answer_file_is_overwritten(tmp_path: Path) -> None:
    source = plugin_file(tmp_path, "def custom(params, context):\n    return True\n")
    answer = tmp_path / "answer"
    answer.write_bytes(b"noise" * 1000)
    argv = host_argv("check", "custom", "{}", sources=[source])
    done = subprocess.run(command(argv, str(answer)), cwd=tmp_path, env={})
    assert read_verdict(answer.read_bytes(), done.returncode) == Verdict(True, "custom passed")


def test_a_hanging_plugin_ends_with_its_process_group(tmp_path: Path) -> None:
    text = "import os, time\n\ndef custom(params, context):\n    os.write(1, b'in')\n    time.sleep(600)\n"
    argv = host_argv("check", "custom", "{}", sources=[plugin_file(tmp_path, text)])
    answer = tmp_path / "answer"
    answer.touch()
    with subprocess.Popen(
        command(argv, str(answer)), cwd=tmp_path, stdout=subprocess.PIPE, start_new_session=True
    ) as host:
        assert host.stdout is not None
        assert host.stdout.read(2) == b"in"
        os.killpg(host.pid, signal.SIGTERM)
    assert read_verdict(answer.read_bytes(), host.returncode).message.startswith("was killed by SIGTERM")


def test_the_children_of_a_plugin_do_not_hold_the_answer(tmp_path: Path) -> None:
    body = "import subprocess\nreturn (True, subprocess.check_output(['ls', '/dev/fd/'], close_fds=False).decode())"
    assert ask_custom(tmp_path, body).verdict.message.split() == ["0", "1", "2", "3"]  # 3 is ls's own directory


HOSTILE = {
    "PYTHONPATH": ".",
    "PYTHONHOME": "/nowhere",
    "PYTHONSTARTUP": "/nowhere",
    "PYTHONINSPECT": "1",
    "PYTHONWARNINGS": "error",
    "PYTHONIOENCODING": "ascii",
    "PYTHONSAFEPATH": "",
    "LC_ALL": "C",
}


@pytest.mark.parametrize("env", [{}, HOSTILE, {"PATH": "/nowhere", "HOME": "/nowhere", "LANG": "xx_YY.ISO-8859-1"}])
def test_neither_environment_nor_directory_changes_what_is_imported(tmp_path: Path, env: dict[str, str]) -> None:
    for name in ("json", "re", "exlib", "importlib", "site", "sitecustomize", "usercustomize", "os"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module was imported')\n")
    (tmp_path / "x.log").write_text("grün\n")
    checked = ask("check", "check_pattern", {"path": "x.log", "pattern": "^grün$"}, cwd=tmp_path, env=env)
    assert checked.verdict == Verdict(True, "x.log:1: grün")
    assert checked.log == ""
    elsewhere = tmp_path / "plugins"
    elsewhere.mkdir()
    source = plugin_file(elsewhere, "import json\n\ndef custom(params, context):\n    print('grün')\n    return True\n")
    asked = ask("check", "custom", {}, cwd=tmp_path, env=env, sources=[source])
    assert asked.verdict.passed
    assert asked.log == "grün\n"


@pytest.mark.parametrize("env", [{}, {"LC_CTYPE": "C"}, {"PYTHONPATH": "/p", "A": "x=\n y"}])
def test_a_command_sees_the_job_s_environment_and_nothing_else(tmp_path: Path, env: dict[str, str]) -> None:
    show = "import os, sys; sys.stdout.write(repr(dict(os.environb)))"
    params = {"command": f'exec "{sys.executable}" -I -X utf8=0 -c "{show}"'}
    seen = eval(ask("check", "check_command", params, cwd=tmp_path, env=env).log)
    for added_by_the_shell_or_the_child in (b"PWD", b"OLDPWD", b"SHLVL", b"_", b"LC_CTYPE"):
        seen.pop(added_by_the_shell_or_the_child, None)
    assert seen == {os.fsencode(key): os.fsencode(value) for key, value in env.items() if key != "LC_CTYPE"}


def test_the_interpreter_s_own_locale_setting_is_taken_back(tmp_path: Path) -> None:
    for env, expected in (({}, "unset"), ({"LC_CTYPE": "C"}, "C"), ({"LC_CTYPE": "C.UTF-8"}, "C.UTF-8")):
        params = {"command": "echo ${LC_CTYPE-unset}"}
        assert ask("check", "check_command", params, cwd=tmp_path, env=env).log == f"{expected}\n"


@pytest.mark.parametrize(
    ("params", "passed", "message"),
    [
        ({"command": "true"}, True, "the command ended with exit code 0"),
        ({"command": "exit 3", "expect_exit_code": 3}, True, "the command ended with exit code 3"),
        ({"command": "exit 3"}, False, "the command ended with exit code 3, not 0: exit 3"),
        ({"command": "kill -9 $$"}, False, "the command was killed by SIGKILL, not 0: kill -9 $$"),
        ({"command": "none-such"}, False, "the command ended with exit code 127, not 0: none-such"),
        ({"command": "seq 20000", "expect_output": "^19999$"}, True, "line 19999 of the command's output: 19999"),
        ({"command": "echo a", "expect_output": "b"}, False, "no line of the command's output matches /b/: echo a"),
        ({"command": "exit 1", "expect_output": "x"}, False, "the command ended with exit code 1, not 0: exit 1"),
        ({"command": "test -z \"$(cat)\""}, True, "the command ended with exit code 0"),
        ({"command": "test \"${V}\" = 'a b'"}, True, "the command ended with exit code 0"),
    ],
)  # fmt: skip
def test_check_command(tmp_path: Path, params: dict[str, object], passed: bool, message: str) -> None:
    env = {"PATH": "/usr/bin:/bin", "V": "a b"}
    assert ask("check", "check_command", params, cwd=tmp_path, env=env).verdict == Verdict(passed, message)


def test_the_command_s_output_is_in_the_log_whole(tmp_path: Path) -> None:
    params = {"command": "seq 50000; echo end >&2", "expect_output": "^7$"}
    asked = ask("check", "check_command", params, cwd=tmp_path, env={"PATH": "/usr/bin:/bin"})
    assert asked.verdict.passed
    numbers = "".join(f"{number}\n" for number in range(1, 50_001))
    assert asked.log.replace("end\n", "", 1) == numbers


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("echo 'a  b' $HOME", "line 1 of the command's output: a b $HOME"),
        ("echo 'a", "the command cannot be split into words: no closing quotation: echo 'a"),
        (" ", 'parameter "command" is empty (write the command to run)'),
        ("none-such", "the command could not be started: no such file or directory"),
    ],
)
def test_a_workflow_without_shell_has_its_check_command_split_into_words(
    tmp_path: Path, line: str, message: str
) -> None:
    params = {"command": line, "expect_output": "a  b"}
    env = {"PATH": "/usr/bin:/bin", "HOME": "/home"}
    asked = ask("check", "check_command", params, cwd=tmp_path, env=env, allow_shell=False)
    assert asked.verdict.message == message


def test_a_variable_s_value_never_stands_in_the_command_line(tmp_path: Path) -> None:
    source = plugin_file(tmp_path, "def custom(params, context):\n    return (True, params['deep'][0]['key'])\n")
    params = {"deep": [{"key": "<${TOKEN}>"}]}
    assert "s3cret" not in " ".join(host_argv("check", "custom", json.dumps(params), sources=[source]))
    asked = ask("check", "custom", params, cwd=tmp_path, env={"TOKEN": "s3cret"}, sources=[source])
    assert asked.verdict.message == "<s3cret>"


def test_a_wait_is_asked_until_it_passes_and_says_what_for_meanwhile(tmp_path: Path) -> None:
    body = (
        "seen = os.path.join(context.cwd, 'seen')\n"
        "with open(seen, 'a') as stream: stream.write('.')\n"
        "count = os.path.getsize(seen)\n"
        "return (count == 3, f'seen {count}')"
    )
    asked = ask_custom(tmp_path, body, role="wait", poll_seconds=0.01)
    assert asked.verdict == Verdict(True, "seen 3")
    assert asked.answer.count(b"\n") == 1


def test_a_class_is_made_once_and_asked_again(tmp_path: Path) -> None:
    text = """
class Countdown:
    def __init__(self, params=None):
        self.left = params["from"]

    def check(self):
        self.left -= 1
        return True if self.left == 0 else f"{self.left} left"

PLUGIN_CLASS = Countdown
"""
    source = plugin_file(tmp_path, text)
    asked = ask("wait", "custom", {"from": 3, "poll_seconds": 0}, cwd=tmp_path, sources=[source])
    assert asked.verdict == Verdict(True, "custom passed")
    assert ask("check", "custom", {"from": 3}, cwd=tmp_path, sources=[source]).verdict == Verdict(False, "2 left")


def test_a_wait_that_is_ended_leaves_its_last_reason(tmp_path: Path) -> None:
    text = "def custom(params, context):\n    print('asked', flush=True)\n    return 'the feed is late'\n"
    argv = host_argv("wait", "custom", '{"poll_seconds": 0.05}', sources=[plugin_file(tmp_path, text)])
    answer = tmp_path / "answer"
    answer.touch()
    with subprocess.Popen(command(argv, str(answer)), cwd=tmp_path, stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout is not None
        assert [host.stdout.readline() for _ in range(2)] == ["asked\n", "asked\n"]
        host.terminate()
    verdict = read_verdict(answer.read_bytes(), host.returncode)
    assert verdict == Verdict(False, "was killed by SIGTERM; its last answer: the feed is late")


def test_a_crash_ends_a_wait(tmp_path: Path) -> None:
    asked = ask_custom(tmp_path, "raise ValueError('no such feed')", role="wait")
    assert asked.verdict == Verdict(False, "custom crashed: ValueError: no such feed (custom.py:5)")


@pytest.mark.parametrize("role", ["check", "wait"])
def test_a_name_that_nobody_brings_is_not_passed_and_the_nearest_is_named(tmp_path: Path, role: str) -> None:
    name = {"check": "check_patern", "wait": "fil"}[role]
    nearest = {"check": "check_pattern", "wait": "file"}[role]
    message = ask(role, name, {}, cwd=tmp_path).verdict.message
    assert message == (
        f'there is no {role} "{name}", built-in, installed or in a file of dependency_plugins: did you mean {nearest}?'
    )


def test_tried_by_hand_the_answer_is_on_standard_output(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("done\n")
    done = subprocess.run(
        [sys.executable, "-m", "exlib.plugins.host", "check", "check_pattern", '{"path": "x", "pattern": "done"}'],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ('{"passed": true, "message": "x:1: done"}\n', "")
    assert done.returncode == 0


def test_a_log_with_one_line_of_200_mb_is_read_in_little_memory(tmp_path: Path) -> None:
    with open(tmp_path / "huge.log", "wb") as stream:
        for _ in range(200):
            stream.write(b"x" * 1_000_000)
        stream.write(b" ORA-00600: the end\n")
    # Not ru_maxrss: a process starts with that of the one that started it, here of pytest.
    script = (
        "from exlib.plugins.host import main; code = main(['check', NAME, PARAMS]);"
        "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'));"
        "print(code, peak.split()[1])"
    )
    for name, params in (
        ("check_no_ora_errors", {"log_file": "huge.log"}),
        ("check_no_pattern", {"path": "huge.log", "pattern": "ORA-[0-9]+: the end$"}),
    ):
        code = script.replace("NAME", repr(name)).replace("PARAMS", repr(json.dumps(params)))
        done = subprocess.run(
            [sys.executable, "-S", "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True
        )
        answer, result = done.stdout.decode().splitlines()
        assert json.loads(answer)["message"].endswith("xxx ORA-00600: the end")
        exit_code, peak_kib = map(int, result.split())
        assert exit_code == 1
        assert peak_kib < 60_000
