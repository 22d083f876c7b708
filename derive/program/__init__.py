"""Problem -> forward program: single-assignment steps that every later part reads."""

from derive.program.batch import axis_of, data_axes, sample_axes, sample_dimension
from derive.program.compile import compile_problem
from derive.program.counting import First, find_first, first_of
from derive.program.program import Program, Quantity, Role, Step
from derive.program.reading import read, read_text
from derive.program.shrink import shrunk

__all__ = [
    "First",
    "Program",
    "Quantity",
    "Role",
    "Step",
    "axis_of",
    "compile_problem",
    "data_axes",
    "find_first",
    "first_of",
    "read",
    "read_text",
    "sample_axes",
    "sample_dimension",
    "shrunk",
]
