#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One leg of training on a bare machine with a GPU: a check of a minute, then training for the rest of the time, examination
# and export. Needs python3 with torch, numpy and safetensors; run it in the repository's root:
#
#     OUT=/tmp/leg1 MINUTES=9.5 bash examples/train_h200/run.sh
#     OUT=/tmp/leg2 RESUME=/tmp/leg1 MINUTES=9.5 bash examples/train_h200/run.sh
#
# A rehearsal on a CPU, in two minutes:
#
#     OUT=/tmp/rehearsal CONFIG=core/cotrack/training/configs/smoke.toml DEVICE=cpu MINUTES=2 bash examples/train_h200/run.sh
#
# MINUTES  for everything, check included          CONFIG  what to train
# RESUME   the folder of the leg before            CLIPS   a folder of packed clips with truth (see pack_clip.py)
# OUT gets state/ (parts of at most 15 MiB), network.safetensors, record.json, log.jsonl and output.txt: 8 files in all.
set -euo pipefail
began=$SECONDS
out=${OUT:?say where the results go}
config=${CONFIG:-core/cotrack/training/configs/compact.toml}
device=${DEVICE:-cuda}
minutes=${MINUTES:-9.5}
export PYTHONPATH=core${PYTHONPATH:+:$PYTHONPATH} PYTHONUNBUFFERED=1
mkdir -p "$out"

{
    # Whatever can fail should fail now: shots, steps, state, resuming, examination, export.
    check=$(mktemp -d)
    trap 'rm -rf "$check"' EXIT
    python3 -m cotrack.training core/cotrack/training/configs/check.toml --device "$device" -o "$check"
    python3 -m cotrack.training core/cotrack/training/configs/check.toml --device "$device" -o "$check" \
        --resume "$check" --minutes 0.4

    left=$(python3 -c "print($minutes - ($SECONDS - $began) / 60)")
    python3 -m cotrack.training "$config" --device "$device" -o "$out" --minutes "$left" \
        ${RESUME:+--resume "$RESUME"} ${CLIPS:+--clips "$CLIPS"}
} 2>&1 | tee "$out/output.txt"
find "$out" -type f -size +0 -exec ls -l {} +
