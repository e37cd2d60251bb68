#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Do the hot loops of the kernels keep their sums in registers and multiply and add in one instruction?

Reads the disassembly of kernels.cpp, follows the calls from each hot_<name>, and looks at the innermost loops that multiply: a
backward jump, what it encloses, without the loops therein, which do not. A function that multiplies, but not in a loop of its own,
is called in one, and counts as its body. In such a loop there must be fused multiply-adds on whole vectors, no product that a
separate addition takes up, and, if it does little but multiply and add, no vector that is kept on the stack. Prints a line a kernel: the loop with the most multiply-adds,
and what is wrong, over all its loops.

usage: check_assembly.py <objdump> <object file> [--allow name=spills ...]    name=spills: a known number, and not more
       check_assembly.py --self-test
"""

import re
import subprocess
import sys

WIDE = re.compile(r"%[yz]mm\d+")
VECTOR = re.compile(r"%[xyz]mm\d+")
MEMORY = re.compile(r"(-?0x[0-9a-f]+)?\((%\w+)?[^)]*\)")
FMA = re.compile(r"vfn?m(add|sub)\d+p[sd]$")
HEAD = re.compile(r"^[0-9a-f]+ <([^>]*)>:$")
LINE = re.compile(r"^\s*([0-9a-f]+):\s+(?:\{evex\}\s+)?(\S+)\s*(.*)$")
TARGET = re.compile(r"([0-9a-f]+) <(.*)>$")
RELOCATION = re.compile(r"^\s*[0-9a-f]+:\s+R_X86_64_\w+\s+(\S+?)([-+]0x[0-9a-f]+)?$")


class Function:
    def __init__(self):
        self.code = []  # (address, mnemonic, operands)
        self.calls = set()


def functions_of(text):
    functions, current, target = {}, None, None
    for line in [*text.splitlines(), ""]:
        if relocation := RELOCATION.match(line):
            # Addresses that are taken count as called. What the instruction shows is the address behind it.
            target = relocation[1]
        if target is not None:
            current.calls.add(target)
            target = None
        if head := HEAD.match(line):
            current = functions.setdefault(head[1], Function())
        elif current is not None and not relocation and (instruction := LINE.match(line)):
            address, mnemonic, operands = int(instruction[1], 16), instruction[2], instruction[3].split("#")[0].strip()
            current.code.append((address, mnemonic, operands))
            if re.match(r"call|jmp", mnemonic) and (shown := TARGET.search(operands)):
                target = shown[2].split("+")[0]
    return functions


def operands_of(text):
    """At the commas outside of parentheses and braces."""
    return re.split(r",(?![^({]*[)}])", text)


class Loop:
    def __init__(self, code, frame):
        self.fma = self.loads = self.spills = self.other = 0
        self.unfused = False
        products = set()  # registers that hold a product which nothing has taken up
        for _, mnemonic, text in code:
            operands = operands_of(text)
            registers = [VECTOR.match(o.strip()) for o in operands]
            if not any(registers):
                continue
            memory = [MEMORY.search(o) for o in operands]
            stores = memory[-1] is not None
            if any(memory):
                self.loads += not stores
                where = next(m for m in memory if m)
                self.spills += where[2] in frame
            last = registers[-1][0] if registers[-1] else None
            sources = {r[0] for r in registers[:-1] if r}
            if FMA.match(mnemonic):
                self.fma += WIDE.search(text) is not None
            self.other += re.match(r"v?(add|sub|mul)p[sd]$", mnemonic) is not None
            if re.match(r"v?(add|sub)p[sd]$", mnemonic) and (sources | ({last} if not mnemonic.startswith("v") else set())) & products:
                self.unfused = True
            products.discard(last)
            if re.match(r"v?mulp[sd]$", mnemonic):
                products.add(last)
        # The transforms of Winograd's filtering hold 36 values, more than there are registers; they add more than they multiply.
        self.sums = self.fma > self.other
        self.multiplies = self.fma > 0 or any(re.match(r"v?mulp[sd]$", m) for _, m, _ in code)


def loops_of(function):
    """The innermost ones that multiply, or all of it."""
    code = function.code
    index = {address: i for i, (address, _, _) in enumerate(code)}
    spans = set()
    for i, (address, mnemonic, operands) in enumerate(code):
        if mnemonic.startswith("j") and (target := re.match(r"([0-9a-f]+)", operands)):
            to = index.get(int(target[1], 16))
            if to is not None and to <= i:
                spans.add((to, i))
    # %rbp is an ordinary register unless it is made the frame's.
    frame = {"%rsp"} | ({"%rbp"} if any(m == "mov" and o == "%rsp,%rbp" for _, m, o in code) else set())
    found = []  # spans of the loops taken so far
    for a, b in sorted(spans, key=lambda span: span[1] - span[0]):
        if any(a <= c and d <= b for c, d in found):
            continue
        inside = [(c, d) for c, d in spans if (c, d) != (a, b) and a <= c and d <= b]
        loop = Loop([code[i] for i in range(a, b + 1) if not any(c <= i <= d for c, d in inside)], frame)
        if loop.multiplies:
            found.append((a, b))
            yield loop
    if not found and (whole := Loop(code, frame)).multiplies:
        yield whole


def reached(functions, start):
    seen, queue = set(), [start]
    while queue:
        name = queue.pop()
        if name in functions and name not in seen:
            seen.add(name)
            queue += functions[name].calls
    return seen


def check(text, allowed):
    functions = functions_of(text)
    hot = [name for name in functions if name.startswith("hot_")]
    problems = 0 if hot else 1
    print(f"{'kernel':<28} {'loops':>5} {'FMAs':>5} {'loads/FMA':>9} {'spills':>6}")
    for name in hot:
        loops = [loop for f in sorted(reached(functions, name)) for loop in loops_of(functions[f])]
        if not loops:
            print(f"{name[4:]:<28} no loop multiplies")
            problems += 1
            continue
        largest = max([loop for loop in loops if loop.sums] or loops, key=lambda loop: loop.fma)
        spills = sum(loop.spills for loop in loops if loop.sums)
        wrong = []
        if any(loop.unfused for loop in loops):
            wrong.append("products that are added apart")
        if largest.fma == 0:
            wrong.append("no fused multiply-add")
        limit = allowed.get(name[4:], 0)
        if spills > limit:
            wrong.append("vectors on the stack" + (f" (known: {limit})" if limit else ""))
        problems += len(wrong)
        ratio = f"{largest.loads / largest.fma:9.2f}" if largest.fma else " " * 9
        print(f"{name[4:]:<28} {len(loops):>5} {largest.fma:>5} {ratio} {spills:>6}  {'; '.join(wrong)}".rstrip())
    return problems


GOOD = """0000000000000000 <hot_a>:
   0:\tcall   9 <hot_a+0x9>
\t\t\t1: R_X86_64_PLT32\tinner-0x4
0000000000000000 <inner>:
   0:\tmov    %rsp,%rbp
   4:\tvmovups (%rax),%zmm1
   8:\tvfmadd231ps (%rbx){1to16},%zmm1,%zmm2
   c:\tcmp    %rax,%rcx
  10:\tjne    4 <inner+0x4>
  14:\tvmovups %zmm2,0x40(%rsp)
"""
BROKEN = {
    "a spill": ("vmovups (%rax),%zmm1", "vmovups -0x40(%rbp),%zmm1"),
    "an operand on the stack": ("(%rbx){1to16}", "0x80(%rsp)"),
    "a product and a sum": ("vfmadd231ps (%rbx){1to16},%zmm1,%zmm2", "vmulps (%rbx),%zmm1,%zmm3\n   a:\tvaddps %zmm3,%zmm2,%zmm2"),
    "scalar": ("(%rbx){1to16},%zmm1,%zmm2", "(%rbx),%xmm1,%xmm2"),
    "a spill in the body of a loop elsewhere": ("jne    4 <inner+0x4>", "ret"),
    "nothing that multiplies": ("vfmadd231ps", "vmaxps"),
    "no kernel": ("hot_a", "cold_a"),
}


def self_test():
    judged = check(GOOD, {}) == 0
    for name, change in BROKEN.items():
        found = check(GOOD.replace(*change), {}) > 0
        print(f"self-test: {name} {'found' if found else 'NOT FOUND'}")
        judged = judged and found
    return 0 if judged else 1


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if len(sys.argv) < 3:
        print(__doc__.strip())
        return 64
    allowed = {name: int(count) for name, count in (a.split("=") for a in sys.argv[3:] if a != "--allow")}
    text = subprocess.run([sys.argv[1], "-dr", "--no-show-raw-insn", sys.argv[2]], check=True, capture_output=True, text=True).stdout
    return 1 if check(text, allowed) else 0


if __name__ == "__main__":
    sys.exit(main())
