"""The part of a written script that is the same in all of them: it runs jobs, one after another, as ex-run would."""

USAGE = "All jobs run, or those that are named as arguments, whatever these depend on."
RUNNER = """\
set -u
names=("$@") good=' ' stopped='' total=0 succeeded=0 failed=0 skipped=0

say() { printf '%s\\n' "$*" >&2; }

wanted() { # whether a job is named, or none is
  [ ${#names[@]} -gt 0 ] || return 0
  local name
  for name in "${names[@]}"; do [ "$name" = "$1" ] && return 0; done
  return 1
}

known() { # whether a name is that of a job
  local id
  for id in "${ids[@]}"; do [ "$id" = "$1" ] && return 0; done
  say "there is no job $1"
  return 1
}

job() { # job NUMBER stop|go-on SHELL ID [NUMBER OF WHAT IT NEEDS]...: the command stands on standard input
  local number=$1 after=$2 shell=$3 id=$4 text need code=0
  shift 4
  text=$(cat)
  wanted "$id" || { good="$good$number "; return; }
  total=$((total + 1))
  [ -z "$stopped" ] || { say "$id is not started"; return; }
  for need; do
    case $good in
      *" $need "*) ;;
      *) say "$id is skipped: what it depends on did not succeed"; skipped=$((skipped + 1)); return ;;
    esac
  done
  say "[$number/${#ids[@]}] $id"
  # shellcheck disable=SC2086  # a shell may have flags
  "${run[@]}" $shell -c "$text" </dev/null || code=$?
  if [ "$code" -eq 0 ]; then
    good="$good$number " succeeded=$((succeeded + 1))
  else
    say "$id failed with exit code $code"
    failed=$((failed + 1))
    [ "$after" = go-on ] || stopped=yes
  fi
}

finish() {
  say "$succeeded of $total jobs succeeded, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ] && exit 0
  exit 1
}

for name in "$@"; do known "$name" || exit 2; done
"""
