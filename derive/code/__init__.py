"""The program of steps as source code: an interpreter of the same list beside `evaluate`, which knows no sheets."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from derive.code.iteration import IterationStep, training_iteration
from derive.code.model import BLANK, Gap, Line, Piece, Source
from derive.code.numpy_layers import numpy_layers
from derive.code.numpy_step import numpy_loop, numpy_step
from derive.code.torch_loop import ShapeOf, torch_loop, torch_shapes
from derive.code.torch_module import torch_module
from derive.evaluate import Values
from derive.program import Program
from derive.spec import Problem

Write = Callable[[Problem, Program, Values | None], Source]

# For each language its styles, the usual one first.
STYLES: Mapping[str, Mapping[str, Write]] = {
    "numpy": {"step": numpy_step, "loop": numpy_loop, "layers": numpy_layers},
    "pytorch": {"loop": torch_loop, "module": torch_module},
}

__all__ = [
    "BLANK",
    "STYLES",
    "Gap",
    "IterationStep",
    "Line",
    "Piece",
    "ShapeOf",
    "Source",
    "Write",
    "numpy_layers",
    "numpy_loop",
    "numpy_step",
    "torch_loop",
    "torch_module",
    "torch_shapes",
    "training_iteration",
]
