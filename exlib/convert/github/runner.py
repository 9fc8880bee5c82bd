"""What a runner gives to the scripts of a job: its variables, and the files by which steps hand something on."""

from __future__ import annotations

import re

SPEAKS = re.compile(r"\b(?:GITHUB|RUNNER)_[A-Z_]+\b")
"""Variables of a runner, by their names."""
HANDED = ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH")
FIXED = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_STEP_SUMMARY": '"${GITHUB_STEP_SUMMARY:-/dev/null}"',
    "GITHUB_WORKSPACE": '"${GITHUB_WORKSPACE:-$PWD}"',
    "RUNNER_TEMP": '"${RUNNER_TEMP:-${TMPDIR:-/tmp}}"',
    "RUNNER_OS": "Linux",
}
GIVEN = frozenset([*HANDED, *FIXED, "GITHUB_JOB", "GITHUB_WORKFLOW"])
"""Variables of a runner that the text of a job sets itself."""
READING = r"""_github=$(mktemp -d) || exit 1
trap 'rm -rf "$_github"' EXIT
export GITHUB_ENV="$_github/env" GITHUB_OUTPUT="$_github/output" GITHUB_PATH="$_github/path"
: >"$GITHUB_ENV"; : >"$GITHUB_OUTPUT"; : >"$GITHUB_PATH"
each_value() {
  while IFS= read -r _line || [ -n "$_line" ]; do
    case ${_line%%=*} in
      *'<<'*)
        _name=${_line%%'<<'*} _end=${_line#*'<<'} _value='' _some='' _ended=''
        while IFS= read -r _line || [ -n "$_line" ]; do
          if [ "$_line" = "$_end" ]; then _ended=1; break; fi
          _value="$_value${_some:+
}$_line" _some=1
        done
        [ "$_ended" ] || { printf '%s\n' "the line $_end is not in what was handed on" >&2; exit 1; }
        "$2" "$_name" "$_value" ;;
      "$_line") [ -z "$_line" ] || { printf '%s\n' "this is no NAME=VALUE: $_line" >&2; exit 1; } ;;
      *) "$2" "${_line%%=*}" "${_line#*=}" ;;
    esac
  done <"$1"
  : >"$1"
}
handed_env() { export "$1=$2"; }
handed_on() {
  _step=$1
  each_value "$GITHUB_ENV" handed_env
  each_value "$GITHUB_OUTPUT" handed_output
  while IFS= read -r _line || [ -n "$_line" ]; do [ -z "$_line" ] || export PATH="$_line:$PATH"; done <"$GITHUB_PATH"
  : >"$GITHUB_PATH"
}"""
"""Functions that read these files between two steps; names of their own begin with ``_``."""
