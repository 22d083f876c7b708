"""What pydantic finds wrong with the structure of a table, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from derive.spec.faults import Flaw, FlawedValueError, listing, suggestion
from derive.spec.layers import ACTIVATIONS
from derive.spec.numbers import is_number
from derive.spec.tree import Scalar, TreePath, describe

Tables = Mapping[TreePath, type[BaseModel]]  # the model of each table of keys


def structure_flaws(details: list[ErrorDetails], tables: Tables) -> Iterator[Flaw]:
    """Pydantic's errors in plain words: what was found, what was expected, and what the rest can do without."""
    paths = [tuple(part for part in detail["loc"] if part != "[key]") for detail in details]
    lacking = {path[:-1] for path, detail in zip(paths, details, strict=True) if detail["type"] == "missing"}
    for path, detail in zip(paths, details, strict=True):
        error = detail.get("ctx", {}).get("error")
        if isinstance(error, FlawedValueError):
            for flaw in error.flaws:
                yield replace(flaw, path=path + flaw.path, cut=path + (flaw.cut or flaw.path))
        elif detail["type"] == "missing":
            others = [str(place[-1]) for place in paths if place[:-1] == path[:-1] and place != path]
            found = f"no key `{path[-1]}`" + (f", but {listing(others)}" if others else "")
            hint = _example(path, Scalar(others[0], "", 0) if others else None)
            yield Flaw(found, f"`{path[-1]}:` here", hint, path[:-1], cut=path[:-1])
        elif detail["type"] != "extra_forbidden":
            yield Flaw(describe(detail["input"]), _expected(detail), _example(path, detail["input"]), path, cut=path)
        elif path[:-1] not in lacking:
            yield unknown_key(path, str(path[-1]), tables[path[:-1]].model_fields)


def unknown_key(path: TreePath, key: str, keys: Iterable[str]) -> Flaw:
    """A key that no model has, with the one that may be meant."""
    return Flaw(f"the unknown key `{key}`", f"one of {listing(keys)}", suggestion(key, keys), path, cut=path)


def _expected(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    if detail["type"] == "literal_error":
        return str(context["expected"]).replace("'", "`")
    return _EXPECTED.get(detail["type"], detail["msg"]).format(**context)


_EXPECTED: Final = {
    "model_type": "a mapping of keys",
    "dict_type": "a mapping of keys",
    "list_type": "a list",
    "too_short": "at least {min_length} entries",
    "too_long": "at most {max_length} entries",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
}


def _example(path: TreePath, found: object) -> str:
    """How a field is written, with the word or number that was found if it may stand in it."""
    word = found.text if isinstance(found, Scalar) and found.plain else ""
    match path:
        case ("activations",):
            return f"for example `activations: [{word if word in ACTIVATIONS else 'sigmoid'}, identity]`"
        case ("architecture",):
            return "for example `architecture: [3, 2, 1]`"
        case ("update", "sgd"):
            rate = word if is_number(word) else "0.1"
            return f"for example `update: {{sgd: {{learning_rate: {rate}}}}}`"
        case ("grid",):
            return "for example `grid: [-0.9, 0.9, 0.1]`: the lowest, the highest, the step"
        case ("integers",):
            return "for example `integers: [-3, 3]`: the lowest, the highest"
        case ("shapes", str(name)):
            return f"for example `shapes: {{{name}: [N, 2]}}`"
    return ""
