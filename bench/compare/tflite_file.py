# SPDX-License-Identifier: BSD-3-Clause
"""A network as a TensorFlow Lite model: channels last, BatchNorm folded, ReLU within the operators, as a converter leaves it."""
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from network import folded


def _is_same(step):
    """Whether the padding is TensorFlow's SAME, the only one that its convolutions know beside none."""
    _, height, width = step["input_shape"]
    for axis, size in enumerate((height, width)):
        span = (step["kernel"][axis] - 1) * step["dilation"][axis] + 1
        out = -(-size // step["stride"][axis])
        total = max(0, (out - 1) * step["stride"][axis] + span - size)
        if [step["padding"][axis], step["padding"][axis + 2]] != [total // 2, total - total // 2]:
            return False
    return True


def tflite_model(network, images):
    model, graph = schema.ModelT(), schema.SubGraphT()
    model.version, model.subgraphs, model.operatorCodes, model.buffers = 3, [graph], [], [schema.BufferT()]
    graph.tensors, graph.operators = [], []
    codes = {}

    def tensor(name, shape, values=None, kind=schema.TensorType.FLOAT32):
        t = schema.TensorT()
        t.name, t.shape, t.type = name, list(shape), kind
        t.buffer = 0
        if values is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
            t.buffer = len(model.buffers)
            model.buffers.append(buffer)
        graph.tensors.append(t)
        return len(graph.tensors) - 1

    def operator(code, inputs, output, options_type, options):
        if code not in codes:
            codes[code] = len(model.operatorCodes)
            entry = schema.OperatorCodeT()
            entry.builtinCode = entry.deprecatedBuiltinCode = code
            entry.version = 1
            model.operatorCodes.append(entry)
        o = schema.OperatorT()
        o.opcodeIndex, o.inputs, o.outputs, o.builtinOptionsType, o.builtinOptions = codes[code], inputs, [output], options_type, options
        graph.operators.append(o)

    def nhwc(shape):
        return [images, shape[1], shape[2], shape[0]]

    maps = {0: tensor("input", nhwc(network.input))}
    for step in folded(network):
        number = step["output"]
        source = maps[step["inputs"][0]]
        relu = schema.ActivationFunctionType.RELU if step["relu"] else schema.ActivationFunctionType.NONE
        result = tensor(f"m{number}", nhwc(step["output_shape"]))
        if step["operation"] == "conv":
            if not _is_same(step):
                raise ValueError("padding that TensorFlow Lite has no name for")
            added = step["sum"] is not None
            product = tensor(f"p{number}", nhwc(step["output_shape"])) if added else result
            outs = step["output_shape"][0]
            depthwise = step["groups"] > 1
            if depthwise and step["groups"] != step["input_shape"][0]:
                raise ValueError("grouped convolution")
            weight = np.transpose(step["weight"][:, 0], (1, 2, 0))[None] if depthwise else np.transpose(step["weight"], (0, 2, 3, 1))
            options = schema.DepthwiseConv2DOptionsT() if depthwise else schema.Conv2DOptionsT()
            options.padding = schema.Padding.SAME
            options.strideH, options.strideW = step["stride"]
            options.dilationHFactor, options.dilationWFactor = step["dilation"]
            options.fusedActivationFunction = schema.ActivationFunctionType.NONE if added else relu
            if depthwise:
                options.depthMultiplier = outs // step["groups"]
            operator(schema.BuiltinOperator.DEPTHWISE_CONV_2D if depthwise else schema.BuiltinOperator.CONV_2D,
                     [source, tensor(f"w{number}", weight.shape, weight), tensor(f"b{number}", [outs], step["bias"])], product,
                     schema.BuiltinOptions.DepthwiseConv2DOptions if depthwise else schema.BuiltinOptions.Conv2DOptions, options)
            if added:
                options = schema.AddOptionsT()
                options.fusedActivationFunction = relu
                operator(schema.BuiltinOperator.ADD, [product, maps[step["sum"]]], result, schema.BuiltinOptions.AddOptions, options)
        elif step["operation"] == "mean":
            options = schema.ReducerOptionsT()
            options.keepDims = True
            axes = tensor(f"a{number}", [2], np.array([1, 2], np.int32), schema.TensorType.INT32)
            operator(schema.BuiltinOperator.MEAN, [source, axes], result, schema.BuiltinOptions.ReducerOptions, options)
        else:
            options = schema.SoftmaxOptionsT()
            options.beta = 1.0
            operator(schema.BuiltinOperator.SOFTMAX, [source], result, schema.BuiltinOptions.SoftmaxOptions, options)
        maps[number] = result
    graph.inputs, graph.outputs = [maps[0]], [result]
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
