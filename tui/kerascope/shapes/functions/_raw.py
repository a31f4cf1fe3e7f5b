"""`TensorFlowOpLayer`: a single TensorFlow operation, as TensorFlow 2.0 to 2.3 wrote them into functional models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from kerascope.shapes._reasons import told
from kerascope.shapes._registry import function_rule, rule
from kerascope.shapes._types import Call, Unknown
from kerascope.shapes.functions._values import sizes

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.shapes._types import Infer, Result

__all__: list[str] = []

UNCHANGED = """
    Abs Acos Acosh Asin Asinh Atan Atanh BiasAdd Ceil CheckNumerics ClipByValue Cos Cosh Cumprod Cumsum Elu Erf Erfc Exp
    Expm1 FakeQuantWithMinMaxVars Floor Identity LRN LeakyRelu Log Log1p LogSoftmax MatrixBandPart Neg Reciprocal Relu
    Relu6 ReverseV2 Rint Roll Round Rsqrt Selu Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt Square StopGradient
    Tan Tanh
"""
COMBINED = """
    Add AddV2 Atan2 BitwiseAnd BitwiseOr Div DivNoNan FloorDiv FloorMod Maximum Minimum Mod Mul MulNoNan Pow RealDiv
    SquaredDifference Sub TruncateDiv TruncateMod Xdivy Xlogy
"""
COMPARED = "Equal Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr NotEqual"

OPERATIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    **dict.fromkeys(UNCHANGED.split(), ("identity", ("x",))),
    **dict.fromkeys(COMBINED.split(), ("math.truediv", ("x", "y"))),
    **dict.fromkeys(COMPARED.split(), ("math.equal", ("x", "y"))),
    **dict.fromkeys(("AddV2", "Add"), ("math.add", ("x", "y"))),
    **dict.fromkeys(("EuclideanNorm", "Max", "Mean", "Min", "Sum"), ("math.reduce_mean", ("input_tensor", "axis"))),
    **dict.fromkeys(("All", "Any"), ("math.reduce_all", ("input_tensor", "axis"))),
    **dict.fromkeys(("IsFinite", "IsInf", "IsNan", "LogicalNot"), ("math.is_nan", ("x",))),
    **dict.fromkeys(("OnesLike", "ZerosLike"), ("zeros_like", ("input",))),
    "FloorDiv": ("floor_div", ("x", "y")),
    "Maximum": ("math.maximum", ("x", "y")),
    "Minimum": ("math.minimum", ("x", "y")),
    "Mul": ("math.multiply", ("x", "y")),
    "Prod": ("math.reduce_prod", ("input_tensor", "axis")),
    "Sub": ("math.subtract", ("x", "y")),
    "ArgMax": ("math.argmax", ("input", "axis")),
    "ArgMin": ("math.argmin", ("input", "axis")),
    "BatchMatMul": ("linalg.matmul", ("a", "b")),
    "BatchMatMulV2": ("linalg.matmul", ("a", "b")),
    "BroadcastTo": ("broadcast_to", ("input", "shape")),
    "Cast": ("cast", ("x",)),
    "DepthToSpace": ("nn.depth_to_space", ("input",)),
    "ExpandDims": ("expand_dims", ("input", "axis")),
    "Fill": ("fill", ("dims",)),
    "GatherNd": ("gather_nd", ("params", "indices")),
    "GatherV2": ("gather", ("params", "indices", "axis")),
    "MatMul": ("linalg.matmul", ("a", "b")),
    "MirrorPad": ("pad", ("tensor", "paddings")),
    "OneHot": ("one_hot", ("indices", "depth")),
    "Pad": ("pad", ("tensor", "paddings")),
    "PadV2": ("pad", ("tensor", "paddings")),
    "Range": ("range", ("start", "limit", "delta")),
    "Reshape": ("reshape", ("tensor", "shape")),
    "ResizeBilinear": ("image.resize", ("images", "size")),
    "ResizeNearestNeighbor": ("image.resize", ("images", "size")),
    "SelectV2": ("where", ("condition", "x", "y")),
    "Shape": ("shape", ("input",)),
    "Slice": ("slice", ("input_", "begin", "size")),
    "SpaceToDepth": ("nn.space_to_depth", ("input",)),
    "Squeeze": ("squeeze", ("input",)),
    "Tile": ("tile", ("input", "multiples")),
    "TopKV2": ("math.top_k", ("input", "k")),
    "Transpose": ("transpose", ("a", "perm")),
    "Unpack": ("unstack", ("value",)),
}
"""By the name of an operation, the function that does the same, and what that calls the inputs in their order."""

ATTRIBUTES = {
    "keep_dims": "keepdims",
    "transpose_a": "transpose_a",
    "transpose_b": "transpose_b",
    "adj_x": "transpose_a",
    "adj_y": "transpose_b",
    "batch_dims": "batch_dims",
    "axis": "axis",
    "num": "num",
    "block_size": "block_size",
    "squeeze_dims": "axis",
    "DstT": "dtype",
    "out_type": "out_type",
    "output_type": "output_type",
}
"""Attributes of operations that say something about shapes, and the parameters of functions that do."""

DTYPES = {
    "DT_BOOL": "bool",
    "DT_DOUBLE": "float64",
    "DT_FLOAT": "float32",
    "DT_HALF": "float16",
    "DT_INT32": "int32",
    "DT_INT64": "int64",
}


@rule("TensorFlowOpLayer", generations=(2,))
def operation(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The rule of the function that does what the operation does (tf-keras `TensorFlowOpLayer`).

    `node_def` names it, with attributes; the inputs are the tensors of the call, with the constants at their places.
    """
    node = layer.config.get("node_def")
    if not isinstance(node, Mapping) or not isinstance(node.get("op"), str):
        raise Unknown("its operation is in the file as bytes, which are not read")
    name = node["op"]
    inputs, attributes = _inputs(layer, call), _attributes(node)
    if name == "StridedSlice":
        return _run("__operators__.getitem", layer, infer, [inputs[0]], {"slice_spec": _index(inputs, node)})
    if name in ("ConcatV2", "Concat"):
        values, axis = (inputs[:-1], inputs[-1]) if name == "ConcatV2" else (inputs[1:], inputs[0])
        return _run("concat", layer, infer, [values], {"axis": axis})
    if name == "Pack":
        return _run("stack", layer, infer, [inputs], {"axis": attributes.get("axis", 0)})
    if name == "Split":
        parts = _attribute(node, "num_split")
        return _run("split", layer, infer, [inputs[1]], {"num_or_size_splits": parts, "axis": inputs[0]})
    if name == "SplitV":
        return _run("split", layer, infer, [inputs[0]], {"num_or_size_splits": inputs[1], "axis": inputs[2]})
    found = OPERATIONS.get(name)
    if found is None:
        raise Unknown(f"there is no shape rule for the TensorFlow operation {told(name)}")
    function, names = found
    return _run(function, layer, infer, inputs[:1], {**dict(zip(names[1:], inputs[1:], strict=False)), **attributes})


def _run(name: str, layer: LayerConfig, infer: Infer, args: list[object], kwargs: dict[str, object]) -> Result:
    found = function_rule(name)
    if found is None:
        raise Unknown(f"there is no shape rule for the TensorFlow function {name}")
    return found(replace(layer, config={"function": name}), Call(tuple(args), kwargs), infer)


def _inputs(layer: LayerConfig, call: Call) -> list[object]:
    """The tensors of the call in their order, with the constants put in at their places."""
    inputs: list[object] = list(call.tensors)
    constants = layer.config.get("constants")
    if isinstance(constants, Mapping):
        for at, value in sorted((int(key), value) for key, value in constants.items()):
            if at > len(inputs):
                raise Unknown("some of its inputs are not in the file")
            inputs.insert(at, value)
    if not inputs:
        raise Unknown("its inputs are not in the file")
    return inputs


def _index(inputs: list[object], node: Mapping[str, object]) -> list[object]:
    """The index in brackets that begin, end and strides with their masks stand for (TensorFlow `StridedSlice`)."""
    begin, end, strides = (sizes(each, "its index") for each in inputs[1:4])
    whole, to_end, dots, new, number = (
        int(str(_attribute(node, f"{mask}_mask") or 0))
        for mask in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")
    )
    key: list[object] = []
    for at, (start, stop, step) in enumerate(zip(begin, end, strides, strict=True)):
        bit = 1 << at
        if dots & bit:
            key.append(...)
        elif new & bit:
            key.append(None)
        elif (start is None and not whole & bit) or (stop is None and not to_end & bit) or step is None:
            raise Unknown("its index is computed by the model")
        elif number & bit:
            key.append(start)
        else:
            key.append({"start": None if whole & bit else start, "stop": None if to_end & bit else stop, "step": step})
    return key


def _attributes(node: Mapping[str, object]) -> dict[str, object]:
    """The attributes that say something about shapes, as arguments of the function."""
    found = {}
    for name, parameter in ATTRIBUTES.items():
        value = _attribute(node, name)
        if value is not None and value != []:
            found[parameter] = value
    return found


def _attribute(node: Mapping[str, object], name: str) -> object:
    """An attribute of an operation as protobuf's JSON has it: `{"i": "3"}`, `{"b": true}`, `{"list": {"i": ["1"]}}`."""
    attributes = node.get("attr")
    value = attributes.get(name) if isinstance(attributes, Mapping) else None
    if not isinstance(value, Mapping):
        return None
    if "i" in value:
        return int(value["i"])
    if "b" in value:
        return bool(value["b"])
    if "type" in value:
        return DTYPES.get(value["type"])
    items = value.get("list")
    return [int(item) for item in items.get("i", ())] if isinstance(items, Mapping) else None
