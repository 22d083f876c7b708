"""`ask:` what a worksheet asks for: quantities with points, and questions of other kinds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, GetJsonSchemaHandler, ValidationError

from derive.spec.faults import Flaw, FlawedValueError
from derive.spec.fields import named_entries, raise_any
from derive.spec.problem import Ask
from derive.spec.structure import Tables, structure_flaws
from derive.spec.tree import Mapping, Scalar, Tree, describe

if TYPE_CHECKING:  # the kinds are many models, and most files ask for quantities only
    from derive.spec.questions import Question

_EXPECTED = "a mapping quantity: points, or a list of quantities and questions"


def _read_asked(tree: Tree) -> tuple[Ask | Question, ...]:
    """One quantity, a mapping quantity -> points (or nothing), or a list of quantities and questions."""
    if isinstance(tree, Scalar):
        return (_read_quantity(tree, None),)
    if isinstance(tree, Mapping) and any(key in _kinds() for key, value in tree.items() if not _are_points(value)):
        raise FlawedValueError(Flaw("a question by itself", "a list of questions: each begins with `- `"))
    named, flaws = named_entries(tree, _EXPECTED)
    asked: list[Ask | Question] = []
    for place, name, points in named:
        try:
            asked += _read_item(name) if isinstance(name, Mapping) else [_read_quantity(name, points)]
        except FlawedValueError as error:
            flaws += [replace(flaw, path=(place, *flaw.path), cut=(place,)) for flaw in error.flaws]
    raise_any(flaws)
    return tuple(asked)


def _read_item(item: Mapping) -> Iterator[Ask | Question]:
    """A question (`shapes: [a, z]`, with its options), or quantities with their points (`y: 2`)."""
    known = _kinds()
    kinds = [key for key in item if key in known]
    if not kinds:
        yield from (_read_quantity(Scalar(key, "", item.key_lines[key]), value) for key, value in item.items())
        return
    kind = known[kinds[0]]
    try:
        question = kind.model_validate({key: value for key, value in item.items() if value is not None})
        raise_any(list(question.mistakes))
        yield question.on_line(item.key_lines[kinds[0]])
    except ValidationError as error:
        tables: Tables = {(): kind}
        raise FlawedValueError(*structure_flaws(error.errors(include_url=False), tables)) from None


def _read_quantity(name: Tree, value: Tree) -> Ask:
    if not isinstance(name, Scalar):
        expected = f"a quantity such as `y` or `dL/dW_1`, or a question with one of the keys {', '.join(_kinds())}"
        raise FlawedValueError(Flaw(describe(name), expected))
    if not _are_points(value):
        raise FlawedValueError(Flaw(describe(value), "points: a whole number"))
    return Ask(_without_spaces(name.text), int(value.text) if isinstance(value, Scalar) else None, name.line)


def _are_points(tree: Tree) -> bool:
    """Whether a value may be the points of a quantity: a whole number, or nothing."""
    return tree is None or (
        isinstance(tree, Scalar) and tree.plain and re.fullmatch("[0-9]{1,4}", tree.text) is not None
    )


def _without_spaces(name: str) -> str:
    """`dL/dW_1[1, 2]` as `dL/dW_1[1,2]`, which is how the entry is called."""
    return "".join(name.split())


def _kinds() -> dict[str, type[Question]]:
    """The kinds of question by the key that names them."""
    from derive.spec.questions import KINDS

    return KINDS


class _Schema:
    """The JSON Schema of `ask:`, made only when it is printed."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        points = {"type": "object", "additionalProperties": {"type": ["integer", "null"]}}
        questions = [kind.model_json_schema(by_alias=True) for kind in _kinds().values()]
        items = {"anyOf": [{"type": "string"}, *questions, points]}
        return {"anyOf": [{"type": "string"}, points, {"type": "array", "items": items}]}


Asked = Annotated[tuple[Any, ...], BeforeValidator(_read_asked), _Schema()]
