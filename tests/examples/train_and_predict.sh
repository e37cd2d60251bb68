#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# fovea_train and fovea_predict: train, stop, resume, predict, and refuse what is wrong.
#     train_and_predict.sh MAKE_TINY_DATA FOVEA_TRAIN FOVEA_PREDICT WORK_FOLDER
set -uo pipefail
make_data=$1 train=$2 predict=$3 work=$4
rm -rf "$work"
mkdir -p "$work"
cd "$work" || exit 1
source "$(dirname "${BASH_SOURCE[0]}")/checks.sh"

expect 0 "$make_data" data

# --- help and lists
expect 0 "$train" --help
says --steps-per-epoch 1000 --learning-rate 0.001 --checkpoint
expect 0 "$train" --list
says dilated4 25474 wide4 m2nist
expect 0 "$predict" --help

# --- a run in one go
run=("$train" --data data --net strided4 --batch 8 --epochs 2 --steps-per-epoch 150 --threads 2 --seed 7)
expect 0 "${run[@]}" --csv whole.csv --save whole.safetensors
says "epoch 2/2" "best epoch" "images/s" whole.safetensors whole.csv
is_file whole.safetensors
[[ $(wc -l < whole.csv) == 3 ]] || problem "whole.csv should have a heading and two lines"

# --- the same run, stopped again and again (as by Ctrl-C) and resumed: the same bytes
seconds=0.2
stopped=0
for attempt in $(seq 1 30); do
    resume=()
    [[ ! -e run.checkpoint ]] || resume=(--resume)
    got=0
    timeout --signal=INT --preserve-status "$seconds" "${run[@]}" --save parts.safetensors --checkpoint run.checkpoint \
        "${resume[@]}" > output 2>&1 || got=$?
    [[ $got == 0 ]] && break
    [[ $got == 130 ]] || { problem "a stopped run should end with 130, not $got"; break; }
    # One that was stopped before its first step has nothing to say.
    if grep -q "to go on" output; then
        says "run the same command with --resume"
        stopped=$((stopped + 1))
    fi
    seconds=$(awk "BEGIN { print $seconds * 1.5 }")
done
echo "stopped $stopped times in $attempt attempts"
is_file parts.safetensors
cmp whole.safetensors parts.safetensors || problem "a resumed run ends differently"

# --- what was learned
expect 0 "$predict" whole.safetensors --data data --out sheet.png --count 7
says "strided4 on 30 cifar10 test images" recall sheet.png
is_png sheet.png
expect 0 "$predict" whole.safetensors data/picture.png sheet.png --out answer.png
says "data/picture.png" "%" answer.png
is_png answer.png

# --- a class for every pixel
expect 0 "$train" --data data --dataset m2nist --net segment --batch 2 --epochs 1 --steps-per-epoch 3 --save pixels.safetensors
is_file pixels.safetensors
expect 0 "$predict" pixels.safetensors --data data --out pixels.png
says "mean IoU" "foreground accuracy" background
is_png pixels.png
expect 0 "$predict" pixels.safetensors data/picture.png --out pixels1.png
is_png pixels1.png

# --- wrong options: exit code 2
expect 2 "$train" --data data --nett dilated4
says "--nett"
expect 2 "$train" --data data --net dilated5
says dilated5
expect 2 "$train" --data data --epochs 0
expect 2 "$train" --data data --batch many
expect 2 "$predict"
says model

# --- what cannot work: exit code 1, one line that says why, and nothing written
expect 1 "$train" --data data --net segment --save wrong.safetensors
says "does not fit" "m2nist" "dilated4"
expect 1 "$train" --data nowhere --save wrong.safetensors
says "nowhere" "--data DIR"
expect 1 "$train" --net dilated4 --save wrong.safetensors
says "--data DIR"
expect 1 "$train" --data data --resume --save wrong.safetensors
says "--checkpoint"
expect 1 "$train" --data data --save no/such/folder/wrong.safetensors
says "--save" "no/such/folder"
expect 1 "${run[@]}" --checkpoint run.checkpoint --resume --learning-rate 0.5 --save wrong.safetensors
says run.checkpoint
mkdir short && cp -r data/cifar-10-batches-bin short/ && truncate -s 5000 short/cifar-10-batches-bin/data_batch_3.bin
expect 1 "$train" --data short --save wrong.safetensors
says data_batch_3.bin "expected" "got"
is_absent wrong.safetensors

expect 1 "$predict" missing.safetensors data/picture.png --out wrong.png
says missing.safetensors
expect 1 "$predict" data/picture.png data/picture.png --out wrong.png
says data/picture.png
head -c 9000 whole.safetensors > cut.safetensors
expect 1 "$predict" cut.safetensors data/picture.png --out wrong.png
says cut.safetensors
expect 1 "$predict" whole.safetensors whole.csv --out wrong.png
says whole.csv PNG
expect 1 "$predict" whole.safetensors --out wrong.png
says "--data DIR"
expect 1 "$predict" whole.safetensors --dataset m2nist --data data --out wrong.png
says "1x64x84" "3x32x32"
is_absent wrong.png

finish
