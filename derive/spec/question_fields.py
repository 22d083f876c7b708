"""How the fields of a question are read from the tree: names, numbers, ends of a limit, words of a choice."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf, WithJsonSchema

from derive.spec.faults import Flaw, FlawedValueError
from derive.spec.fields import WHOLE_NUMBER, Text
from derive.spec.numbers import read_number
from derive.spec.tree import Scalar, Sequence, Tree, describe

LONGEST = 30  # entries of a list: more do not fit on a page


def _words(tree: Tree) -> tuple[str, ...]:
    """One word, or a list of words."""
    items = tree if isinstance(tree, Sequence) else [tree]
    for place, item in enumerate(items):
        if not isinstance(item, Scalar) or not item.text.strip():
            path = (place,) if isinstance(tree, Sequence) else ()
            raise FlawedValueError(Flaw(describe(item), "a name such as `y` or `dL/dW_1`", path=path))
    return tuple(item.text.strip() for item in items if isinstance(item, Scalar))


def _one_word(tree: Tree) -> str:
    [word] = _words(tree) if isinstance(tree, Scalar) else ("",)
    if not word:
        raise FlawedValueError(Flaw(describe(tree), "a name such as `L` or `dL/dW_1`"))
    return word


def _number(tree: Tree) -> Fraction:
    value: Fraction = read_number(tree).exact.item()
    return value


def _end(tree: Tree) -> Fraction | str:
    """Where a limit goes: a number, `oo` or `-oo`."""
    return tree.text if isinstance(tree, Scalar) and tree.text in ("oo", "-oo") else _number(tree)


def _ends(tree: Tree) -> tuple[Fraction | str, ...]:
    return tuple(_end(item) for item in tree) if isinstance(tree, Sequence) else (_end(tree),)


def _several(items: tuple[Any, ...]) -> tuple[Any, ...]:
    """A list with something in it, each thing once."""
    if not 1 <= len(items) <= LONGEST:
        raise FlawedValueError(Flaw(f"a list of {len(items)}", f"a list of 1 to {LONGEST}"))
    if twice := next((item for place, item in enumerate(items) if item in items[:place]), None):
        raise FlawedValueError(Flaw(f"`{twice}` more than once", "each once"))
    return items


def _said(text: str) -> str:
    if not text:
        raise FlawedValueError(Flaw("an empty text", "a text"))
    return text


_NUMBER_SCHEMA: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "string"}]}
Names = Annotated[
    tuple[str, ...],
    BeforeValidator(_words),
    AfterValidator(_several),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Name = Annotated[str, BeforeValidator(_one_word), WithJsonSchema({"type": "string"})]
Number = Annotated[InstanceOf[Fraction], BeforeValidator(_number), WithJsonSchema(_NUMBER_SCHEMA)]
Ends = Annotated[
    tuple[Fraction | str, ...],
    BeforeValidator(_ends),
    AfterValidator(_several),
    WithJsonSchema({"anyOf": [*_NUMBER_SCHEMA["anyOf"], {"type": "array", "items": _NUMBER_SCHEMA}]}),
]
Points = Annotated[int, Field(ge=0, le=9999), WHOLE_NUMBER]
ONE_OF = BeforeValidator(lambda tree: tree.text if isinstance(tree, Scalar) else tree)
Said = Annotated[Text, AfterValidator(_said)]
