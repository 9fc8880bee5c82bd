#!/bin/sh
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
fetch > "$tmp/a"
load "$tmp/a"
