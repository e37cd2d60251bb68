# SPDX-License-Identifier: BSD-3-Clause
"""The programs that compare.py drives, and how: one library in each, one at work at a time."""
import importlib.util
import os
import select
import signal
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Unavailable(Exception):
    """The library cannot take part; the text says why."""


class Worker:
    """A process of one library. It is stopped (SIGSTOP) whenever it has no command, so that threads which spin while they wait take nothing from the others."""

    def __init__(self, name, command, cpus, environment):
        self.name = name
        self.times = []  # seconds of a call: the median of every round
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=os.environ | environment, preexec_fn=lambda: os.sched_setaffinity(0, cpus))
        os.set_blocking(self.process.stderr.fileno(), False)
        self._buffer = b""
        first = self._line(300)
        if not first.startswith("ready "):
            self.close()
            raise Unavailable(first)
        self.version = first[len("ready "):]
        self._stop()

    def _stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def _errors(self):
        try:
            text = (self.process.stderr.read() or b"").decode(errors="replace").strip()
        except OSError:
            return ""
        return text.splitlines()[-1] if text else ""

    def _line(self, timeout):
        end = time.monotonic() + timeout
        while b"\n" not in self._buffer:
            self._drain()
            ready, _, _ = select.select([self.process.stdout], [], [], min(1.0, max(0.0, end - time.monotonic())))
            if ready:
                piece = os.read(self.process.stdout.fileno(), 1 << 16)
                if not piece:
                    code = self.process.wait()
                    raise Unavailable(f"ended with code {code}: {self._last_error or self._errors()}")
                self._buffer += piece
            elif time.monotonic() > end:
                raise Unavailable(f"no answer within {timeout} s")
        line, self._buffer = self._buffer.split(b"\n", 1)
        text = line.decode(errors="replace")
        # What a library prints by itself is passed over.
        if text.startswith(("ready ", "error ", "written", "unsupported ")) or text[:1].isdigit():
            return text
        return self._line(max(0.0, end - time.monotonic()))

    _last_error = ""

    def _drain(self):
        """A full pipe of messages would block the worker."""
        self._last_error = self._errors() or self._last_error

    def ask(self, command, timeout=300):
        self.process.send_signal(signal.SIGCONT)
        try:
            self.process.stdin.write((command + "\n").encode())
            self.process.stdin.flush()
            answer = self._line(timeout)
        except BrokenPipeError:
            raise Unavailable(self._errors() or "ended") from None
        self._stop()
        if answer.startswith("error "):
            raise Unavailable(answer[len("error "):])
        return answer

    def numbers(self, command):
        return [float(word) for word in self.ask(command).split()]

    def round(self, seconds):
        """One turn; its median is kept."""
        self.times.append(statistics.median(self.numbers(f"run {seconds}")))

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            try:
                self.process.stdin.write(b"quit\n")
                self.process.stdin.flush()
                self.process.wait(5)
            except (BrokenPipeError, subprocess.TimeoutExpired):
                self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                pipe.close()
            except OSError:
                pass


class Library:
    """Where a library's worker comes from: a program of the build folder, or a package of this Python."""

    def __init__(self, name, package, program=None, modules=(), arguments=lambda c: [], environment=lambda c: {}):
        self.name, self.package, self.program, self.modules = name, package, program, modules
        self.arguments, self.environment = arguments, environment

    def command(self, programs, case):
        if self.program is not None:
            path = os.path.join(programs, self.program(case))
            if not os.path.exists(path):
                raise Unavailable(f"{os.path.basename(path)} is not built; it needs {self.package}")
            return [path] + self.arguments(case)
        missing = [m for m in self.modules if importlib.util.find_spec(m) is None]
        if missing:
            raise Unavailable(f"this Python ({sys.executable}) has no {', '.join(missing)}; install {self.package}")
        return [sys.executable, os.path.join(HERE, "python_worker.py"), self.name] + self.arguments(case)

    def start(self, programs, case, cpus):
        environment = {
            "OMP_NUM_THREADS": str(case.threads),
            "MKL_NUM_THREADS": str(case.threads),
            # OpenBLAS's threads would spin against OpenMP's; where it does not know the processor it takes its oldest kernels.
            "OPENBLAS_NUM_THREADS": "1",
            # torch.compile compiles in its own process; a pool of others would still be there while libraries are timed.
            "TORCHINDUCTOR_COMPILE_THREADS": "1",
        } | self.environment(case)
        if "OPENBLAS_CORETYPE" not in os.environ and cpu_has("avx512vl"):
            environment["OPENBLAS_CORETYPE"] = "SkylakeX"
        return Worker(self.name, self.command(programs, case), cpus, environment)


def cpu_has(flag):
    try:
        with open("/proc/cpuinfo") as file:
            return any(flag in line.split() for line in file if line.startswith("flags"))
    except OSError:
        return False


def _folder_batch(case):
    return [case.folder, str(case.batch)]


def _folder_batch_threads(case):
    return [case.folder, str(case.batch), str(case.threads)]


def _fovea(kind, mode):
    return Library(f"fovea {mode}", "the target bench_compare", program=lambda c: f"compare_{kind}_{c.network}",
                   arguments=lambda c: [kind] + _folder_batch_threads(c) + [mode])


def _python(kind, name, package, *modules):
    return Library(name, package, modules=modules, arguments=lambda c: [kind] + _folder_batch_threads(c))


def _dlib(program):
    return Library("dlib", "libdlib-dev (apt)", program=lambda c: program, arguments=_folder_batch,
                   environment=lambda c: {"OPENBLAS_NUM_THREADS": str(c.threads)})  # its only threads


INFERENCE = [
    _fovea("infer", "exact"),
    _fovea("infer", "fast"),
    Library("onednn", "libdnnl-dev (apt)", program=lambda c: "compare_onednn", arguments=_folder_batch),
    Library("libtorch", "libtorch-dev (apt)", program=lambda c: "compare_libtorch_infer", arguments=_folder_batch_threads),
    Library("xnnpack", "libxnnpack-dev and libpthreadpool-dev (apt)", program=lambda c: "compare_xnnpack", arguments=_folder_batch_threads),
    _dlib("compare_dlib_infer"),
    _python("infer", "onnxruntime", "onnx and onnxruntime (pip)", "onnx", "onnxruntime"),
    _python("infer", "openvino", "onnx and openvino (pip)", "onnx", "openvino"),
    _python("infer", "pytorch", "torch (pip)", "torch"),
    _python("infer", "pytorch-compile", "torch (pip)", "torch"),
    _python("infer", "ncnn", "ncnn (pip)", "ncnn"),
    _python("infer", "litert", "ai-edge-litert and flatbuffers (pip)", "ai_edge_litert", "flatbuffers"),
]

TRAINING = [
    _fovea("train", "exact"),
    _fovea("train", "fast"),
    Library("libtorch", "libtorch-dev (apt)", program=lambda c: "compare_libtorch_train", arguments=_folder_batch_threads),
    _dlib("compare_dlib_train"),
    _python("train", "pytorch", "torch (pip)", "torch"),
    _python("train", "pytorch-compile", "torch (pip)", "torch"),
]
