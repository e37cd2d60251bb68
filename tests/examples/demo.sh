#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# fovea_demo with a few steps on all kinds of data: does it go through and write its files?
#     demo.sh MAKE_TINY_DATA FOVEA_DEMO FOVEA_PREDICT WORK_FOLDER
set -uo pipefail
make_data=$1 demo=$2 predict=$3 work=$4
rm -rf "$work"
mkdir -p "$work/shapes" "$work/again" "$work/digits"
cd "$work" || exit 1
source "$(dirname "${BASH_SOURCE[0]}")/checks.sh"

expect 0 "$make_data" data
small=(--steps 6 --batch 2 --canvases 20 --held-out 12)

# Without the package: drawn shapes, and it says so. The same seed and steps give the same bytes, whatever the threads.
expect 0 "$demo" --fashion nowhere "${small[@]}" --threads 1 --out shapes
says "66,995" "nowhere" "ten simple shapes" "mean IoU" "foreground accuracy" "Engine and training" shapes/segment.png
is_png shapes/segment.png
is_file shapes/segment.safetensors
expect 0 "$demo" --shapes "${small[@]}" --threads 2 --out again
cmp shapes/segment.safetensors again/segment.safetensors || problem "the same seed and steps gave another network"

expect 0 "$demo" --data data "${small[@]}" --out digits
says M2NIST "held out"
is_png digits/segment.png

# The network that it saves is one that fovea_predict takes.
expect 0 "$predict" digits/segment.safetensors --data data --out digits/answers.png
is_png digits/answers.png
expect 1 "$predict" shapes/segment.safetensors --data data --out wrong.png
says "not those that the network learned"

expect 1 "$demo" --data nowhere "${small[@]}"
says nowhere combined.npy
expect 1 "$demo" --shapes "${small[@]}" --out no/such/folder
says no/such/folder
expect 2 "$demo" --batch 0
finish
