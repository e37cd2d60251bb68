#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Does each word mean one thing? Checks the headers in include/fovea against the lists below and prints one line a violation.

usage: check_words.py <root of the project> | --self-test
"""

import re
import sys
import tempfile
from fnmatch import fnmatch
from pathlib import Path

# Word -> what it means, and where alone it may stand, in names or in prose.
PLACES = {
    "strip": ("some columns of an image, from top to bottom: Tiled",
              ["plan/strip_plan.hpp", "plan/steps.hpp", "plan/step_plan.hpp", "plan/sum_order.hpp", "execute/tiled.hpp", "execute/tiled_options.hpp",
               "report/field.hpp", "report/script.hpp"]),  # in report/ the name of a CSS class
    "band": ("rows that are done in one go",
             ["plan/chains.hpp", "plan/engine_plan.hpp", "execute/chain.hpp", "execute/kernels/*.hpp", "train/kernels/*.hpp"]),
    "slab": ("blocks of output channels whose sums wait for their transform at once", ["execute/kernels/*winograd*.hpp"]),
}
# Words that a type's name may have as a part -> the meaning of the word, and all such types. A new one is entered here, or has
# another name.
TYPES = {
    "step": ("an entry of an executor's work; in train/ an update of the weights",
             {"chain_finder", "step", "step_kind", "plan_step", "step_facts", "step_list", "step_options", "step_set", "step_chain",
              "chained_steps", "step_plan", "step_plan_base", "packed_steps", "step_rate", "step_report", "step_result"}),
    "plan": ("steps or operations with the places of their maps, as constants",
             {"step_plan", "plan_base", "step_plan_base", "plan_step", "plan_options", "plan_of", "engine_plan", "strip_plan", "train_plan",
              "arena_plan", "plan_table", "plan_row", "planned_work"}),
    "chain": ("steps that run as one",
              {"step_chain", "chained_steps", "chained_work", "chain_options", "chain_finder", "chain_links", "channel_chain", "row_chain"}),
}
# Names that were something else's, and what to say instead.
GONE = {
    "filtered": "in Winograd's domain: winograd",
    "every_step": "plan_options{.chain_rows = false}",
    "place_of_path": "place_of_layer",
}
TYPE = re.compile(r"^\s*(?:struct|class|enum class|concept|using) ([a-z_0-9]+)(?= *[{=:;]|<|$| final)", re.M)


def stands(word, text):
    return re.search(rf"(?<![A-Za-z]){word}s?(?![A-Za-z])", text)


def has_part(name, word):
    parts = re.split("_", name)
    return any(p in (word, word + "s", word + "ned", word + "ed") for p in parts)


def violations(root):
    base = Path(root) / "include" / "fovea"
    files = {p.relative_to(base).as_posix(): p.read_text(encoding="utf-8") for p in sorted(base.rglob("*.hpp"))}
    result = [] if files else [f"{base}: no headers found"]
    for word, (meaning, places) in PLACES.items():
        used = set()
        for file, text in files.items():
            found = stands(word, text)
            if found:
                match = [p for p in places if fnmatch(file, p)]
                used.update(match)
                if not match:
                    line = text.count("\n", 0, found.start()) + 1
                    result.append(f"{file}:{line}: '{word}' is {meaning}; use another word, or enter the file")
        result += [f"'{word}' stands in none of '{place}'" for place in places if place not in used]
    names = {}
    for file, text in files.items():
        for match in TYPE.finditer(text):
            if match.group(0).startswith(" ") and " using " in match.group(0):
                continue  # a member's short name
            names.setdefault(match.group(1), file)
        for word, instead in GONE.items():
            if re.search(rf"\b{word}\b", text):
                result.append(f"{file}: '{word}' is gone; say {instead}")
    for word, (meaning, known) in TYPES.items():
        for name, file in names.items():
            if has_part(name, word) and name not in known and name != word:
                result.append(f"{file}: '{name}' is not in the list of '{word}', {meaning}")
        result += [f"'{name}' is in the list of '{word}' and no type" for name in sorted(known) if name not in names]
    return result, len(files)


def self_test():
    """The lists against trees that break one rule each."""
    root = Path(__file__).resolve().parents[2]
    sound, _ = violations(root)
    wrong = 0
    broken = {
        "a strip elsewhere": "struct strip_of_rows {};\n",
        "a new step": "struct first_step {};\n",
        "a word that is gone": "constexpr int filtered = 0;\n",
    }
    for name, text in broken.items():
        with tempfile.TemporaryDirectory() as copy:
            for path in (root / "include" / "fovea").rglob("*.hpp"):
                to = Path(copy) / path.relative_to(root)
                to.parent.mkdir(parents=True, exist_ok=True)
                to.write_bytes(path.read_bytes())
            (Path(copy) / "include" / "fovea" / "infer" / "other.hpp").write_text(text, encoding="utf-8")
            found, _ = violations(copy)
        if len(found) != len(sound) + 1:
            wrong += 1
            print(f"self-test '{name}': {found}")
    print(f"self-test: {len(broken)} broken trees, {wrong} judged wrongly")
    return 1 if wrong else 0


def main():
    if len(sys.argv) != 2:
        print(__doc__.strip())
        return 64
    if sys.argv[1] == "--self-test":
        return self_test()
    found, count = violations(sys.argv[1])
    for line in found:
        print(line)
    print(f"{count} headers, {len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
