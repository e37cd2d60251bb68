#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Does a user's file stay within its budget of templates?

usage: check_compile_cost.py --compiler clang++ --root ROOT --work FOLDER

Compiles the programs below with clang's -ftime-trace and counts what is made of fovea's templates (classes and functions; those of
the standard library and of xtensor differ from release to release) and the lines of fovea's headers. More than the budget fails,
and so does less than 0.7 of it: then the budget is to be lowered.
"""
import argparse
import json
import pathlib
import subprocess
import sys

DILATED4 = """
using namespace fovea;
using Dilated4 = Network<Input<3, 32, 32>, Conv<out<16>, dil<1>>, BatchNorm, ReLU, Conv<out<24>, dil<2>>, BatchNorm, ReLU,
    Conv<out<32>, dil<4>>, BatchNorm, ReLU, Conv<out<48>, dil<8>>, BatchNorm, ReLU, GAP, Conv1x1<10>, Softmax>;
"""
# name: (source, templates, lines)
PROGRAMS = {
    "dsl.hpp": ("#include <fovea/dsl.hpp>\n", 165, 9_000),
    "fovea.hpp": ("#include <fovea/fovea.hpp>\n", 190, 21_500),
    "questions": ("#include <fovea/dsl.hpp>\n" + DILATED4 +
                  "static_assert(receptive_field<Dilated4> == 31 && parameter_count<Dilated4> == 25'474);\n", 250, 9_000),
    "engine": ("#include <fovea/fovea.hpp>\n" + DILATED4 +
               "void run(const Weights<Dilated4>& w, const float* x, float* y) { Engine<Dilated4> e(w); e.run(x, y); }\n", 1_050, 21_500),
    "trainer": ("#include <fovea/train.hpp>\n" + DILATED4 +
                "void train(Weights<Dilated4>& w, sample_view v) { Trainer<Dilated4> t(w, {}); t.fit(v); }\n", 2_200, 30_000),
}


def cost(compiler, root, work, name, source):
    """Templates of fovea's, and lines of its headers."""
    file = work / f"{name}.cpp"
    file.write_text(source)
    command = [compiler, "-std=c++20", "-O0", "-march=x86-64-v3", f"-I{root / 'include'}", "-c", str(file), "-o",
               str(file.with_suffix(".o")), "-ftime-trace", "-ftime-trace-granularity=0", "-MD", "-MF", str(file.with_suffix(".d"))]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{name}: does not compile:\n{done.stderr}")
    events = json.loads(file.with_suffix(".json").read_text())["traceEvents"]
    made = sum(e.get("name") in ("InstantiateClass", "InstantiateFunction") and e["args"]["detail"].startswith("fovea::")
               for e in events)
    include = str((root / "include" / "fovea").resolve())
    headers = [h for h in file.with_suffix(".d").read_text().replace("\\\n", " ").split()[1:] if str(pathlib.Path(h).resolve()).startswith(include)]
    lines = sum(len(pathlib.Path(h).read_text().splitlines()) for h in headers)
    for end in (".o", ".json", ".d"):
        file.with_suffix(end).unlink()
    return made, lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    wrong = 0
    print(f"{'program':<12}{'templates':>10}{'budget':>9}{'lines':>9}{'budget':>9}")
    for name, (source, most_made, most_lines) in PROGRAMS.items():
        made, lines = cost(arguments.compiler, arguments.root, arguments.work, name.replace(".", "_"), source)
        fits = 0.7 * most_made <= made <= most_made and 0.7 * most_lines <= lines <= most_lines
        wrong += not fits
        print(f"{name:<12}{made:>10}{most_made:>9}{lines:>9}{most_lines:>9}{'' if fits else '  <- out of its budget'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
