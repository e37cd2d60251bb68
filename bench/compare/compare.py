#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the same networks with the same weights on fovea and on every other library that is installed, in turns; checks that their outputs agree; prints a table
and writes a TSV. README.md beside this file says what to install."""
import argparse
import dataclasses
import os
import statistics
import subprocess
import sys
import tempfile
import time

try:
    import numpy as np
except ModuleNotFoundError:
    sys.exit("compare.py needs numpy (pip install numpy); the libraries that are compared are optional, README.md names their packages")

from network import Network, write_folded, write_safetensors
from workers import INFERENCE, TRAINING, Unavailable

# Largest batch that a run takes by itself: 32 inputs of Segment512 are 10 TFLOP and gigabytes for each library.
NETWORKS = {"Dilated4": 32, "LargeKernel4": 32, "Strided4": 32, "Cascade10": 32, "Depthwise10": 32, "Wide4": 32, "ResNetDilated": 32,
            "Segment": 32, "Segment512": 1, "VGG56": 32}
TRAINED = ["Dilated4", "LargeKernel4", "Strided4", "Cascade10", "ResNetDilated", "Segment"]
QUICK = ["Dilated4", "Cascade10", "Segment"]
# Largest difference of outputs, relative to the largest output: float32 sums in other orders stay below it, a wrong weight does not (--self-test).
TOLERANCE = 1e-4
# Of the losses of the first four steps. Adam turns gradients near 0, which are rounding, into whole steps.
TRAINING_TOLERANCE = 1e-2


@dataclasses.dataclass
class Case:
    kind: str  # infer, train
    network: str
    batch: int
    threads: int
    folder: str
    macs: int
    reference: np.ndarray  # infer: the output for the first image, from sums in double precision

    @property
    def flop(self):
        """Of a call; a training step makes three products of each weight: forward, and the gradients of input and weight."""
        return (6 if self.kind == "train" else 2) * self.macs * self.batch

    @property
    def tolerance(self):
        return TRAINING_TOLERANCE if self.kind == "train" else TOLERANCE


def say(text):
    print(text, file=sys.stderr, flush=True)


def prepare(kind, programs, network, folder, largest_batch):
    """fovea describes the network; everything that the libraries read is made from that."""
    os.makedirs(folder, exist_ok=True)
    program = os.path.join(programs, f"compare_{kind}_{network}")
    if not os.path.exists(program):
        sys.exit(f"{program} is not there; build the target bench_compare first")
    subprocess.run([program, "describe", folder], check=True)
    net = Network(folder)
    random = np.random.default_rng(3)
    random.standard_normal([largest_batch] + net.input, np.float32).tofile(os.path.join(folder, "input.bin"))
    net.reference = None
    if kind == "train":
        labels = random.integers(0, net.output[0], [largest_batch] + net.output[1:])
        labels.astype(np.float32).tofile(os.path.join(folder, "labels.bin"))
    else:
        net.rescale_classifier()
        write_folded(net)
        net.reference = net.maps_of(net.batch(1)[0])[-1].ravel()
    return net


def output_of(worker, folder):
    path = os.path.join(folder, "output.bin")
    worker.ask(f"output {path}")
    y = np.fromfile(path, np.float32)
    os.remove(path)
    return y


def error_of(y, exact, reference):
    """Largest difference; losses: relative to the loss; outputs: relative to the largest output, of the first image from the plain sums in double precision, of the others from fovea's."""
    if y.shape != exact.shape or not np.all(np.isfinite(y)):
        return float("inf")
    if reference is None:
        return float(np.max(np.abs(y - exact) / exact))
    first = reference.size
    difference = max(np.max(np.abs(y[:first] - reference)), np.max(np.abs(y[first:] - exact[first:]), initial=0))
    return float(difference / np.max(np.abs(reference)))


def start(libraries, programs, case, cpus, skipped):
    workers = []
    for library in libraries:
        say(f"  {case.network} batch {case.batch} threads {case.threads}: starting {library.name}")
        try:
            workers.append(library.start(programs, case, cpus))
        except Unavailable as why:
            skipped.setdefault(f"{library.name}: {why}", []).append(case.network)
    return workers


def take_turns(workers, rounds, seconds, budget):
    """A B C A B C ...: a change of the machine's speed falls on all. At least two rounds, then until the time is over."""
    peaks = []
    begin = time.monotonic()
    for number in range(rounds):
        if number >= 2 and time.monotonic() - begin > budget:
            break
        peaks.append(workers[0].numbers("peak")[0])
        for worker in workers:
            worker.round(seconds)
    return statistics.median(peaks)


def ratio(worker, base):
    """How many times base's time a library takes: the median over rounds of the ratio within a round."""
    return statistics.median(a / b for a, b in zip(worker.times, base.times))


def compare(case, libraries, arguments, skipped):
    cpus = arguments.cpus[-case.threads:]
    workers = start(libraries, arguments.programs, case, cpus, skipped)
    try:
        if not workers or workers[0].name != "fovea exact":
            sys.exit("fovea's own program did not start")
        exact = output_of(workers[0], case.folder)
        errors = {}
        for worker in list(workers):
            try:
                errors[worker.name] = error_of(output_of(worker, case.folder), exact, case.reference)
            except Unavailable as why:
                skipped.setdefault(f"{worker.name}: {why}", []).append(case.network)
                workers.remove(worker)
                worker.close()
        peak = take_turns(workers, arguments.rounds, arguments.seconds, arguments.budget)
        by_name = {w.name: w for w in workers}
        rows = []
        for worker in workers:
            seconds = statistics.median(worker.times)
            rate = 1e-9 * case.flop / seconds
            rows.append({
                "kind": case.kind, "network": case.network, "batch": case.batch, "threads": case.threads, "peer": worker.name, "version": worker.version,
                "milliseconds": seconds * 1e3, "gflops": rate, "share_of_peak": rate / peak,
                "ratio_to_exact": ratio(worker, by_name["fovea exact"]),
                "ratio_to_fast": ratio(worker, by_name["fovea fast"]) if "fovea fast" in by_name else float("nan"),
                "error": errors[worker.name], "tolerance": case.tolerance, "peak_gflops": peak, "rounds": len(worker.times)})
        return rows
    finally:
        for worker in workers:
            worker.close()


def show(rows):
    first = rows[0]
    print(f"\n{first['kind']} {first['network']}  batch {first['batch']}  threads {first['threads']}  (FMA peak {first['peak_gflops']:.0f} GFLOP/s, {first['rounds']} rounds)")
    print(f"  {'library':<16} {'milliseconds':>12} {'GFLOP/s':>8} {'of peak':>8} {'/exact':>7} {'/fast':>7} {'error':>9}  version")
    for r in sorted(rows, key=lambda r: r["milliseconds"]):
        bad = "  DIFFERS" if r["error"] > r["tolerance"] else ""
        print(f"  {r['peer']:<16} {r['milliseconds']:>12.4f} {r['gflops']:>8.1f} {r['share_of_peak']:>8.2f} {r['ratio_to_exact']:>7.2f} "
              f"{r['ratio_to_fast']:>7.2f} {r['error']:>9.1e}  {r['version']}{bad}", flush=True)


def show_summary(rows):
    """A line for each case: fovea against the best of the others."""
    print(f"\n{'network':<14} {'batch':>5} {'threads':>7} {'exact ms':>10} {'fast ms':>10} {'best other':>24} {'ms':>10} {'/exact':>7} {'/fast':>7}")
    cases = {}
    for r in rows:
        cases.setdefault((r["network"], r["batch"], r["threads"]), []).append(r)
    for (network, batch, threads), group in cases.items():
        own = {r["peer"]: r for r in group}
        others = [r for r in group if not r["peer"].startswith("fovea") and r["error"] <= r["tolerance"]]
        if not others:
            continue
        best = min(others, key=lambda r: r["milliseconds"])
        fast = own.get("fovea fast", {}).get("milliseconds", float("nan"))
        print(f"{network:<14} {batch:>5} {threads:>7} {own['fovea exact']['milliseconds']:>10.4f} {fast:>10.4f} {best['peer']:>24} "
              f"{best['milliseconds']:>10.4f} {best['ratio_to_exact']:>7.2f} {best['ratio_to_fast']:>7.2f}")


def write_tsv(path, rows):
    with open(path, "w") as file:
        file.write("\t".join(rows[0]) + "\n")
        for r in rows:
            file.write("\t".join(f"{v:.6g}" if isinstance(v, float) else str(v) for v in r.values()) + "\n")


def self_test(case, net, libraries, arguments):
    """Every library is given a network in which one weight is another, and the check must see it."""
    cpus = arguments.cpus[-1:]
    name = net.layers[0]["path"] + ".weight"
    net.weights[name].flat[0] += 0.5
    write_safetensors(os.path.join(case.folder, "weights.safetensors"), net.weights)
    write_folded(net)
    missed = []
    for library in libraries:
        try:
            worker = library.start(arguments.programs, case, cpus)
            y = output_of(worker, case.folder)
            error = error_of(y, y, case.reference)
            worker.close()
        except Unavailable as why:
            say(f"skipped {library.name}: {why}")
            continue
        print(f"{library.name:<16} {name}[0] + 0.5: error {error:.1e}, {'seen' if error > TOLERANCE else 'NOT SEEN'}", flush=True)
        if error <= TOLERANCE:
            missed.append(library.name)
    return missed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser.add_argument("--build", default=os.path.join(root, "build", "release"), help="build folder in which the target bench_compare was built")
    parser.add_argument("--net", nargs="+", choices=list(NETWORKS), help="default: all")
    parser.add_argument("--batch", nargs="+", type=int, choices=[1, 32], help="default: both (Segment512: 1)")
    parser.add_argument("--threads", nargs="+", type=int, choices=[1, 2], default=None, help="default: both, as far as there are processors")
    parser.add_argument("--peers", nargs="+", choices=[x.name for x in INFERENCE if not x.name.startswith("fovea")], help="default: all that are installed")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.1, help="of a library in a round")
    parser.add_argument("--budget", type=float, default=20, help="seconds of a case after which rounds are left out; two are always run")
    parser.add_argument("--quick", action="store_true", help=f"{', '.join(QUICK)}, batch 1, one thread, three rounds")
    parser.add_argument("--train", action="store_true", help=f"training steps of 32 images instead of inference: {', '.join(TRAINED)}")
    parser.add_argument("--self-test", action="store_true", help="shows that a wrong weight is seen in every library's output, and ends")
    parser.add_argument("--tsv", default="compare.tsv")
    parser.add_argument("--folder", help="keep what the libraries read here")
    a = parser.parse_args()
    if a.quick:
        a.net, a.batch, a.threads, a.rounds = a.net or QUICK, a.batch or [1], a.threads or [1], min(a.rounds, 3)
    a.programs = os.path.join(a.build, "bench", "compare")
    a.cpus = sorted(os.sched_getaffinity(0))
    threads = a.threads or [t for t in (1, 2) if t <= len(a.cpus)]
    if max(threads) > len(a.cpus):
        sys.exit(f"{max(threads)} threads need as many processors; this process may use {len(a.cpus)}")
    a.kind = "train" if a.train else "infer"
    libraries = [x for x in (TRAINING if a.train else INFERENCE) if x.name.startswith("fovea") or not a.peers or x.name in a.peers]

    rows, skipped, begin = [], {}, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fovea-compare-") as temporary:
        base = a.folder or temporary
        if a.self_test:
            network = (a.net or ["Dilated4"])[0]
            folder = os.path.join(base, network)
            net = prepare("infer", a.programs, network, folder, 1)
            missed = self_test(Case("infer", network, 1, 1, folder, net.macs, net.reference), net, libraries, a)
            sys.exit(f"not seen with {', '.join(missed)}" if missed else 0)
        for network in a.net or (TRAINED if a.train else NETWORKS):
            batches = a.batch or [b for b in (1, 32) if b <= NETWORKS[network] and (b == 32 or not a.train)]
            folder = os.path.join(base, f"{a.kind}-{network}")
            net = prepare(a.kind, a.programs, network, folder, max(batches))
            for batch in batches:
                for team in threads:
                    case = Case(a.kind, network, batch, team, folder, net.macs, net.reference)
                    result = compare(case, libraries, a, skipped)
                    rows += result
                    show(result)
                    write_tsv(a.tsv, rows)
                    say(f"  {time.monotonic() - begin:.0f} s so far")
    show_summary(rows)
    for text, networks in skipped.items():
        print(f"skipped {text} ({', '.join(dict.fromkeys(networks))})")
    print(f"written: {a.tsv}")
    wrong = [r for r in rows if r["error"] > r["tolerance"]]
    if wrong:
        sys.exit("outputs differ: " + ", ".join(f"{r['peer']} on {r['network']} ({r['error']:.1e})" for r in wrong))


if __name__ == "__main__":
    main()
