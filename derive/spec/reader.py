"""The way from a file to a Problem: tree, model, given quantities and equations, checks on the names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from derive.spec.dimensions import Dimensions
from derive.spec.equations import parse_equations
from derive.spec.faults import Faults
from derive.spec.givens import entries, general_givens
from derive.spec.layers import expand
from derive.spec.mlp import read_network
from derive.spec.mlp_givens import NetworkGivens, sample_count
from derive.spec.model import ProblemFile, validate
from derive.spec.problem import MLP, Conventions, Equation, Given, Problem, Rounding, Update
from derive.spec.references import References
from derive.spec.source import compose, load
from derive.spec.tree import Mapping, line_of

_SHORT_FORM_KEYS = ("activations", "loss", "bias")


def read(path: str | Path) -> Problem:
    """The problem in a file; raises ProblemError with everything that is wrong with it."""
    path = Path(path)
    return _read(load(path), str(path), path.stem, path)


def read_text(text: str, name: str = "problem") -> Problem:
    """The problem in a text, called `name` in messages."""
    return _read(text, name, name, None)


@dataclass(frozen=True)
class _Content:
    """What both forms of a problem file come to."""

    givens: tuple[Given, ...]
    equations: tuple[Equation, ...]
    dimensions: Dimensions
    mlp: MLP | None


def _read(text: str, place: str, name: str, source: Path | None) -> Problem:
    tree = compose(text, place)
    faults = Faults(place, tree)
    file = validate(tree, faults)
    _check_form(file, faults)
    content = _short_form(file, tree, faults) if file.architecture else _general_form(file, tree, faults)
    References(content.givens, content.equations, content.dimensions.symbols, faults).check(file)
    faults.raise_any()
    return _problem(file, content, name, source)


def _check_form(file: ProblemFile, faults: Faults) -> None:
    """Either `architecture` with what belongs to it, or `forward`."""
    if file.architecture and file.forward:
        faults.add(("forward",), "both `architecture:` and `forward:`", "one of the two forms")
    elif not file.architecture and not file.forward:
        expected = "`architecture:`, `activations:` and `loss:`, or equations under `forward: |`"
        faults.add((), "no network: neither `architecture:` nor `forward:`", expected)
    if not file.architecture:
        for key in _SHORT_FORM_KEYS:
            if getattr(file, key) is not None:
                expected = "this key only beside `architecture:`"
                faults.add((key,), f"`{key}:` without `architecture:`", expected, "write it into the equations")
    if bool(file.architecture) == bool(file.forward):
        faults.raise_any()


def _general_form(file: ProblemFile, tree: Mapping, faults: Faults) -> _Content:
    dimensions = Dimensions(_symbols_in_shapes(file), faults)
    return _Content(general_givens(file, tree, dimensions, faults), file.forward or (), dimensions, None)


def _short_form(file: ProblemFile, tree: Mapping, faults: Faults) -> _Content:
    mlp, symbols = read_network(file, faults)
    count = [] if mlp.samples == "one" else [sample_count(file, mlp, symbols)]
    sizes = [size for size in (*count, *mlp.widths) if isinstance(size, str)]
    dimensions = Dimensions([*sizes, *_symbols_in_shapes(file)], faults)
    givens = NetworkGivens(file, tree, mlp, symbols, dimensions, faults).make()
    taken = {*dimensions.symbols, *(given.name for given in givens), *(entry.name for entry in entries(file, tree))}
    if file.update:
        taken.add(file.update.sgd.symbol)
    lines = expand(mlp, symbols, taken)
    places = [line_of(tree, ("architecture",))] * (len(lines) - 1) + [line_of(tree, ("loss",))]
    equations = [equation for at in zip(lines, places, strict=True) for equation in parse_equations(*at)]
    return _Content(givens, tuple(equations), dimensions, mlp)


def _symbols_in_shapes(file: ProblemFile) -> list[str]:
    return [size for shape in file.shapes.values() for size in shape if isinstance(size, str)]


def _problem(file: ProblemFile, content: _Content, name: str, source: Path | None) -> Problem:
    return Problem(
        name=name,
        title=file.title,
        text=file.text,
        givens=content.givens,
        equations=content.equations,
        of=file.of,
        ask=file.ask,
        conventions=Conventions(**{**dict(file.conventions), "frozen": tuple(file.conventions.frozen)}),
        update=_update(file),
        notation=file.notation if isinstance(file.notation, dict) else {},
        preset=file.notation if isinstance(file.notation, str) else None,
        rounding=Rounding(file.rounding.places, file.rounding.carry),
        detail=file.detail,
        points=file.points,
        dimensions=content.dimensions.sizes,
        symbols=content.dimensions.symbols,
        mlp=content.mlp,
        source=source,
    )


def _update(file: ProblemFile) -> Update | None:
    if file.update is None:
        return None
    return Update("sgd", file.update.sgd.learning_rate, file.update.sgd.symbol)
