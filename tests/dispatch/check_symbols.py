#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Is code for newer processors reachable under a common name? In a linked program for the default x86-64, every function that
uses AVX registers must have local symbols only: a global or weak one is what other files of the program would run.

usage: check_symbols.py <nm> <objdump> <program>
"""

import collections
import re
import subprocess
import sys


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main():
    nm, objdump, program = sys.argv[1:]
    kinds = collections.defaultdict(set)  # address -> letters of nm
    for line in output(nm, "--defined-only", program).splitlines():
        address, kind, _ = line.split(maxsplit=2)
        kinds[int(address, 16)].add(kind)
    functions = wide = 0
    wrong = []
    for block in re.split(r"\n(?=[0-9a-f]+ <)", output(objdump, "-d", "--no-show-raw-insn", program)):
        head = re.match(r"([0-9a-f]+) <(.*)>:", block)
        if not head:
            continue
        functions += 1
        if re.search(r"%[yz]mm|%xmm(1[6-9]|2\d|3[01])|\sv[a-z0-9]+\s+.*%xmm", block):
            wide += 1
            if kinds[int(head[1], 16)] - {"t"}:
                wrong.append(head[2])
    print(f"{functions} functions, {wide} of them with AVX, {len(wrong)} of these under a visible name")
    for name in wrong:
        print("  " + name)
    return 0 if wide > 0 and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
