#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What does fovea cost the compiler? Seconds, peak memory and template instantiations of small files.

    bench/compile/measure.py                 all cases, g++ and clang++, -O3, three runs each
    bench/compile/measure.py --runs 1 --only analysis --compilers clang++-16
    bench/compile/measure.py --runs 1 --only "residual"                   growth in depth, beside dlib's

Prints a Markdown table. Seconds: median of the runs, user + system time
of the compiler alone (-c, object discarded), which other work on the machine disturbs least; "above":
those above the headers alone; ms: of these, a layer (fovea's layers, joins included, for dlib's network too). Memory:
the peak of the largest process (ru_maxrss of the compiler's child). Instantiations: the classes and functions that
clang instantiates, counted in its -ftime-trace at granularity 0 (InstantiateClass + InstantiateFunction; the same number
in every run); g++ has no such count, so its column is empty. A case whose headers are absent is skipped with a line
that says so.

The cases of dlib (Debian: libdlib-dev) are the residual networks of fovea's cases as dlib spells them: as many blocks
of as many channels, written with its `repeat`, forward by `net(image)`, trained by dnn_trainer. dlib has no dilation;
the kernels are 3x3 all the same. "Written out" is the same without `repeat`.
"""
import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
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
    names, seen, todo = set(), set(), ["fovea/dsl.hpp"]
    while todo:
        header = todo.pop()
        if header not in seen:
            seen.add(header)
            text = (ROOT / "include" / header).read_text()
            names.update(re.findall(r"#include <([a-z_]+)>", text))
            todo += re.findall(r"#include <(fovea/[^>]+)>", text)
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


def blocks(count):
    """A chain of residual blocks, of which no two neighbours are equal: seven layers a block, three behind them."""
    body = [f"Residual<Sequential<Conv<dil<{1 + i % 4}>>, BatchNorm, ReLU, Conv<dil<{1 + i % 3}>>, BatchNorm>>, ReLU"
            for i in range(count)]
    return ("#include <fovea/dsl.hpp>\nusing namespace fovea;\nusing Net = Network<Input<3, 32, 32>, Conv<out<16>>, "
            "Sequential<" + ",\n    ".join(body) + ">, GAP, Conv1x1<10>>;\n" + ALL_QUESTIONS)


def families(header, seen=None):
    """A header of examples/families with those that it includes, without the claims, which analyse more networks."""
    seen = set() if seen is None else seen
    if header in seen:
        return ""
    seen.add(header)
    text = (ROOT / "examples/families" / header).read_text().replace("#pragma once\n", "")
    text = re.sub(r"static_assert\(.*?\);\n", "", text, flags=re.DOTALL)
    return re.sub(r'#include "(.*)"\n', lambda include: families(include[1], seen), text)


def family(header, net):
    questions = ALL_QUESTIONS.replace("> 31", "> 1")
    return f"{families(header)}\nusing namespace fovea;\nusing Net = family::{net};\n{questions}"


RUN = """
int main(int, char** arguments) {
    const auto weights = load<Net>(arguments[1]);
    Engine<Net> engine(weights);
    xt::xtensor<float, 3> x = xt::zeros<float>({3, 32, 32});
    return engine(x)(0, 0, 0) > 0.5F;
}
"""
FIT = """
int main(int, char** arguments) {
    auto weights = he_normal<Net>(1);
    const dataset data = load_cifar10(arguments[1]).train;
    Trainer<Net> trainer(weights, {.epochs = 1});
    trainer.fit(data);
    save(weights, arguments[2]);
}
"""

# Three stages of N blocks with 16, 32 and 64 channels, as family::ResNetDilatedOf<16, N, 32>.
DLIB = """#include <dlib/dnn.h>
using namespace dlib;
template <long C, class S> using conv3 = add_layer<con_<C, 3, 3, 1, 1>, S>;
template <long C, class S> using branch = bn_con<conv3<C, relu<bn_con<conv3<C, S>>>>>;
template <long C, class S> using block = relu<add_prev1<branch<C, tag1<S>>>>;
template <long C, class S> using entry = relu<add_prev2<conv3<C, skip1<tag2<branch<C, tag1<S>>>>>>>;
template <class S> using block16 = block<16, S>;
template <class S> using block32 = block<32, S>;
template <class S> using block64 = block<64, S>;
using net_type = loss_multiclass_log<fc<10, avg_pool_everything<
    %s
    relu<bn_con<conv3<16, input_rgb_image_sized<32>>>>%s>>>;
"""
DLIB_RUN = """
int main(int, char** arguments) {
    net_type net;
    deserialize(arguments[1]) >> net;
    matrix<rgb_pixel> image(32, 32);
    return static_cast<int>(net(image));
}
"""
DLIB_FIT = """
int main(int, char** arguments) {
    std::vector<matrix<rgb_pixel>> images, test_images;
    std::vector<unsigned long> labels, test_labels;
    load_cifar_10_dataset(arguments[1], images, labels, test_images, test_labels);
    net_type net;
    dnn_trainer<net_type> trainer(net);
    trainer.set_max_num_epochs(1);
    trainer.train(images, labels);
    serialize(arguments[2]) << net;
}
"""


def residual(count, main):
    header = "fovea/train.hpp" if main is FIT else "fovea/fovea.hpp"
    return (f"#include <{header}>\n{families('resnet_dilated.hpp')}\nusing namespace fovea;\n"
            f"using Net = family::ResNetDilatedOf<16, {count}, 32>;\n{main}")


def dlib_residual(count, main, repeated=True):
    """With dlib's `repeat`, one type for many blocks, or every block written out, as blocks that differ have to be."""
    stage = [f"repeat<{count}, block16, "] if repeated else ["block16<"] * count
    stages, closing = "".join(stage), len(stage)
    for channels in (32, 64):
        more = [f"repeat<{count - 1}, block{channels}, "] if repeated else [f"block{channels}<"] * (count - 1)
        stages = "".join(more) + f"entry<{channels}, " + stages
        closing += len(more) + 1
    headers = "#include <dlib/data_io.h>\n" if main is DLIB_FIT else ""
    return headers + DLIB % (stages, ">" * closing) + main


STANDARD, DSL, FOVEA, TRAIN, DLIB_ALONE = (
    "standard headers only", "`dsl.hpp` alone", "`fovea.hpp` alone", "`train.hpp` alone", "`dlib/dnn.h` alone")


# Name, headers that must be there, source (compiled, not linked), layers (0: not counted), what its headers are called.
def cases():
    dilated4 = DILATED4 + "using Net = Dilated4;\n"
    families = [("ResNet-152", "resnet.hpp", "ResNet152"), ("HRNet", "hrnet.hpp", "HrNetW18"),
                ("ResNetDilated", "resnet_dilated.hpp", "ResNetDilated")]
    return [
        (STANDARD, [], standard_headers(), 0, ""),
        (DSL, [], "#include <fovea/dsl.hpp>\n", 0, STANDARD),
        ("analysis of Dilated4", [], "#include <fovea/dsl.hpp>\n" + DILATED4 +
         "static_assert(!summary<Dilated4>.empty());\n", 15, STANDARD),
        *((f"analysis of {name}", [], family(header, net), 0, STANDARD) for name, header, net in families),
        ("analysis of a Sequential of 200 bricks", [], chain(200), 200, DSL),
        ("analysis of a Sequential of 1,000 bricks", [], chain(1000), 1000, DSL),
        *((f"analysis of a chain of {n} residual blocks", [], blocks(n), 7 * n + 3, DSL) for n in (50, 100, 200, 400)),
        (FOVEA, [], "#include <fovea/fovea.hpp>\n", 0, STANDARD),
        ("Engine<Dilated4>", [], "#include <fovea/fovea.hpp>\n" + dilated4 + RUN, 15, FOVEA),
        *((f"Engine, residual, {3 * n} blocks" + " (ResNetDilated)" * (n == 6),
           [], residual(n, RUN), 21 * n + 8, FOVEA) for n in (2, 6, 12)),
        (DLIB_ALONE, ["dlib/dnn.h"], "#include <dlib/dnn.h>\n", 0, STANDARD),
        *((f"dlib, residual, {3 * n} blocks: net(x)", ["dlib/dnn.h"], dlib_residual(n, DLIB_RUN), 21 * n + 8,
           DLIB_ALONE) for n in (2, 6, 12)),
        *((f"dlib, residual, {3 * n} blocks written out: net(x)", ["dlib/dnn.h"], dlib_residual(n, DLIB_RUN, False),
           21 * n + 8, DLIB_ALONE) for n in (2, 6)),
        (TRAIN, [], "#include <fovea/train.hpp>\n", 0, STANDARD),
        ("Trainer<Dilated4>", [], "#include <fovea/train.hpp>\n" + dilated4 + FIT, 15, TRAIN),
        ("Trainer, residual, 18 blocks (ResNetDilated)", [], residual(6, FIT), 134,
         TRAIN),
        ("dlib, residual, 18 blocks: dnn_trainer", ["dlib/dnn.h"], dlib_residual(6, DLIB_FIT), 134, DLIB_ALONE),
    ]


def peak_of(command, folder):
    """Seconds and peak memory in MB of one run; the compiler's own processes are waited for one by one."""
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    message = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(message.decode(errors="replace")[:2000])
    # The driver's usage includes that of the children that it waited for (cc1plus, as); of memory, the largest.
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def instantiations(command, folder):
    """Classes and functions instantiated by clang, or None for a compiler that does not say."""
    if "clang" not in Path(command[0]).name:
        return None
    run = subprocess.run(command + ["-ftime-trace", "-ftime-trace-granularity=0"], cwd=folder,
                         capture_output=True, text=True)
    if run.returncode != 0:
        raise RuntimeError(run.stderr[:2000])
    # Not read here: a process that is started later would be said to need as much memory as this one had.
    found = subprocess.run(["grep", "-oE", '"name": ?"Instantiate(Class|Function)"', "case.json"], cwd=folder,
                           stdout=subprocess.PIPE).stdout
    return found.count(b"\n")


def measure(compiler, source, runs, arch):
    """Median seconds, peak MB and instantiations of a file."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "case.cpp").write_text(source)
        command = [compiler, "-std=c++20", "-O3", f"-march={arch}", f"-I{ROOT / 'include'}", "-c", "case.cpp",
                   "-o", "case.o"]
        times = [peak_of(command, folder) for _ in range(runs)]
        return (statistics.median(seconds for seconds, _ in times), max(memory for _, memory in times),
                instantiations(command, folder))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--compilers", nargs="+", default=["g++", "clang++"])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="only cases whose name contains this, and their headers alone")
    parser.add_argument("--arch", default="native", help="-march= of all cases")
    arguments = parser.parse_args()

    everything = cases()
    wanted = [case for case in everything if arguments.only in case[0]]
    headers = {case[4] for case in wanted}
    chosen = [case for case in everything if case in wanted or case[0] in headers]
    compilers = [compiler for compiler in arguments.compilers if shutil.which(compiler)]
    for compiler in set(arguments.compilers) - set(compilers):
        print(f"skipped: {compiler}, which is not there", file=sys.stderr)

    print("| file | compiler | seconds | above | ms a layer | peak MB | instantiations |")
    print("|---|---|---:|---:|---:|---:|---:|")
    failed = False
    alone = {}
    for name, needs, source, layers, base in chosen:
        absent = [header for header in needs if not (Path("/usr/include") / header).exists()]
        if absent:
            print(f"skipped: {name} needs {', '.join(absent)}, which is not there", file=sys.stderr)
            continue
        for compiler in compilers:
            try:
                seconds, memory, count = measure(compiler, source, arguments.runs, arguments.arch)
            except RuntimeError as error:
                print(f"failed: {name} with {compiler}:\n{error}", file=sys.stderr)
                failed = True
                continue
            alone[name, compiler] = seconds
            above = seconds - alone.get((base, compiler), seconds)
            print(f"| {name} | {compiler} | {seconds:.2f} | {f'{above:.2f}' if above > 0 else ''} "
                  f"| {f'{1000 * above / layers:.1f}' if layers and above > 0 else ''} | {memory:.0f} "
                  f"| {'' if count is None else f'{count:,}'} |", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
