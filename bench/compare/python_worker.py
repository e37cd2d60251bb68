# SPDX-License-Identifier: BSD-3-Clause
"""The worker of the libraries that are used from Python: python_worker.py LIBRARY infer|train FOLDER BATCH THREADS. It speaks as worker.hpp does."""
import os
import sys
import time

import numpy as np

from network import Network


def seconds_of_call(call, calls):
    begin = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - begin) / calls


def bursts(call, seconds, burst=5e-3, slow=0.2):
    """As in worker.hpp."""
    once = seconds_of_call(call, 1)
    times = []
    if once > slow:
        times.append(once)
    else:
        once = min(once, seconds_of_call(call, max(1, int(burst / once))))
    calls = max(1, int(burst / once))
    total = sum(times)
    while total < seconds or not times:
        times.append(seconds_of_call(call, calls))
        total += times[-1] * calls
    return times


def best_of(candidates):
    """The fastest of (name, call): the first calls compile and pack, the rest counts."""
    if len(candidates) == 1:
        return candidates[0]

    def least(call):
        for _ in range(3):
            call()
        return min(bursts(call, 0.05))
    return min(candidates, key=lambda c: least(c[1]))


def onnxruntime_worker(network, x, threads):
    import onnxruntime as ort
    from onnx_file import onnx_model
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = ort.InferenceSession(onnx_model(network, len(x)), options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    y = np.zeros([len(x)] + network.output, np.float32)
    binding.bind_cpu_input("m0", x)
    name = session.get_outputs()[0].name
    binding.bind_output(name, "cpu", 0, np.float32, y.shape, y.ctypes.data)
    # (x is an argument so that it lives as long as the call: the binding does not own it.)
    return ort.__version__, lambda x=x: session.run_with_iobinding(binding), lambda: y


def openvino_worker(network, x, threads):
    import openvino as ov
    from onnx_file import onnx_model
    core = ov.Core()
    compiled = core.compile_model(core.read_model(onnx_model(network, len(x)), b""), "CPU", {
        "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32",
        "ENABLE_CPU_PINNING": False})
    request = compiled.create_infer_request()
    request.set_input_tensor(ov.Tensor(x, shared_memory=True))

    def call(x=x):  # the tensor does not own its memory: x must live as long as the call
        request.start_async()
        request.wait()
    return ov.__version__.split("-")[0], call, lambda: request.get_output_tensor().data


def _pytorch(network, x, threads):
    import torch
    from pytorch_network import PyTorchNetwork
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    torch.set_grad_enabled(False)
    return torch, PyTorchNetwork(network).eval(), torch.from_numpy(x)


def pytorch_worker(network, x, threads):
    torch, module, x = _pytorch(network, x, threads)
    module.fold()
    result = [None]
    candidates = []
    for name, layout in (("contiguous", torch.contiguous_format), ("channels_last", torch.channels_last)):
        def call(m=PyTorchCopy(module, layout), moved=x.to(memory_format=layout)):
            with torch.inference_mode():
                result[0] = m(moved)
        candidates.append((name, call))
    name, call = best_of(candidates)
    return f"{torch.__version__} eager {name}", call, lambda: result[0].contiguous().numpy()


def PyTorchCopy(module, layout):
    import copy
    return copy.deepcopy(module).to(memory_format=layout)


def pytorch_compile_worker(network, x, threads):
    torch, module, x = _pytorch(network, x, threads)
    import torch._inductor.config as inductor
    inductor.freezing = True  # weights are constants: packed at compile time, BatchNorm folded
    inductor.cpp.threads = threads
    compiled = torch.compile(module.to(memory_format=torch.channels_last), dynamic=False)
    result = [None]
    moved = x.to(memory_format=torch.channels_last)

    def call():
        with torch.no_grad():
            result[0] = compiled(moved)
    for _ in range(3):
        call()
    return f"{torch.__version__} compile channels_last", call, lambda: result[0].contiguous().numpy()


def ncnn_worker(network, x, threads):
    import ncnn
    from ncnn_file import write_ncnn
    net = ncnn.Net()
    net.opt.num_threads = threads
    for flag in ("use_vulkan_compute", "use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage"):
        setattr(net.opt, flag, False)
    write_ncnn(network, network.folder)
    if net.load_param(os.path.join(network.folder, "network.param")) or net.load_model(os.path.join(network.folder, "network.bin")):
        raise RuntimeError("ncnn does not load the network")
    images = [ncnn.Mat(image).clone() for image in x]
    results = [None] * len(images)

    def call():
        # ncnn has no batches: one image after the other, each with all threads.
        for i, image in enumerate(images):
            extractor = net.create_extractor()
            extractor.input("in", image)
            _, results[i] = extractor.extract("out")
    return ncnn.__version__, call, lambda: np.stack([np.array(r).reshape(network.output) for r in results])


def litert_worker(network, x, threads):
    from importlib.metadata import version
    from ai_edge_litert.interpreter import Interpreter
    from tflite_file import tflite_model
    interpreter = Interpreter(model_content=tflite_model(network, len(x)), num_threads=threads)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], np.ascontiguousarray(np.transpose(x, (0, 2, 3, 1))))
    out = interpreter.get_output_details()[0]["index"]
    return version("ai-edge-litert"), interpreter.invoke, lambda: np.transpose(interpreter.get_tensor(out), (0, 3, 1, 2))


def pytorch_trainer(network, x, threads, compiled=False):
    """A step: forward with the batch's statistics, cross-entropy, backward, Adam; the better layout."""
    import torch
    from pytorch_network import PyTorchNetwork
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    labels = torch.from_numpy(np.fromfile(os.path.join(network.folder, "labels.bin"), np.float32))
    labels = labels[: len(x) * int(np.prod(network.output[1:]))].reshape([len(x)] + network.output[1:]).long()

    def step_of(layout):
        module = PyTorchNetwork(network, logits=True).train().to(memory_format=layout)
        run = torch.compile(module, dynamic=False) if compiled else module
        adam = torch.optim.Adam(module.parameters(), 1e-3, foreach=True)
        images = torch.from_numpy(x).to(memory_format=layout)

        def step():
            adam.zero_grad()
            loss = torch.nn.functional.cross_entropy(run(images), labels)
            loss.backward()
            adam.step()
            return loss.item()
        return step

    layouts = {"channels_last": torch.channels_last}
    if not compiled:
        layouts["contiguous"] = torch.contiguous_format
    name, call = best_of([(name, step_of(layout)) for name, layout in layouts.items()])

    def losses():
        step = step_of(layouts[name])
        return np.array([step() for _ in range(4)])
    return f"{torch.__version__} {'compile' if compiled else 'eager'} {name}", call, losses


WORKERS = {
    "infer": {"onnxruntime": onnxruntime_worker, "openvino": openvino_worker, "pytorch": pytorch_worker, "pytorch-compile": pytorch_compile_worker,
              "ncnn": ncnn_worker, "litert": litert_worker},
    "train": {"pytorch": pytorch_trainer, "pytorch-compile": lambda *a: pytorch_trainer(*a, compiled=True)},
}


def main():
    # What a library prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(text):
        answers.write(text + "\n")
        answers.flush()

    library, kind, folder, images, threads = sys.argv[1:6]
    try:
        network = Network(folder)
        version, call, output = WORKERS[kind][library](network, network.batch(int(images)), int(threads))
        call()
    except Exception as e:
        answer(f"error {type(e).__name__}: {str(e).splitlines()[0] if str(e) else ''}")
        return 1
    answer(f"ready {version}")
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        match command:
            case "run":
                answer(" ".join(f"{t:.9g}" for t in bursts(call, float(argument))))
            case "output":
                call()
                np.ascontiguousarray(output(), np.float32).tofile(argument)
                answer("written")
            case "quit":
                break
            case _:
                answer(f"unknown command {command}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
