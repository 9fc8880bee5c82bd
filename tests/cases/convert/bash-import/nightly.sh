#!/bin/bash
# Nightly load of the warehouse.

set -euo pipefail
IN=/srv/in
export OUT=/srv/out   # read by loader
log() { printf '%s %s\n' "$(date +%T)" "$*" >&2; }

# Both sources at once.
fetch --from north > "$IN/north.csv" &
fetch --from south > "$IN/south.csv" &
wait

cd "$IN"
log loading
today=$(date +%F)
loader --date "$today" *.csv
cat > "$OUT/done" <<END
loaded on $today
END
tar czf "$OUT/in.tgz" . && rm -f ./*.csv || log "kept"
exit 0
