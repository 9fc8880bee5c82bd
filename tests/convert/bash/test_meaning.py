"""Scripts run by their own shell and, as imported, by ex-run: the same files, and the same success or failure."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exlib.convert.wishes import Wishes
from tests.convert.converting import files_of, imported, run_document


def assert_same(script: str, tmp_path: Path, granularity: str = "command") -> int:
    """Run both; returns how many jobs there are."""
    theirs, ours = tmp_path / "script" / "here", tmp_path / "import" / "here"
    for folder in (theirs, ours):
        folder.mkdir(parents=True)
        (folder / "in.txt").write_text("one\ntwo\n")
        (folder / "lib.sh").write_text("LIB=yes\nlib() { echo lib >>lib.out; }\n")
        (folder / "moves.sh").write_text("moves() { cd d; }\n")
        (folder / "strict.sh").write_text("set -e\n")
        (folder / "busy.sh").write_text("echo busy >>busy.out\nBUSY=1\n")
    first = script.split("\n")[0]
    argv = first.removeprefix("#!").split() if first.startswith("#!") else ["bash"]
    (tmp_path / "it.sh").write_text(script)
    ran = subprocess.run(
        [*argv, str(tmp_path / "it.sh")], cwd=theirs, stdin=subprocess.DEVNULL, capture_output=True, check=False,
        env={**os.environ, "GIVEN": "given"},
    )  # fmt: skip
    made, entries = imported(script, "bash", name=str(ours / "it.sh"), wishes=Wishes(granularity=granularity))
    assert not [entry for entry in entries if entry.fate == "dropped"]
    ids = [job["id"] for job in made[0]["jobs"]]
    ended = run_document(made[0], ours, GIVEN="given", EX_ALLOW=",".join(ids))
    assert (ended.returncode == 0, files_of(ours)) == (ran.returncode == 0, files_of(theirs)), made[0]["jobs"]
    return len(made[0]["jobs"])


SCRIPTS: dict[str, tuple[int, str]] = {
    "plain": (3, "echo a >a\necho b >b\ncat a b >c\n"),
    "failure in the middle": (3, "echo a >a\nfalse\necho b >b\n"),
    "failure at the end": (2, "echo a >a\nfalse\n"),
    "exits as what was before": (2, "echo a >a\nfalse\nexit\n"),
    "exits well": (2, "echo a >a\nfalse\nexit 0\n"),
    "exits badly": (2, "echo a >a\nexit 3\n"),
    "errexit": (3, "set -e\necho a >a\nfalse\necho b >b\n"),
    "errexit by flag": (3, "#!/bin/bash -e\necho a >a\nfalse\necho b >b\n"),
    "errexit for a while": (5, "set -e\necho a >a\nset +e\nfalse\nset -e\ncat a >b\nfalse\necho c >c\n"),
    "unset": (2, "set -u\necho a >a\necho $NOTHING >b\n"),
    "pipefail": (2, "set -e -o pipefail\nfalse | cat >a\necho b >b\n"),
    "no pipefail": (2, "set -e\nfalse | cat >a\necho b >b\n"),
    "folders": (4, "set -e\nmkdir -p d/e\ncd d\necho a >a\ncd e\necho b >b\ncd ../..\ncat d/a d/e/b >c\n"),
    "variables": (2, "A=1\nB=\"$A 2\"\nexport C=$B\nprintf '%s' \"$B\" >a\nsh -c 'echo $C' >b\n"),
    "changed variables": (2, "A=1\necho $A >a\nA=2\necho $A >b\n"),
    "read variables": (2, "echo x >x\nA=$(cat x)\necho y >x\necho $A >a\n"),
    "exported later": (1, "export A=$(echo x)\nsh -c 'echo $A' >a\necho b >b\n"),
    "functions": (3, "f() { echo \"$1\" >>f; }\nf 1\ng() { f 2; f 3; }\ng\nf() { echo other >>f; }\nf 4\n"),
    "functions that set": (1, "f() { A=$1; }\nf 1\necho $A >a\n"),
    "functions that go": (2, "mkdir d\nf() { cd d; }\nf\necho a >a\n"),
    "functions that end": (3, "die() { echo $1 >died; exit 2; }\necho a >a\n[ -f nothing ] || die why\necho b >b\n"),
    "functions that end well": (1, "done_() { exit 0; }\necho a >a\ndone_\necho b >b\n"),
    "given commands": (1, "run() { \"$@\"; }\nmkdir d\nrun cd d\necho a >a\n"),
    "given programs": (2, "run() { \"$@\" >>log; }\nrun echo a\nrun echo b\n"),
    "ends early and well": (1, "echo a >a\nif [ -f a ]; then exit 0; fi\necho b >b\n"),
    "ends early and badly": (3, "echo a >a\nif [ -f a ]; then exit 4; fi\necho b >b\n"),
    "or exit": (3, "echo a >a\ntest -f b || exit 1\necho b >b\n"),
    "or bare exit": (3, "echo a >a\ntest -f b || exit\necho b >b\n"),
    "and exit": (1, "echo a >a\ntest -f a && exit\necho b >b\n"),
    "codes": (2, "echo a >a\nfalse\necho $? >b\n"),
    "codes kept": (1, "false\nrc=$?\necho $rc >b\n"),
    "codes of pipes": (1, "false | true\necho ${PIPESTATUS[0]} >b\n"),
    "two at once": (3, "echo a >a &\necho b >b &\nwait\ncat a b >c\n"),
    "two at once on a line": (3, "echo a >a & echo b >b & wait; cat a b >c\n"),
    "one beside": (3, "echo a >a &\necho b >b\nwait\ncat a b >c\n"),
    "one beside fails": (3, "set -e\nfalse &\necho b >b\nwait\ncat b >c\n"),
    "one beside counts": (3, "set -e\nfalse & P=$!\necho b >b\nwait $P\ncat b >c\n"),
    "one beside counts not": (3, "false & P=$!\necho b >b\nwait $P\ncat b >c\n"),
    "one beside counts last": (2, "false & P=$!\necho b >b\nwait $P\n"),
    "waits or ends": (3, "false & P=$!\necho b >b\nwait \"$P\" || exit 1\ncat b >c\n"),
    "waits for two": (4, "set -e\n(echo a >a) & A=$!\n{ echo b >b; false; } & B=$!\necho c >c\n"
                         "wait $B $A\ncat a b >d\n"),
    "waits for nobody": (3, "set -e\necho a >a\nwait\necho b >b\n"),
    "goes on beside": (1, "sleep 0 &\necho a >a\n"),
    "loops beside": (2, "for x in a b; do echo $x >$x & done\nwait\ncat a b >c\n"),
    "numbers in a list": (2, "P=()\nfor x in a b; do echo $x >$x & P+=($!); done\n"
                             "for p in \"${P[@]}\"; do wait $p; done\ncat a b >c\n"),
    "fails inside beside": (2, "set -e\n{ echo a >a; false; echo b >b; } &\nwait\necho c >c\n"),
    "stages": (3, "stage=2\nif [ $stage -le 1 ]; then echo 1 >1; fi\nif [ $stage -le 2 ]; then echo 2 >2; fi\n"
                  "if [ $stage -le 3 ]; then echo 3 >3; fi\n"),
    "stages with a stop": (2, "stage=0; stop_stage=1\n"
                              "if [ $stage -le 1 ] && [ $stop_stage -ge 1 ]; then\n echo 1 >1\nfi\n"
                              "if [ $stage -le 2 ] && [ $stop_stage -ge 2 ]; then\n echo 2 >2\nfi\n"),
    "stage by default": (1, ": ${stage:=2}\nif [ $stage -le 2 ]; then echo 2 >2; fi\n"),
    "loops": (2, "for x in a b; do echo $x >$x; done\nfor x in c d; do echo $x >$x; done\n"),
    "loop leaves": (1, "for x in a b; do echo $x >$x; done\necho $x >last\n"),
    "counts": (1, "i=0\nwhile [ $i -lt 3 ]; do echo $i >$i; i=$((i+1)); done\necho $i >last\n"),
    "counts in arithmetic": (1, "i=0\nfor ((n=0;n<3;n++)); do ((i+=n)); done\necho $i >last\n"),
    "case": (2, "case $GIVEN in given) echo y >y ;; *) echo n >n ;; esac\necho b >b\n"),
    "case sets": (1, "case $GIVEN in given) X=1 ;; *) X=2 ;; esac\necho $X >b\n"),
    "here-documents": (2, "A=x\ncat >a <<E\n$A\n  two\nE\ncat >b <<-'E'\n\t$A\n\tE\n"),
    "here-document and more": (2, "cat <<E >a && echo b >b\none\nE\ncat a >c\n"),
    "reads": (1, "read A B <in.txt\necho $B $A >a\n"),
    "reads nothing": (1, "read A\necho \"<$A>\" >a\n"),
    "reads in a loop": (2, "while read -r l; do echo \"<$l>\" >>a; done <in.txt\ncat a >b\n"),
    "sources": (2, ". ./lib.sh\nlib\necho $LIB >a\n"),
    "sources what does more": (1, ". ./busy.sh\necho $BUSY >a\necho b >b\n"),
    "sources what moves": (2, "mkdir d\n. ./moves.sh\nmoves\necho a >a\n"),
    "sources options": (1, ". ./strict.sh\nfalse\necho a >a\n"),
    "waits inside": (2, "if true; then\n  echo a >a &\n  echo b >b &\n  wait\nfi\ncat a b >c\n"),
    "waits in each round": (2, "for x in a b; do echo $x >$x & wait; done\ncat a b >c\n"),
    "waits perhaps": (2, "if true; then echo a >a & false && wait; fi\nwait\ncat a >c\n"),
    "sources nothing": (1, ". ./nothing.sh\necho a >a\n"),
    "trap at the end": (1, "trap 'rm -f tmp' EXIT\necho a >tmp\ncp tmp b\n"),
    "trap of errors": (2, "trap 'echo trapped >>t' ERR\nfalse\necho b >b\n"),
    "umask": (2, "umask 077\ntouch a\nstat -c %a a >mode\n"),
    "everything to a log": (2, "exec >>log 2>&1\necho a\necho b >&2\n"),
    "everything to a new log": (1, "exec >log\necho a\necho b\n"),
    "exec at the end": (1, "echo a >a\nexec sh -c 'echo b >b'\n"),
    "pid": (1, "echo a >t.$$\nmv t.$$ a\n"),
    "arguments": (2, "echo \"<$1>\" >a\necho $# >b\n"),
    "shifts": (1, "set -- a b\nshift\necho $1 >a\n"),
    "options": (1, "V=no\nwhile getopts v o; do case $o in v) V=yes ;; esac; done\necho $V >a\n"),
    "evaluates": (1, "eval A=1\necho $A >a\n"),
    "subshells": (2, "mkdir d\n(cd d; A=2; echo a >a)\n"),
    "subshells leave nothing": (3, "A=1\nmkdir d\n(cd d; A=2; echo a >a)\necho $A >a\n"),
    "not a subshell": (2, "mkdir d\n{ cd d; A=2; echo a >a; }\necho $A >b\n"),
    "goes if it can": (1, "cd nowhere && echo a >a\necho b >b\n"),
    "goes or ends": (1, "cd nowhere || exit 1\necho b >b\n"),
    "goes or says and ends": (2, "mkdir d\ncd d || { echo no >&2; exit 1; }\necho b >b\n"),
    "goes and comes back": (2, "mkdir d\npushd d >/dev/null\necho a >a\npopd >/dev/null\necho b >b\n"),
    "arrays": (2, "A=(x 'y z')\nprintf '%s\\n' \"${A[@]}\" >a\necho ${#A[@]} >b\n"),
    "arrays of files": (2, "touch q.c\nA=(*.c)\nrm q.c\necho ${A[@]} >a\n"),
    "appends": (2, "A=x\nA+=y\necho $A >a\nA+=z\necho $A >b\n"),
    "defaults": (2, "A=${GIVEN:-none}\n: \"${B:=$A}\"\necho $A >a\necho $B >b\n"),
    "default in a command": (1, "echo ${A:=x} >a\necho $A >b\n"),
    "conditional default": (2, "[ -n \"$A\" ] || A=x\nif [ -z \"$B\" ]; then B=y; fi\necho $A >a\necho $B >b\n"),
    "random": (1, "A=$RANDOM\necho $A >/dev/null\necho a >a\n[ \"$A\" = \"$A\" ] && echo b >b\n"),
    "seconds": (1, "echo a >a\necho $((SECONDS * 0)) >b\n"),
    "internal field separator": (2, "IFS=:\nA=a:b\nset -f\nprintf '%s\\n' $A >a\nprintf '%s\\n' $A >b\n"),
    "dash": (3, "#!/bin/sh\nset -eu\necho a >a\n[ -f a ]\nprintf '%s\\n' \"a\\nb\" >b\n"),
    "dash's echo": (1, "#!/bin/sh\necho 'a\\nb' >b\n"),
    "env": (2, "#!/usr/bin/env bash\n[[ a == a* ]] && echo a >a\necho b >b\n"),
    "env with flags": (2, "#!/usr/bin/env -S bash -eu\nfalse\necho b >b\n"),
    "zsh": (1, "#!/usr/bin/zsh\na=(x y)\necho $a[2] >a\n"),
    "bad syntax": (1, "echo a >a\nif then\n"),
    "local": (3, "f() { local x=$1; echo $x >>f; }\nf 1\nf 2\nf 3\n"),
    "alias": (1, "shopt -s expand_aliases\nalias e='echo aliased'\ne >a\ne >b\n"),
    "indirect": (1, "A=x\nB=A\nA=$(echo y)\necho ${!B} >a\n"),
    "printf to a name": (1, "printf -v A %03d 7\necho $A >a\n"),
    "mapfile": (1, "mapfile -t L <in.txt\necho ${L[1]} >a\n"),
    "test of arithmetic": (1, "n=$(echo 3)\nif [[ n -eq 3 ]]; then echo y >y; fi\n"),
    "negated": (2, "set -e\n! false\necho a >a\n"),
    "long lines": (2, "echo a \\\n  b \\\n  >a\necho b >b\n"),
    "several on a line": (3, "echo a >a; echo b >b; cat a b >c\n"),
    "quotes": (2, "echo \"it's $GIVEN\" 'a \"b\" $c' >a\necho $'x\\ty' >b\n"),
    "exports a function": (1, "f() { echo f >f; }\nexport -f f\nbash -c f\n"),
    "sets in a condition": (1, "if true; then set -e; fi\nfalse\necho a >a\n"),
    "logs with colours": (2, "RED='\\033[0m'\nlog() { printf \"$RED%s\" \"$*\" >>log; }\nlog a\nlog b\n"),
    "unset variable": (2, "A=1\nunset A\necho ${A-none} >a\necho b >b\n"),
    "ends in a comment": (2, "echo a >a # a comment\nfalse # another\n"),
    "readonly": (2, "readonly A=1\ndeclare -r B=2\necho $A >a\necho $B >b\n"),
    "coprocess": (1, "coproc cat\necho a >a\n"),
    "child that is ended": (2, "sleep 60 & P=$!\necho a >a\nkill $P\nwait $P\necho b >b\n"),
    "redirected group": (2, "{ echo a; echo b; } >a\necho c >c\n"),
    "function in the background": (2, "f() { A=1; echo f >f; }\nf &\nwait\necho \"<$A>\" >a\n"),
    "a test that is not fatal": (3, "set -e\n[ -f nothing ] && echo n >n\n"
                                       "if true; then false && true; fi\necho a >a\n"),
    "a test that is not fatal, last": (2, "set -e\necho a >a\n[ -f nothing ] && echo n >n\n"),
    "a group that is not fatal": (2, "set -e\n{ false && true; } >g\necho a >a\n"),
    "a variable that fails at the end": (2, "set -u\necho a >a &\nwait\nA=$NOTHING\n"),
    "two variables on a line": (2, "A=1 B=2\necho $A$B >a\necho b >b\n"),
    "what the grammar misreads": (1, "case x in 1) D=1 ;; esac\nA=1 B=2\nread B <in.txt\necho $A >a\n"),
    "set again": (2, "A=$(echo x)\nA=2\necho $A >a\n"),
    "goes where nothing is yet": (1, "cd d\nmkdir d\necho a >a\n"),
    "goes on beside, and looks": (1, "sleep 0 &\nkill -0 $$\n"),
    "waits for one of two": (1, "sleep 0 &\ntrue & P=$!\nwait $P\necho a >a\n"),
    "time": (1, "time echo a >a\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_same_happens(name: str, tmp_path: Path) -> None:
    jobs, script = SCRIPTS[name]
    assert assert_same(script, tmp_path) == jobs


DISGUISES: dict[str, tuple[int, str]] = {
    'goes, words behind a redirection': (2, 'mkdir d\ncd >/dev/null d\necho b >b\n'),
    'exits, words behind a redirection': (1, 'echo a >a\n[ -f a ] && exit >/dev/null 0\necho b >b\n'),
    'given a word behind a redirection': (1, 'run() { "$@"; }\nrun >/dev/null exit 0\necho b >b\n'),
    'reads, a name behind a here-document': (1, 'read <<E B\nx\nE\necho $B >b\n'),
    'reads, a name behind a here-string': (1, 'read <<<x B\necho $B >b\n'),
    'reads, a name behind both': (1, 'read <<E >/dev/null B\nx\nE\necho $B >b\n'),
    'words behind a redirection': (2, 'echo >&2 hallo\necho b >b\n'),
    'escaped program': (3, 'touch a; \\rm -f a\necho b >b\n'),
    'variable that is a program': (2, 'CP=/bin/cp\n$CP in.txt a\n"$CP" a b\n'),
    'variable that is a program, in braces': (2, 'CP=cp\n${CP} in.txt a\ncat a >b\n'),
    'variable that is a program later': (1, 'f() { $CP in.txt a; }\nCP=cp\nf\ncat a >b\n'),
    'variable in a path': (2, 'B=/bin\n"$B/cp" in.txt a\ncat a >b\n'),
    'a path set again': (1, 'PATH=/bin\nexport B=$(echo 1)\nPATH=/bin:/usr/bin\nsh -c "echo $B" >a\n'),
    'a path set behind an export': (1, "export B=$(echo 1)\nPATH=/bin:/usr/bin\nsh -c 'echo $B' >a\n"),
    'matches': (1, '[[ $(cat in.txt) =~ o(.) ]]\necho ${BASH_REMATCH[1]} >a\n'),
    'escaped cd': (1, 'mkdir x\ntouch f x/g\n\\cd x\nrm -f *\n'),
    'escaped set': (1, '\\set -e\nfalse\necho a >a\n'),
    'set escaped within': (1, 's\\et -e\nfalse\necho a >a\n'),
    'escaped export': (1, "\\export A=$(echo 1)\nsh -c 'echo $A' >a\n"),
    'escaped unset': (1, 'A=1\n\\unset A\necho ${A-none} >a\n'),
    'escaped exit': (1, 'echo a >a\n\\exit 0\necho b >b\n'),
    'quoted exit': (1, "echo a >a\n$'exit' 0\necho b >b\n"),
    'timed exit': (1, 'echo a >a\ntime exit 0\necho b >b\n'),
    'exit in parts': (1, 'c=ex\n${c}it 0\necho b >b\n'),
    'alias of exit': (1, 'shopt -s expand_aliases\nalias quit=exit\nquit 0\necho b >b\n'),
    'alias of exit, read in': (2, "echo 'shopt -s expand_aliases; alias q=exit' >al.sh\n. ./al.sh\nq 0\necho b >b\n"),
    'exit by variable': (1, 'CMD=exit\n$CMD 0\necho b >b\n'),
    'exit by variable in a list': (1, 'E=exit\n[ 1 = 1 ] && $E\necho b >b\n'),
    'commands of a loop': (1, 'for c in true "exit 0"; do $c; done\necho b >b\n'),
    'set by variable': (1, 'S="set -e"; $S\nfalse\necho b >b\n'),
    'cd by variable': (1, 'mkdir d\nCDIR="cd d"; $CDIR\necho b >b\n'),
    'given exit': (1, 'run() { $1; }\nrun "exit 0"\necho b >b\n'),
    'negated exit': (1, '! exit 0\necho b >b\n'),
    'redirected exit': (1, '{ exit 0; } 2>/dev/null\necho b >b\n'),
    'exits with a status': (1, 'rc=0\nfor t in 1 2; do false || rc=1; done\nexit $rc\n'),
    'exits with a number worked out': (1, 'echo a >a\nexit $((1+1))\n'),
    'exits with more than a status can be': (1, 'echo a >a\nexit 256\n'),
    'negated group': (1, '! { false; }\necho a >a\n'),
    'handles what is not found': (1, 'command_not_found_handle() { echo $1 >>nf; return 0; }\nnothere x\necho b >b\n'),
    'export by command': (1, "command export A=$(echo 1)\nsh -c 'echo $A' >a\n"),
    'cd by builtin': (1, 'mkdir d\nbuiltin cd d\necho b >b\n'),
    'exported before it is set': (1, "export A\nA=$(echo 1)\nsh -c 'echo $A' >a\n"),
    'exports all': (1, "set -a\nA=$(echo 1)\nsh -c 'echo $A' >a\n"),
    'matches what is fixed': (1, '[[ ab =~ a(.) ]]\necho ${BASH_REMATCH[1]} >a\n'),
    'seeds': (1, 'RANDOM=4\necho $RANDOM >a\necho $RANDOM >b\n'),
    'trap that exits': (1, "trap 'exit 0' ERR\nfalse\necho b >b\n"),
    'trap at the end in parts': (1, "trap 'echo t >t' E''XIT\necho a >a\necho b >b\n"),
    'trap at the end in small letters': (1, "trap 'echo t >>t' exit\necho a >a\necho b >b\n"),
    'trap that counts': (1, "trap 'N=x$N' ERR\nfalse\nfalse\necho $N >n\n"),
    'descriptor in a variable': (1, 'exec {fd}>x\necho a >&$fd\necho b >&$fd\n'),
    'descriptor in a variable, by a command': (1, 'true {fd}>x\necho a >&$fd\necho b >b\n'),
    'reads a name': (1, 'X=B\nread $X <in.txt\necho $B >b\n'),
    'printf glued to a name': (1, 'printf -vB %s x\necho $B >b\n'),
    'declares a name': (1, 'X=B\ndeclare "$X=$(echo 1)"\necho $B >b\n'),
    'unsets a name': (1, 'X=A\nA=$(echo 1)\nunset $X\necho "<$A>" >b\n'),
    'function named cd': (1, 'cd() { echo no; }\nmkdir d\ncd d\necho a >a\n'),
    'lastpipe in parts': (1, "shopt -s last''pipe\necho x | read A\necho $A >a\n"),
    'cd disabled': (1, 'enable -n cd\nmkdir d\ncd d\necho a >a\n'),
    'hashed elsewhere': (1, 'hash -p /bin/echo foo\nfoo a >a\n'),
    'given behind a shift': (1, 'run() { shift; "$@"; }\nmkdir d\nrun x cd d\necho b >b\n'),
    'given by variable': (1, 'run() { "$@"; }\nX=cd\nmkdir d\nrun $X d\necho b >b\n'),
    'assignment before a builtin': (1, '#!/bin/sh\nA=1 :\necho "<$A>" >a\n'),
    'evaluates exit': (1, 'eval "exit 0"\necho b >b\n'),
    'reads in by variable': (1, 'D=.\necho "exit 0" >q.sh\n$D ./q.sh\necho b >b\n'),
    'reads in what a variable names': (2, 'Q=./q.sh\necho "exit 0" >q.sh\nsource $Q\necho b >b\n'),
    'exec by variable': (1, 'X="exec true"\n$X\necho b >b\n'),
    'timed cd': (1, 'mkdir d\ntime cd d\necho b >b\n'),
    'exit that was read': (1, 'echo exit >c\nmapfile -t L <c\n${L[0]} 0\necho b >b\n'),
    'timed group': (1, 'time { exit 0; }\necho b >b\n'),
    'alias by array': (1, 'shopt -s expand_aliases\nBASH_ALIASES[q]=exit\nq 0\necho b >b\n'),
    'alias evaluated': (1, "shopt -s expand_aliases\neval 'alias q=exit'\nq 0\necho b >b\n"),
    'escaped exit in a function': (1, 'f() { \\exit 0; }\nf\necho b >b\n'),
    'trap by function': (1, 'f() { exit 0; }\ntrap f ERR\nfalse\necho b >b\n'),
    'negated function': (1, 'f() { exit 0; }\n! f\necho b >b\n'),
    "waits for what jobs tells": (
        1, "(sleep 0.2; false) & true &\nfor j in $(jobs -p); do wait $j || echo bad >>bad; done\necho a >a\n"
    ),
    "exits badly with a status": (2, "echo a >a\nfalse\nexit $?\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguise_parts_nothing(name: str, tmp_path: Path) -> None:
    jobs, script = DISGUISES[name]
    assert assert_same(script, tmp_path) == jobs


def test_what_is_seen_through_is_parted(tmp_path: Path) -> None:
    script = 'run() { "$@" >>log; }\nLIST=cat; \\touch a\nrun cat in.txt\n$LIST in.txt >b\n~/nothing\ntime ls >c\n'
    assert assert_same(script, tmp_path) == 5


def test_stages_read_in_what_they_need(tmp_path: Path) -> None:
    script = ". ./busy.sh\nif [ $BUSY -le 1 ]; then echo 1 >1; fi\necho a >a\n## next\necho b >b\n"
    made, entries = imported(script, "bash", name=str(tmp_path / "x.sh"), wishes=Wishes(granularity="stage"))
    assert [job["id"] for job in made[0]["jobs"]] == ["if_echo_1", "next"]
    assert all(job["command"].startswith(". ./busy.sh\n") for job in made[0]["jobs"])
    assert "read in again" in "".join(entry.reason for entry in entries if entry.fate == "approximated")


LINES = st.sampled_from([
    "echo $A$B >>log", "A=1", "B=$A.", "A=$(cat in.txt | wc -l)", "mkdir -p d", "cd d", "cd ..", "false", "true",
    "echo $A >a.$B", "f() { echo f$A >>log; }", "f", "g() { B=g; }", "g", "set -e", "set +e", "set -u",
    "echo $? >code", "test -f a. || exit 3", "test -d d && exit 0", "(cd /; A=sub; echo x$A >>/dev/null)",
    "{ A=group; }", "echo $C >c", "for x in 1 2; do echo $x$A >>loop; done", "echo $x >x",
    "if [ \"$A\" = 1 ]; then B=if; fi", "export A", "unset B", "sh -c 'echo in$A >>env'", "cat <<E >>here\n$A\nE",
    "echo p >p1 & echo q >q1 & wait", "false & P=$!; wait $P", "A=bg & wait", "echo $(pwd | tail -c 3) >where",
    "read B <in.txt", "ls >list", "trap 'echo t >>trap' ERR", "! true", "echo one | cat >pipe", "A=x f",
    "B=${A:-none}", "((C=C+1))", ": ${C:=5}", "cat nothing 2>/dev/null", "exit 2", "umask 027",
    "[ -n \"$A\" ] && C=7", "while false; do :; done", "{ echo r >r; false; } || echo or >>or", "exit 0",
    "h() { cd d; }", "h", "d() { [ -d d ] || return 1; }", "d", "d || exit 4", "f && A=and", "A=$(f; echo sub)",
    "set -o pipefail", "false | true", "true | false", "set -- x y", "shift", "echo \"$1\" >one", "echo $# >count",
    "A+=p", "eval 'B=ev'", "B=A; echo ${!B} >ind", "export B=exp", "readonly R=1", "R=2", "declare -i N=3",
    "N=N+1; echo $N >n", "arr=(a \"$A\")", "echo ${arr[@]} >arr", "arr+=(z)",
    "case $A in 1) D=one;; *) D=other;; esac", "echo $D >D", "let y=x+1", "echo $y >y", "printf -v Z %s zed",
    "echo $Z >Z", "cd nowhere", "cd d && echo in >in", "cd - >/dev/null", "f & wait $!", "f & Q=$!", "wait $Q",
    "wait", "IFS=,", "v=a,b; for w in $v; do echo $w >>w; done", "f() { return 3; }", "f || echo $? >rc", "rc=$?",
    "echo $rc >rc2", "[[ -f log ]] && rm log", "echo ${U?unset} >u", "trap - ERR", "! f",
    "if f; then echo ff >ff; fi", "unset -f f", "A=1 B=2", "for A in p q; do :; done",
    "while read l; do L=$l; done <in.txt", "echo $L >L", "( exit 3 )", "( exit 3 ) || exit", "$A", "mkdir m && cd m",
    "return 0", "exec 3<in.txt", "read -u 3 T", "[ $A ] || A=or", "k() ( A=sub; echo k >k )", "k",
    "set -euo pipefail",
    # Disguises.
    "\\cd d", "\\set -e", "s\\et -e", "\\export A", "\\unset A", "\\exit 0", "$'exit' 0", "time exit 0", "time f",
    "X=exit", "$X 0", "${X}", "c=ex; ${c}it 0", "[ 1 = 1 ] && $X", "for c in true 'exit 0'; do $c; done", "S='set -e'",
    "$S", "CD='cd d'", "$CD", "run() { \"$@\"; }", "run cd d", "run exit 0", "run f", "run ls >ran", "run $X",
    "one() { $1; }", "one 'exit 0'", "later() { shift; \"$@\"; }", "later x cd d", "! exit 0",
    "{ exit 0; } 2>/dev/null", "shopt -s expand_aliases", "alias quit=exit", "quit 0", "alias ls='cd d'", "unalias ls",
    "! { false; }", "command cd d", "builtin cd d", "command -v ls >/dev/null && echo ls >which", "! cd d",
    "time { cd d; }", "command_not_found_handle() { echo \"$1\" >>nf; }", "cd() { echo cd >>cd; }", "enable -n cd",
    "set -a", "q() { \\exit 0; }", "q", "! q", "trap q ERR", "trap 'A=t' ERR", "trap 'echo end >>end' exit",
    "cd >/dev/null d", "echo >&2 a", "\\rm -f a", "LS=ls", "$LS >ls", "\"$LS\" >ls2", "read <<<ev B", "X=A",
    "export $X", "unset $X", "read $X <in.txt", "printf -vB x", "sh -c 'echo $A$B' >>env2", "exec 4>>four",
    "echo 4 >&4", "eval 'exit 0'", "[[ $A =~ (.) ]]", "echo $BASH_REMATCH >rem", "mapfile -t M <in.txt", "${M[0]}",
    "(exit 0)", "($X 0)", "$X 0 | cat", "A=$($X 4)", "echo $(cd d; ls) >sub",
    "export A=$(wc -l <in.txt)", "exit $A", "exit $?",
    "exit $((1+1))", "rc=4", "exit $rc", "false || rc=1", "f >/dev/null || exit $?", ". ./lib.sh", "lib",
    ". ./strict.sh", "source ./moves.sh", "moves", "Q=./busy.sh", ". $Q", "D=.; $D ./busy.sh", "PATH=/bin:/usr/bin",
    "hash -r",
])  # fmt: skip


@settings(
    max_examples=int(os.environ.get("SCRIPTS_TRIED", "25")), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lines=st.lists(LINES, min_size=1, max_size=9),
    granularity=st.sampled_from(["command", "command", "stage", "script"]),
    end=st.sampled_from(["", "", "exit\n", "exit 0\n", "exit $?\n", "exit $rc\n", "exit $A\n", "exit $((C))\n"]),
)
def test_any_script(lines: list[str], granularity: str, end: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert_same("\n".join([*lines, end]), tmp_path_factory.mktemp("any"), granularity)
