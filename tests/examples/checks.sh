# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# Small helpers of the tests in this folder; sourced, not run. Every command's output goes to $work/output.

failures=0
problem() {
    echo "FAILED: $1" >&2
    sed 's/^/    | /' "$work/output" >&2
    failures=$((failures + 1))
}

# expect CODE COMMAND...: runs it; the exit code must be CODE.
expect() {
    local code=$1 got=0
    shift
    echo "+ $*"
    "$@" > "$work/output" 2>&1 || got=$?
    [[ $got == "$code" ]] || problem "exit code $got instead of $code: $*"
}

# says TEXT...: the last command's output holds each text.
says() {
    local text
    for text in "$@"; do
        grep -qF -- "$text" "$work/output" || problem "not said: $text"
    done
}

is_png() { [[ $(head -c 4 "$1" 2> /dev/null | tail -c 3) == PNG ]] || problem "$1 is not a PNG file"; }
is_file() { [[ -s $1 ]] || problem "$1 is missing or empty"; }
is_absent() { [[ ! -e $1 ]] || problem "$1 should not be there"; }

finish() {
    if ((failures > 0)); then
        echo "$failures checks failed" >&2
        exit 1
    fi
    echo "all checks passed"
}
