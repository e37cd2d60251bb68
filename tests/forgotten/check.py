#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Does a forgotten rule compile? It must not, and no warning is asked for that.

A *.diff here adds a brick to a copy of the headers, rule by rule: blocks "== file: rule" of lines that stand there once
(" " and "-") or are put there (" " and "+"). With all rules uses.cpp compiles; without any one of them it does not, nor
with the row and the type alone.

usage: check.py ROOT COMPILER WORK NAME        NAME: scale, soft
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

BRICKS = {"scale": "Scale", "soft": "Soft"}


def read_rules(path):
    """(rule, file, old, new) in order."""
    rules = []
    for block in re.split(r"^== ", path.read_text(encoding="utf-8"), flags=re.M)[1:]:
        head, *lines = block.rstrip("\n").split("\n")
        file, rule = head.split(": ", 1)
        rules.append((rule, file, "".join(line[1:] + "\n" for line in lines if line[:1] in " -" and line),
                      "".join(line[1:] + "\n" for line in lines if line[:1] in " +" and line)))
    return rules


def apply(root, work, rules, left_out):
    """Copies the headers with all rules but those. What another rule stands in may be missing then."""
    shutil.rmtree(work / "include", ignore_errors=True)
    shutil.copytree(root / "include", work / "include")
    for rule, file, old, new in rules:
        if rule in left_out:
            continue
        text = (work / file).read_text(encoding="utf-8")
        if text.count(old) != 1 and not (left_out and text.count(old) == 0):
            sys.exit(f"{file} holds these lines of '{rule}' {text.count(old)} times:\n{old}")
        (work / file).write_text(text.replace(old, new), encoding="utf-8")


def compiles(compiler, root, work, brick):
    # -w: the language and nothing else
    command = [compiler, "-std=c++20", "-w", "-fsyntax-only", f"-I{work / 'include'}", f"-DFOVEA_NEW_BRICK={brick}",
               str(root / "tests/forgotten/uses.cpp")]
    return subprocess.run(command, capture_output=True, text=True, errors="replace")


def main():
    root, compiler, work, name = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4]
    rules = read_rules(root / "tests/forgotten" / f"{name}.diff")
    names = list(dict.fromkeys(rule for rule, *_ in rules))
    failures = 0

    def expect(left_out, works):
        nonlocal failures
        apply(root, work, rules, left_out)
        result = compiles(compiler, root, work, BRICKS[name])
        what = "all rules" if not left_out else "without " + (left_out[0] if len(left_out) == 1 else "anything but the row and the type")
        if (result.returncode == 0) != works:
            failures += 1
            print(f"FAILED: {what}: {'does not compile' if works else 'compiles'}\n{result.stderr[:4000]}")
        else:
            first = re.search(r"error: (.*)", result.stderr)
            print(f"{what}: {'compiles' if works else first[1] if first else 'refused'}")

    expect([], True)
    expect([rule for rule in names if rule not in ("its row", "its type")], False)
    for rule in names:
        expect([rule], False)
    print(f"{len(names)} rules of {len({file for _, file, *_ in rules})} headers, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
