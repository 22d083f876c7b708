"""What there is: expressions, elementwise functions, layers and losses, each with its value and its derivative."""

from derive.ops import activations, functions  # noqa: F401  # fills the table of elementwise functions
from derive.ops.algebra import Elementwise, Plus, Power, Times, negative_factor, scalar
from derive.ops.elementwise import ROWS, Fn, Row, as_spelled, fn
from derive.ops.entries import EntryOf, entry
from derive.ops.linear import ColumnOf, Diagonal, Dot, Outer, RowOf, diagonal, dot, outer, row_of, take, transpose
from derive.ops.losses import LOSSES, Loss, Samples, build_loss
from derive.ops.node import Arithmetic, Array, Constant, Node, Tensor, as_node, evaluate, rebuilt, set_latex, walk
from derive.ops.reassemble import reassembled
from derive.ops.reductions import Mean, Sum, SumAxis
from derive.ops.shapes import Dimension, Shape, as_shape, is_single, show, size
from derive.ops.softmax import WHOLE, LogSoftmax, OneHot, Softmax
from derive.ops.structure import EVERYTHING, Augment, Embed, Identity, Repeat, Selection, Slice, Transpose, ones
from derive.ops.text import text
from derive.ops.tidy import expand, is_zero, plus, power, split_constant, split_scalar, sum_to, times

__all__ = [
    "EVERYTHING",
    "LOSSES",
    "ROWS",
    "WHOLE",
    "Arithmetic",
    "Array",
    "Augment",
    "ColumnOf",
    "Constant",
    "Diagonal",
    "Dimension",
    "Dot",
    "Elementwise",
    "Embed",
    "EntryOf",
    "Fn",
    "Identity",
    "LogSoftmax",
    "Loss",
    "Mean",
    "Node",
    "OneHot",
    "Outer",
    "Plus",
    "Power",
    "Repeat",
    "Row",
    "RowOf",
    "Samples",
    "Selection",
    "Shape",
    "Slice",
    "Softmax",
    "Sum",
    "SumAxis",
    "Tensor",
    "Times",
    "Transpose",
    "as_node",
    "as_shape",
    "as_spelled",
    "build_loss",
    "diagonal",
    "dot",
    "entry",
    "evaluate",
    "expand",
    "fn",
    "is_single",
    "is_zero",
    "negative_factor",
    "ones",
    "outer",
    "plus",
    "power",
    "reassembled",
    "rebuilt",
    "row_of",
    "scalar",
    "set_latex",
    "show",
    "size",
    "split_constant",
    "split_scalar",
    "sum_to",
    "take",
    "text",
    "times",
    "transpose",
    "walk",
]
