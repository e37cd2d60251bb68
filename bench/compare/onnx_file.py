# SPDX-License-Identifier: BSD-3-Clause
"""A network as an ONNX model with its BatchNorms: folding is the reader's work, as for any exported model."""
import onnx
from onnx import TensorProto, helper, numpy_helper


def onnx_model(network, images):
    nodes, constants = [], []

    def constant(layer, field):
        name = layer["path"] + "." + field
        constants.append(numpy_helper.from_array(network.tensor(layer, field), name))
        return name

    for number, layer in enumerate(network.layers):
        inputs = [f"m{m}" for m in layer["inputs"]]
        output = [f"m{number + 1}"]
        match layer["operation"]:
            case "conv":
                nodes.append(helper.make_node(
                    "Conv", inputs + [constant(layer, "weight"), constant(layer, "bias")], output, kernel_shape=layer["kernel"],
                    pads=layer["padding"], dilations=layer["dilation"], strides=layer["stride"], group=layer["groups"]))
            case "batch_norm":
                nodes.append(helper.make_node(
                    "BatchNormalization", inputs + [constant(layer, f) for f in ("weight", "bias", "running_mean", "running_var")], output,
                    epsilon=layer["epsilon"]))
            case "softmax":
                nodes.append(helper.make_node("Softmax", inputs, output, axis=1))
            case operation:
                nodes.append(helper.make_node({"relu": "Relu", "add": "Add", "mean": "GlobalAveragePool"}[operation], inputs, output))
    graph = helper.make_graph(
        nodes, network.name, [helper.make_tensor_value_info("m0", TensorProto.FLOAT, [images] + network.input)],
        [helper.make_tensor_value_info(f"m{len(network.layers)}", TensorProto.FLOAT, [images] + network.output)], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString()
