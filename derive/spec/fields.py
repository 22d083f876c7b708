"""How each kind of field is read from the tree: types for the models, each with its reader and its JSON Schema.

The tree's scalars are still uninterpreted, so it is the field that decides: `no` in a title is the word "no",
`0.10` among parameters is the number 0.10, `2` as a width is an integer.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, InstanceOf, WithJsonSchema

from derive.spec.equations import collect_equations
from derive.spec.faults import Flaw, FlawedValueError, listing, shorten
from derive.spec.layers import ACTIVATIONS, LOSSES
from derive.spec.names import is_name
from derive.spec.notation import PRESETS, read_notation
from derive.spec.numbers import Literal, read_literal, read_number
from derive.spec.problem import Ask, Call, Equation
from derive.spec.tree import Mapping, Scalar, Sequence, Tree, describe

_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")
_NAME_SCHEMA = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$"}
_NUMBER_SCHEMA = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": "^[+-]?[0-9]+/[0-9]+$"}]}
_ROW_SCHEMA = {"type": "array", "items": _NUMBER_SCHEMA, "minItems": 1}
_NUMBERS_SCHEMA = {"anyOf": [*_NUMBER_SCHEMA["anyOf"], _ROW_SCHEMA, {"type": "array", "items": _ROW_SCHEMA}]}


def _read_text(tree: Tree) -> str:
    if not isinstance(tree, Scalar):
        raise FlawedValueError(Flaw(describe(tree), "a text"))
    for character in tree.text:
        if unicodedata.category(character) == "Cc" and character not in "\n\t":
            raise FlawedValueError(Flaw(f"the control character U+{ord(character):04X}", "text that can be printed"))
    return tree.text.strip()


def _read_integer(tree: Tree) -> int:
    if not isinstance(tree, Scalar) or not tree.plain or not _WHOLE.fullmatch(tree.text):
        raise FlawedValueError(Flaw(describe(tree), "a whole number"))
    return int(tree.text)


def _read_flag(tree: Tree) -> bool:
    if not isinstance(tree, Scalar) or not tree.plain or tree.text.lower() not in {"true", "false"}:
        raise FlawedValueError(Flaw(describe(tree), "true or false"))
    return tree.text.lower() == "true"


def _read_slope(tree: Tree) -> Fraction:
    """A slope of relu at its kink: any subgradient, a number from 0 to 1."""
    value: Fraction = read_number(tree).exact.item()
    if not 0 <= value <= 1:
        raise FlawedValueError(Flaw(describe(tree), "a number from 0 to 1"))
    return value


def _read_learning_rate(tree: Tree) -> Literal:
    number = read_number(tree)
    if number.exact.item() <= 0:
        raise FlawedValueError(Flaw(describe(tree), "a positive number"))
    return number


def _read_name(tree: Tree) -> str:
    if not isinstance(tree, Scalar) or not is_name(tree.text):
        expected = "a name: letters, digits and _, starting with a letter, and no word of Python"
        raise FlawedValueError(Flaw(f"{describe(tree)} as a name", expected))
    return tree.text


def _read_size(tree: Tree) -> int | str:
    """A width or a dimension: a positive whole number, or a symbol such as `H`."""
    if isinstance(tree, Scalar) and tree.plain and is_name(tree.text):
        return tree.text
    if isinstance(tree, Scalar) and tree.plain and _WHOLE.fullmatch(tree.text) and int(tree.text) > 0:
        return int(tree.text)
    raise FlawedValueError(Flaw(describe(tree), "a positive whole number or a symbol such as `H`"))


def _read_call(tree: Tree) -> Call:
    """`tanh`, or a name with options: `{leaky_relu: {alpha: 0.1}}`."""
    if isinstance(tree, Mapping) and len(tree) == 1:
        [(name, options)] = tree.items()
        if options is None:
            return Call(name)
        if isinstance(options, Mapping):
            return Call(name, {option: _option_text(name, option, value) for option, value in options.items()})
    if isinstance(tree, Scalar):
        return Call(tree.text)
    raise FlawedValueError(Flaw(describe(tree), "a name, or a name with options such as `leaky_relu: {alpha: 0.1}`"))


def _option_text(name: str, option: str, value: Tree) -> str:
    if isinstance(value, Scalar) and is_name(value.text):
        return value.text
    try:
        return str(read_number(value).text.item())
    except FlawedValueError as error:
        raise FlawedValueError(*(Flaw(f.found, f.expected, f.hint, (name, option)) for f in error.flaws)) from error


def _read_quantities(tree: Tree) -> dict[str, Literal | None]:
    """A mapping name -> numbers (or nothing: no numbers), or a list of names."""
    flaws: list[Flaw] = []
    quantities: dict[str, Literal | None] = {}
    for key, name, value in _named(tree, "a mapping name: numbers, or a list of names"):
        try:
            quantities[_read_name(name)] = None if value is None else read_literal(value)
        except FlawedValueError as error:
            flaws += [Flaw(flaw.found, flaw.expected, flaw.hint, (key, *flaw.path)) for flaw in error.flaws]
    if flaws:
        raise FlawedValueError(*flaws)
    return quantities


def _read_ask(tree: Tree) -> tuple[Ask, ...]:
    """A mapping quantity -> points (or nothing), or a list of quantities."""
    asked: list[Ask] = []
    for key, name, value in _named(tree, "a mapping quantity: points, or a list of quantities"):
        points = None if value is None else value.text if isinstance(value, Scalar) and value.plain else ""
        if not isinstance(name, Scalar):
            raise FlawedValueError(Flaw(describe(name), "a quantity such as `y` or `dL/dW_1`", path=(key,)))
        if points is not None and not re.fullmatch("[0-9]{1,4}", points):
            raise FlawedValueError(Flaw(describe(value), "points: a whole number", path=(key,)))
        asked.append(Ask(name.text, None if points is None else int(points)))
    return tuple(asked)


def _named(tree: Tree, expected: str) -> list[tuple[str | int, Tree, Tree]]:
    """The entries of a mapping, or of a list of names, as (place, name, value)."""
    if isinstance(tree, Mapping):
        return [(key, Scalar(key, "", tree.key_lines[key]), value) for key, value in tree.items()]
    if not isinstance(tree, Sequence):
        raise FlawedValueError(Flaw(describe(tree), expected))
    names = [name.text for name in tree if isinstance(name, Scalar)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FlawedValueError(Flaw(f"{listing(twice)} more than once", "each name once"))
    return [(place, name, None) for place, name in enumerate(tree)]


def _read_equations(tree: Tree) -> tuple[Equation, ...]:
    """The equations of a block of text (`forward: |`), or of a text on one line."""
    if not isinstance(tree, Scalar):
        raise FlawedValueError(Flaw(describe(tree), "equations, one on a line, after `forward: |`"))
    numbers = itertools.count(tree.line + 1) if tree.style == "|" else itertools.repeat(tree.line)
    equations, flaws = collect_equations(tree.text, numbers)
    if flaws and tree.style in {"", ">"}:
        hint = "write `forward: |`, which keeps the lines apart"
        flaws = tuple(Flaw(flaw.found, flaw.expected, flaw.hint or hint, line=flaw.line) for flaw in flaws)
    if not equations and not flaws:
        flaws = (Flaw(f"no equation in `{shorten(tree.text)}`", "lines `name = expression`"),)
    if flaws:
        raise FlawedValueError(*flaws)
    return equations


def _table_schema(values: dict[str, Any]) -> dict[str, Any]:
    """A mapping whose values may be left out, or a list of its keys."""
    mapping = {"type": "object", "additionalProperties": {"anyOf": [*values.get("anyOf", [values]), {"type": "null"}]}}
    return {"anyOf": [mapping, {"type": "array", "items": {"type": "string"}}]}


def _call_schema(known: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """A name, or a name with its options, for an editor to complete."""
    tables = {
        name: {
            "type": ["object", "null"],
            "properties": {option: {} for option in options},
            "additionalProperties": False,
        }
        for name, options in known.items()
    }
    table = {"type": "object", "properties": tables, "additionalProperties": False}
    return {"anyOf": [{"enum": list(known)}, {**table, "minProperties": 1, "maxProperties": 1}]}


_NOTATION_SCHEMA = {"anyOf": [{"enum": list(PRESETS)}, {"type": "object", "additionalProperties": {"type": "string"}}]}

WHOLE_NUMBER = BeforeValidator(_read_integer)
Text = Annotated[str, BeforeValidator(_read_text)]
Name = Annotated[str, BeforeValidator(_read_name), WithJsonSchema(_NAME_SCHEMA)]
Flag = Annotated[bool, BeforeValidator(_read_flag)]
LearningRate = Annotated[InstanceOf[Literal], BeforeValidator(_read_learning_rate), WithJsonSchema(_NUMBER_SCHEMA)]
Slope = Annotated[InstanceOf[Fraction], BeforeValidator(_read_slope), WithJsonSchema(_NUMBER_SCHEMA)]
Size = Annotated[int | str, BeforeValidator(_read_size), WithJsonSchema({"type": ["integer", "string"], "minimum": 1})]
Activation = Annotated[InstanceOf[Call], BeforeValidator(_read_call), WithJsonSchema(_call_schema(ACTIVATIONS))]
Loss = Annotated[InstanceOf[Call], BeforeValidator(_read_call), WithJsonSchema(_call_schema(LOSSES))]
Quantities = Annotated[
    dict[str, InstanceOf[Literal] | None],
    BeforeValidator(_read_quantities),
    WithJsonSchema(_table_schema(_NUMBERS_SCHEMA)),
]
Asked = Annotated[
    tuple[InstanceOf[Ask], ...], BeforeValidator(_read_ask), WithJsonSchema(_table_schema({"type": "integer"}))
]
Notation = Annotated[str | dict[str, str], BeforeValidator(read_notation), WithJsonSchema(_NOTATION_SCHEMA)]
Equations = Annotated[
    tuple[InstanceOf[Equation], ...], BeforeValidator(_read_equations), WithJsonSchema({"type": "string"})
]
