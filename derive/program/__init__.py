"""Problem -> forward program: single-assignment steps that every later part reads."""

from derive.program.compile import compile_problem
from derive.program.program import Program, Quantity, Role, Step
from derive.program.shrink import holds_a_width, shrunk, shrunk_shape, small_widths

__all__ = [
    "Program",
    "Quantity",
    "Role",
    "Step",
    "compile_problem",
    "holds_a_width",
    "shrunk",
    "shrunk_shape",
    "small_widths",
]
