#!/bin/sh
# What "make demo" runs: the line of the README, on the release example.
cd "$(dirname "$0")/.." || exit
line="ex-validate examples/release.json | ex-filter --pattern 'PR_104*' --with-deps | ex-run --parallel --workers 4"
printf '\n$ %s\n\n' "$line" | sed 's/| /|\
    /g'
sh -c "$line" || exit
cat <<'END'

That was a filtered release, checked, run and recorded. From here:

  PATH="$PWD/bin:$PATH"                          # use the tools from this checkout
  ex-history list                                # the run you have just seen
  ex-run examples/nightly.json                   # retries, checks, three workers
  ex-run --dry-run examples/nightly.json         # only the plan
  executioner --sample-config > mine.json        # start your own

END
