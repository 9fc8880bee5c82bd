#!/usr/bin/env bash
. ./path.sh
stage=0
stop_stage=3
set -e

# Prepare the data.
if [ $stage -le 1 ] && [ $stop_stage -ge 1 ]; then
  utils/prepare.sh data
fi
if [ $stage -le 2 ] && [ $stop_stage -ge 2 ]; then
  for part in train test; do
    steps/features.sh "data/$part" &
  done
  wait
fi
if [ $stage -le 3 ] && [ $stop_stage -ge 3 ]; then steps/train.sh data/train; fi
echo "$0: done"
