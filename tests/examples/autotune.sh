#!/usr/bin/env bash
# Does fovea_autotune write a header that an Engine takes?  autotune.sh PROGRAM COMPILER ROOT FOLDER
set -euo pipefail
program=$1 compiler=$2 root=$3 folder=$4
rm -rf "$folder"
mkdir -p "$folder"
"$program" "$folder/choices.hpp" | tee "$folder/log"
[[ $(grep -c 'times as fast as direct' "$folder/log") == 4 ]]
cat > "$folder/use.cpp" <<'TEXT'
#include <fovea/fovea.hpp>
#include "choices.hpp"
#include "seed_networks.hpp"
static_assert(sizeof(fovea::Engine<seed::Dilated4, choices>) > 0);  // it refuses paths and ways that do not fit
TEXT
"$compiler" -std=c++20 -fsyntax-only -I"$root/include" -I"$root/examples/networks" -I"$folder" "$folder/use.cpp"
if "$program" "$folder/absent/choices.hpp" 2> "$folder/refused"; then
    echo "a folder that is absent was written to" >&2
    exit 1
fi
grep -q 'absent' "$folder/refused"
