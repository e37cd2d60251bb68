#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What does fovea cost the compiler? Seconds, peak memory and template instantiations of small files.

    bench/compile/measure.py                 all cases, g++ and clang++, -O3, five runs each
    bench/compile/measure.py --runs 3 --only analysis --compilers clang++-16

Prints a Markdown table. Seconds: median of the runs, wall clock, of the compiler alone (-c, object discarded). Memory:
the peak of the largest process (ru_maxrss of the compiler's child). Instantiations: the classes and functions that clang
instantiates, counted in its -ftime-trace at granularity 0 (InstantiateClass + InstantiateFunction; the same number in
every run); g++ has no such count, so its column is empty. A case whose headers are absent is skipped with a line
that says so.
"""
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

DILATED4 = """using namespace fovea;
using Dilated4 = Network<Input<3, 32, 32>,
    Conv<out<16>, dil<1>>, BatchNorm, ReLU,
    Conv<out<24>, dil<2>>, BatchNorm, ReLU,
    Conv<out<32>, dil<4>>, BatchNorm, ReLU,
    Conv<out<48>, dil<8>>, BatchNorm, ReLU,
    GAP, Conv1x1<10>, Softmax>;
static_assert(receptive_field<Dilated4> == 31);
static_assert(parameter_count<Dilated4> == 25'474);
static_assert(mac_count<Dilated4> == 25'215'456);
static_assert(output_shape<Dilated4> == Shape{10, 1, 1});
"""

ALL_QUESTIONS = """static_assert(layer_count<Net> > 0 && parameter_count<Net> > 0 && receptive_field<Net> > 31);
static_assert(mac_count<Net> > executed_mac_count<Net> && tensors<Net>.size() > 0 && summary<Net>.size() > 0);
"""


def standard_headers():
    """An include line for each standard header that dsl.hpp includes."""
    names = set()
    for folder in ("declare", "infer"):
        for header in sorted((ROOT / "include/fovea" / folder).glob("*.hpp")):
            names.update(re.findall(r"#include <([a-z_]+)>", header.read_text()))
    names.update(re.findall(r"#include <([a-z_]+)>", (ROOT / "include/fovea/detail/text.hpp").read_text()))
    return "".join(f"#include <{name}>\n" for name in sorted(names))


def chain(bricks):
    """A Sequential of that many bricks, of which no two neighbours are equal; every question is asked."""
    lines = []
    while len(lines) < bricks - 3:
        i = len(lines) // 3
        lines += [f"Conv<out<{8 + i % 7}>, dil<{1 + i % 4}>>", "BatchNorm", "ReLU"]
    lines = lines[: bricks - 3] + ["GAP", "Conv1x1<10>", "Softmax"]
    return ("#include <fovea/dsl.hpp>\nusing namespace fovea;\nusing Net = Network<Input<3, 32, 32>, Sequential<"
            + ",\n    ".join(lines) + ">>;\n" + ALL_QUESTIONS)


# Name, headers that must be there, source (compiled, not linked).
def cases():
    return [
        ("standard headers only", [], standard_headers()),
        ("`dsl.hpp` alone", [], "#include <fovea/dsl.hpp>\n"),
        ("analysis of Dilated4", [], "#include <fovea/dsl.hpp>\n" + DILATED4 +
         "static_assert(!summary<Dilated4>.empty());\n"),
        ("analysis of 200 bricks", [], chain(200)),
        ("analysis of 1,000 bricks", [], chain(1000)),
        ("`fovea.hpp` alone", ["fovea/fovea.hpp"], "#include <fovea/fovea.hpp>\n"),
        ("Engine<Dilated4>", ["fovea/fovea.hpp"], "#include <fovea/fovea.hpp>\n" + DILATED4 + """
int main(int, char** arguments) {
    const auto weights = load<Dilated4>(arguments[1]);
    Engine<Dilated4> engine(weights);
    xt::xtensor<float, 3> x = xt::zeros<float>({3, 32, 32});
    return engine(x)(0, 0, 0) > 0.5F;
}
"""),
        ("`train.hpp` alone", ["fovea/train.hpp"], "#include <fovea/train.hpp>\n"),
        ("Trainer<Dilated4>", ["fovea/train.hpp"], "#include <fovea/train.hpp>\n" + DILATED4 + """
int main(int, char** arguments) {
    auto weights = he_normal<Dilated4>(1);
    const dataset data = load_cifar10(arguments[1]).train;
    Trainer<Dilated4> trainer(weights, {.epochs = 1});
    trainer.fit(data);
    save(weights, arguments[2]);
}
"""),
    ]


def peak_of(command, folder):
    """Seconds and peak memory in MB of one run; the compiler's own processes are waited for one by one."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    message = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(message.decode(errors="replace")[:2000])
    # The driver's usage includes the largest of the children that it waited for (cc1plus, as).
    return seconds, usage.ru_maxrss / 1024


def instantiations(command, folder):
    """Classes and functions instantiated by clang, or None for a compiler that does not say."""
    if "clang" not in Path(command[0]).name:
        return None
    run = subprocess.run(command + ["-ftime-trace", "-ftime-trace-granularity=0"], cwd=folder,
                         capture_output=True, text=True)
    if run.returncode != 0:
        raise RuntimeError(run.stderr[:2000])
    events = json.loads((Path(folder) / "case.json").read_text())["traceEvents"]
    return sum(event["name"] in ("InstantiateClass", "InstantiateFunction") for event in events)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--compilers", nargs="+", default=["g++", "clang++"])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="", help="only cases whose name contains this")
    parser.add_argument("--arch", default="native", help="-march= of all cases")
    arguments = parser.parse_args()

    print("| file | compiler | seconds | peak MB | instantiations |")
    print("|---|---|---:|---:|---:|")
    failed = False
    for name, needs, source in cases():
        if arguments.only not in name:
            continue
        absent = [header for header in needs if not (ROOT / "include" / header).exists()]
        if absent:
            print(f"skipped: {name} needs {', '.join(absent)}, which is not there", file=sys.stderr)
            continue
        for compiler in arguments.compilers:
            if shutil.which(compiler) is None:
                print(f"skipped: {name} with {compiler}, which is not there", file=sys.stderr)
                continue
            with tempfile.TemporaryDirectory() as folder:
                (Path(folder) / "case.cpp").write_text(source)
                command = [compiler, "-std=c++20", "-O3", f"-march={arguments.arch}", f"-I{ROOT / 'include'}",
                           "-c", "case.cpp", "-o", "case.o"]
                try:
                    runs = [peak_of(command, folder) for _ in range(arguments.runs)]
                    count = instantiations(command, folder)
                except RuntimeError as error:
                    print(f"failed: {name} with {compiler}:\n{error}", file=sys.stderr)
                    failed = True
                    continue
            seconds = statistics.median(run[0] for run in runs)
            memory = max(run[1] for run in runs)
            count = "" if count is None else f"{count:,}"
            print(f"| {name} | {compiler} | {seconds:.2f} | {memory:.0f} | {count} |", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
