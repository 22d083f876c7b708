# mypy: allow-untyped-defs, allow-untyped-calls
"""What a notebook tells students about the shape of an answer. Its text stands in the notebook, for all to see."""

import builtins  # students give names such as `list` or `sum` to numbers of their own


def shape_in_words(shape: "tuple[int, ...]") -> str:
    """`a list of 2 numbers`"""
    if not shape:
        return "a single number, without brackets"
    count = f"{shape[-1]} number{'s' if shape[-1] != 1 else ''}"
    if builtins.len(shape) == 1:
        return f"a list of {count}"
    if builtins.len(shape) == 2:
        return f"a list of {shape[0]} row{'s' if shape[0] != 1 else ''}, each a list of {count}"
    return f"{shape[0]} parts, each {shape_in_words(shape[1:])}"


def read_number(entry):
    """The number in one entry; None where there is none."""
    try:
        number = None if builtins.isinstance(entry, (builtins.str, builtins.bool)) else builtins.float(entry)
    except builtins.Exception:
        return None
    return number if number is not None and number - number == 0 else None  # not NaN, not infinite


def read_answer(answer, shape):
    """The entries of an answer in a row, None for what is no number; None where the shape is another."""
    answer = answer.tolist() if builtins.hasattr(answer, "tolist") else answer
    is_list = builtins.isinstance(answer, (builtins.list, builtins.tuple))
    if not shape:
        return None if is_list else [read_number(answer)]
    if not is_list or builtins.len(answer) != shape[0]:
        return None
    parts = [read_answer(part, shape[1:]) for part in answer]
    return None if None in parts else [entry for part in parts for entry in part]


def check_shape(answers, name, shape):
    """Say what is wrong with the shape of an answer, or which of its entries are no numbers."""
    entries = read_answer(answers.get(name), shape)
    if entries is None:
        raise builtins.AssertionError(f"`{name}` should be {shape_in_words(shape)}.")
    absent = [builtins.str(place) for place, entry in builtins.enumerate(entries, 1) if entry is None]
    if builtins.len(absent) == builtins.len(entries):
        raise builtins.AssertionError(f"`{name}` holds no number yet.")
    if absent:
        builtins.print(f"In `{name}` there is no number at place {', '.join(absent)}.")  # noqa: T201
