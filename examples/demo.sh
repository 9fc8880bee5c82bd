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
  ex-plan examples/nightly.json                  # how long it takes, and what would make it quicker
  ex-visualize examples/nightly.json --status last -o nightly.html    # see it
  ex-analyze-logs --errors-only                  # what failed, why, and what to do
  executioner --sample-config > mine.json        # start your own

END
