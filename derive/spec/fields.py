"""How each kind of field is read from the tree: types for the models, each with its reader and its JSON Schema.

The tree's scalars are still uninterpreted, so it is the field that decides: `no` in a title is the word "no",
`0.10` among parameters is the number 0.10, `2` as a width is an integer.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import replace
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, InstanceOf, WithJsonSchema

from derive.spec.equations import Equations, collect_equations
from derive.spec.faults import Flaw, FlawedValueError, shorten
from derive.spec.layers import ACTIVATIONS, LOSSES
from derive.spec.names import is_name
from derive.spec.notation import PRESET, read_notation
from derive.spec.notation import Notation as NotationChoice
from derive.spec.numbers import MANY, Literal, read_literal, read_number
from derive.spec.presets import PRESETS
from derive.spec.problem import Call, OneMore, Size, Width
from derive.spec.tree import Mapping, Scalar, Sequence, Tree, describe

_ONE_MORE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s*\+\s*1")
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")
_NAME_SCHEMA = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$"}
_NUMBER_SCHEMA = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": "^[+-]?[0-9]+/[0-9]+$"}]}
_ROW_SCHEMA = {"type": "array", "items": _NUMBER_SCHEMA, "minItems": 1}
_CSV_SCHEMA = {
    "type": "object",
    "properties": {
        "csv": {"type": "string"},
        "column": {"type": "string"},
        "columns": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    },
    "required": ["csv"],
    "additionalProperties": False,
}
_NUMBERS_SCHEMA = {
    "anyOf": [*_NUMBER_SCHEMA["anyOf"], _ROW_SCHEMA, {"type": "array", "items": _ROW_SCHEMA}, _CSV_SCHEMA]
}


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


def _read_width(tree: Tree) -> Width:
    """A positive whole number, or a symbol such as `H`."""
    if isinstance(tree, Scalar) and tree.plain and is_name(tree.text):
        return tree.text
    if isinstance(tree, Scalar) and tree.plain and _WHOLE.fullmatch(tree.text) and int(tree.text) > 0:
        return int(tree.text)
    raise FlawedValueError(Flaw(describe(tree), f"a positive whole number{_limit(tree)} or a symbol such as `H`"))


def _limit(tree: Tree) -> str:
    """How large a number may be, where one is too large."""
    return " below 1,000,000,000" if isinstance(tree, Scalar) and re.fullmatch(r"[0-9]*[1-9][0-9]*", tree.text) else ""


def _read_size(tree: Tree) -> Size:
    """A width, or one more than a symbol: `D+1` for weights with a row for the bias."""
    if isinstance(tree, Scalar) and tree.plain and (match := _ONE_MORE.fullmatch(tree.text)) and is_name(match[1]):
        return OneMore(match[1])
    try:
        return _read_width(tree)
    except FlawedValueError:
        expected = f"a positive whole number{_limit(tree)}, a symbol such as `H`, or `H+1`"
        raise FlawedValueError(Flaw(describe(tree), expected)) from None


def _read_call(tree: Tree) -> Call:
    """`tanh`, or a name with options: `{leaky_relu: {alpha: 0.1}}`."""
    if isinstance(tree, Mapping) and len(tree) == 1:
        [(name, options)] = tree.items()
        if options is None:
            return Call(name)
        if isinstance(options, Mapping):
            return Call(name, _read_options(name, options))
    if isinstance(tree, Scalar):
        return Call(tree.text)
    raise FlawedValueError(Flaw(describe(tree), "a name, or a name with options such as `leaky_relu: {alpha: 0.1}`"))


def _read_options(name: str, options: Mapping) -> dict[str, str]:
    flaws: list[Flaw] = []
    texts: dict[str, str] = {}
    for option, value in options.items():
        if isinstance(value, Scalar) and is_name(value.text):
            texts[option] = value.text
            continue
        try:
            texts[option] = str(read_number(value).text.item())
        except FlawedValueError as error:
            flaws += [replace(flaw, path=(name, option)) for flaw in error.flaws]
    raise_any(flaws)
    return texts


def _read_quantities(tree: Tree) -> dict[str, Literal | None]:
    """A mapping name -> numbers (or nothing: no numbers), or a list of names."""
    named, flaws = named_entries(tree, "a mapping name: numbers, or a list of names")
    quantities: dict[str, Literal | None] = {}
    for key, name, value in named:
        try:
            quantities[_read_name(name)] = None if value is None else read_literal(value)
        except FlawedValueError as error:
            cut = (key,) if len(error.flaws) > MANY else ()
            flaws += [replace(flaw, path=(key, *flaw.path), cut=cut) for flaw in error.flaws]
    raise_any(flaws)
    return quantities


def named_entries(tree: Tree, expected: str) -> tuple[list[tuple[str | int, Tree, Tree]], list[Flaw]]:
    """The entries of a mapping, or of a list of names, as (place, name, value), and the names that stand twice."""
    if isinstance(tree, Mapping):
        return [(key, Scalar(key, "", tree.key_lines[key]), value) for key, value in tree.items()], []
    if not isinstance(tree, Sequence):
        raise FlawedValueError(Flaw(describe(tree), expected))
    flaws: list[Flaw] = []
    seen: set[str] = set()
    for place, name in enumerate(tree):
        if isinstance(name, Scalar) and name.text in seen:
            flaws.append(Flaw(f"`{name.text}` more than once", "each name once", cut=(place,)))
        seen.update([name.text] if isinstance(name, Scalar) else [])
    return [(place, name, None) for place, name in enumerate(tree)], flaws


def raise_any(flaws: list[Flaw]) -> None:
    """Raise all flaws of a value at once, if there are any."""
    if flaws:
        raise FlawedValueError(*flaws)


def _read_equations(tree: Tree) -> Equations:
    """The equations of a block of text (`forward: |`), or of a text on one line, with what is wrong in them."""
    if not isinstance(tree, Scalar):
        raise FlawedValueError(Flaw(describe(tree), "equations, one on a line, after `forward: |`"))
    numbers = itertools.count(tree.line + 1) if tree.style == "|" else itertools.repeat(tree.line)
    found = collect_equations(tree.text, numbers)
    if not found.equations and not found.flaws:
        raise FlawedValueError(Flaw(f"no equation in `{shorten(tree.text)}`", "lines `name = expression`"))
    if tree.style in {"", ">"}:
        hint = "write `forward: |`, which keeps the lines apart"
        return found._replace(flaws=tuple(replace(flaw, hint=flaw.hint or hint) for flaw in found.flaws))
    return found


def table_schema(values: dict[str, Any]) -> dict[str, Any]:
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


_PRESET_SCHEMA = {"enum": list(PRESETS)}
_NOTATION_TABLE = {"type": "object", "properties": {PRESET: _PRESET_SCHEMA}, "additionalProperties": {"type": "string"}}
_SIZE_SCHEMA: dict[str, Any] = {"type": ["integer", "string"], "minimum": 1}
_NOTATION_SCHEMA = {"anyOf": [_PRESET_SCHEMA, _NOTATION_TABLE]}

WHOLE_NUMBER = BeforeValidator(_read_integer)
Text = Annotated[str, BeforeValidator(_read_text)]
Name = Annotated[str, BeforeValidator(_read_name), WithJsonSchema(_NAME_SCHEMA)]
Flag = Annotated[bool, BeforeValidator(_read_flag)]
LearningRate = Annotated[InstanceOf[Literal], BeforeValidator(_read_learning_rate), WithJsonSchema(_NUMBER_SCHEMA)]
Slope = Annotated[InstanceOf[Fraction], BeforeValidator(_read_slope), WithJsonSchema(_NUMBER_SCHEMA)]
WidthField = Annotated[Width, BeforeValidator(_read_width), WithJsonSchema(_SIZE_SCHEMA)]
SizeField = Annotated[int | str | InstanceOf[OneMore], BeforeValidator(_read_size), WithJsonSchema(_SIZE_SCHEMA)]
Activation = Annotated[InstanceOf[Call], BeforeValidator(_read_call), WithJsonSchema(_call_schema(ACTIVATIONS))]
Loss = Annotated[InstanceOf[Call], BeforeValidator(_read_call), WithJsonSchema(_call_schema(LOSSES))]
Quantities = Annotated[
    dict[str, InstanceOf[Literal] | None],
    BeforeValidator(_read_quantities),
    WithJsonSchema(table_schema(_NUMBERS_SCHEMA)),
]
Notation = Annotated[InstanceOf[NotationChoice], BeforeValidator(read_notation), WithJsonSchema(_NOTATION_SCHEMA)]
EquationsField = Annotated[InstanceOf[Equations], BeforeValidator(_read_equations), WithJsonSchema({"type": "string"})]
