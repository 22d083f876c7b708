"""The way from a file to a Problem: tree, model, given quantities and equations, checks on the names.

No step stops at a fault: each notes what is wrong and hands on what is known (see `derive.spec.recovery`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from derive.errors import Fault, ProblemError
from derive.spec.csv_data import with_csv_data
from derive.spec.dimensions import Dimensions, symbol_of
from derive.spec.equations import parse_equations
from derive.spec.exactness import check_rounding, requirements_of, rounding_of
from derive.spec.faults import Faults, listing
from derive.spec.givens import Givens, entries, general_givens
from derive.spec.labels import NetworkLabels, general_labels
from derive.spec.layers import expand
from derive.spec.mlp import conventions_of, read_network
from derive.spec.mlp_givens import NetworkGivens, sample_count
from derive.spec.model import SECTIONS, ProblemFile
from derive.spec.presets import PRESETS
from derive.spec.problem import MLP, Ask, Draft, Equation, Given, Problem, Train, Update
from derive.spec.recovery import PartialFile, spell, validate
from derive.spec.references import References
from derive.spec.source import compose, load
from derive.spec.structures import structures
from derive.spec.symbols import Preset
from derive.spec.tree import line_of
from derive.spec.variation import Vary
from derive.spec.varied import Variation
from derive.spec.vary_fields import LEARNING_RATE

_FOR_EQUATIONS = ("derivatives", "relu_at_zero", "bias_index")  # the conventions of a preset that equations leave open
_SHORT_FORM_KEYS = ("activations", "loss", "bias")


def read(path: str | Path) -> Problem:
    """The problem in a file; raises ProblemError with everything that is wrong with it, shapes in equations apart."""
    return read_draft(path).finished()


def read_text(text: str, name: str = "problem") -> Problem:
    """The problem in a text, called `name` in messages."""
    return draft_of_text(text, name).finished()


def read_draft(path: str | Path) -> Draft:
    """The problem in a file as far as it is known, with everything that is wrong with it."""
    path = Path(path)
    return _read(load(path), str(path), path.stem, path)


def draft_of_text(text: str, name: str = "problem") -> Draft:
    """The same for a text, called `name` in messages."""
    return _read(text, name, name, None)


@dataclass(frozen=True)
class _Content:
    """What both forms of a problem file come to.

    `others` are further names that it may define; without any equation it may define whatever it likes. `labels` are
    the symbols of its preset.
    """

    givens: Givens
    equations: tuple[Equation, ...]
    dimensions: Dimensions
    mlp: MLP | None = None
    others: frozenset[str] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)


def _read(text: str, place: str, name: str, path: Path | None) -> Draft:
    source = compose(text, place)
    if "problems" in source.tree and not source.tree.keys() & {"forward", "architecture"}:
        found, hint = "an exam, which lists problems", "name the file of one of its problems"
        raise ProblemError(Fault(found, "the file of one problem", hint, where=place))
    source = source._replace(tree=spell(source.tree))
    faults = Faults(place, source.tree)
    for line, fault in source.faults:
        faults.note(line, fault)
    source = with_csv_data(source, path.parent if path else None, faults)
    read = validate(source, faults)
    draft = _draft(read, faults, name, path)
    networks = structures(read, lambda other, told: _draft(other, told, name, path), draft, faults)
    vary = replace(draft.problem.vary, structures=networks)
    return replace(draft, problem=replace(draft.problem, vary=vary), faults=faults.in_order())


def _draft(read: PartialFile, faults: Faults, name: str, path: Path | None) -> Draft:
    """The problem of a file as far as it is known, with one network."""
    is_network = _check_form(read, faults)
    check_rounding(read.file.rounding, faults)
    read = _with_preset(read, is_network)
    content = _short_form(read, faults) if is_network else _general_form(read, faults)
    _references(read, content, faults).check(read)
    choices = Variation(read, content.givens, content.dimensions, content.mlp, faults).choices()
    problem = replace(_problem(read.file, content, name, path), vary=Vary(choices))
    unknown = content.givens.unknown | _unknown_rate(read) | _unknown_variation(read, problem)
    return Draft(problem, unknown, faults.in_order())


def _with_preset(read: PartialFile, is_network: bool) -> PartialFile:
    """The file with the conventions of its preset where it states none; equations have a layout of their own."""
    preset = _preset(read.file)
    if preset is None:
        return read
    stated, file = read.file.conventions.model_fields_set, read.file
    filled = {
        name: value
        for name, value in preset.layout.conventions().items()
        if name not in stated and (is_network or name in _FOR_EQUATIONS)
    }
    conventions = file.conventions.model_copy(update=filled)
    return replace(read, file=file.model_copy(update={"conventions": conventions}))


def _preset(file: ProblemFile) -> Preset | None:
    return PRESETS[file.notation.preset] if file.notation and file.notation.preset else None


def _check_form(read: PartialFile, faults: Faults) -> bool:
    """Either `architecture` with what belongs to it, or `forward`; whether it is the former that counts."""
    file = read.file
    keys = [key for key in _SHORT_FORM_KEYS if getattr(file, key) is not None]
    if file.forward and file.architecture:
        faults.add(("forward",), "both `architecture:` and `forward:`", "one of the two forms")
        return bool(keys)
    if not file.forward and not file.architecture:
        if read.knows("forward") and read.knows("architecture"):
            _refuse_no_network(keys, faults)
        return bool(keys) or (read.knows("forward") and not read.knows("architecture"))
    if file.forward:
        for key in file.vary.networks.lists():
            hint = "write a file for each network"
            faults.add(("vary", key), f"`{key}:` beside equations", "what the short form can vary", hint)
    if file.forward and read.knows("architecture"):
        for key in keys:
            _refuse_short_form([key], "write it into the equations", faults)
    return not file.forward


def _refuse_no_network(keys: list[str], faults: Faults) -> None:
    if keys:
        _refuse_short_form(keys, "add the widths of the layers, for example `architecture: [3, 2, 1]`", faults)
    else:
        expected = "`architecture:`, `activations:` and `loss:`, or equations under `forward: |`"
        faults.add((), "no network: neither `architecture:` nor `forward:`", expected)


def _refuse_short_form(keys: list[str], hint: str, faults: Faults) -> None:
    found = f"{listing(f'{key}:' for key in keys)} without `architecture:`"
    faults.add((keys[0],), found, f"{'this key' if len(keys) == 1 else 'these keys'} only beside `architecture:`", hint)


def _general_form(read: PartialFile, faults: Faults) -> _Content:
    dimensions = Dimensions(_symbols_in_shapes(read.file), faults)
    givens = general_givens(read, dimensions, faults)
    if read.file.forward is None:
        return _Content(givens, (), dimensions)
    equations, flaws, unread = read.file.forward
    for flaw in flaws:
        faults.add_flaw(("forward",), flaw)
    names = {*(given.name for given in givens.givens), *(equation.target for equation in equations)}
    preset, rate = _preset(read.file), _rate(read.file)
    labels = general_labels(preset, givens.givens, {*names, *dimensions.symbols}, rate) if preset else {}
    return _Content(givens, equations, dimensions, others=unread, labels=labels)


def _short_form(read: PartialFile, faults: Faults) -> _Content:
    file, network = read.file, read_network(read, faults)
    mlp, frame = network.mlp, network.frame
    if mlp is None:
        unread = tuple(Given(entry.name, entry.role, (), entry.value, entry.line) for entry in entries(read))
        names = frozenset(given.name for given in unread)
        return _Content(Givens(unread, names), (), Dimensions(_symbols_in_shapes(file), faults))
    count = 1 if mlp.samples == "one" else sample_count(file, mlp, frame)
    sizes = [symbol for size in (count, *mlp.widths) if (symbol := symbol_of(size))]
    unknown = {str(width) for place, width in enumerate(mlp.widths) if not read.knows("architecture", place)}
    dimensions = Dimensions([*sizes, *_symbols_in_shapes(file)], faults, frozenset(unknown))
    givens = NetworkGivens(read, network, mlp, dimensions, faults).make()
    written = {entry.name for entry in entries(read)}
    taken = {*dimensions.symbols, *(given.name for given in givens.givens), *written}
    rate = _rate(file)
    taken |= {rate} if rate else set()
    (lines, defined), *others = (expand(form, frame, count, taken) for form in (mlp, *network.others))
    places = [line_of(read.tree, ("architecture",))] * (len(lines) - 1) + [line_of(read.tree, ("loss",))]
    equations = [equation for at in zip(lines, places, strict=True) for equation in parse_equations(*at)]
    possible = written | {line.partition(" =")[0] for other in others for line in other.lines}
    preset, known = _preset(file), givens.givens
    labels = NetworkLabels(preset, mlp, frame, defined).table(known, rate, dimensions.symbols) if preset else {}
    return _Content(givens, tuple(equations), dimensions, mlp, frozenset(possible), labels)


def _references(read: PartialFile, content: _Content, faults: Faults) -> References:
    """The names of a problem; not all of them are known where a table of names could not be read."""
    return References(
        content.givens.givens,
        content.equations,
        content.dimensions.symbols,
        possible=content.others | read.words,
        all_given=all(read.knows(key) for key in (*SECTIONS, "shapes", "architecture")),
        all_defined=bool(content.equations) and read.knows("forward") and read.knows("architecture"),
        faults=faults,
    )


def _unknown_rate(read: PartialFile) -> set[str]:
    """The learning rate, unless the file says what it is, if only that it has no number."""
    update = read.file.update
    return {update.sgd.symbol} if update and not read.knows("update", "sgd", "learning_rate") else set()


def _unknown_variation(read: PartialFile, problem: Problem) -> set[str]:
    """Quantities without numbers of which it is unknown whether they vary."""
    keys = {given.name: given.name for given in problem.givens if given.value is None}
    if problem.update and problem.update.learning_rate is None:
        keys[problem.update.symbol] = LEARNING_RATE
    return {name for name, key in keys.items() if read.may_vary(key) and key not in read.file.vary.names}


def _rate(file: ProblemFile) -> str | None:
    """The name of the learning rate."""
    return file.update.sgd.symbol if file.update else None


def _symbols_in_shapes(file: ProblemFile) -> list[str]:
    return [symbol for shape in file.shapes.values() for size in shape if (symbol := symbol_of(size))]


def _problem(file: ProblemFile, content: _Content, name: str, source: Path | None) -> Problem:
    return Problem(
        name=name,
        title=file.title,
        text=file.text,
        givens=content.givens.givens,
        equations=content.equations,
        of=file.of,
        ask=tuple(item for item in file.ask if isinstance(item, Ask)),
        questions=tuple(item for item in file.ask if not isinstance(item, Ask)),
        conventions=conventions_of(file),
        update=_update(file),
        notation={**content.labels, **(file.notation.table if file.notation else {})},
        preset=file.notation.preset if file.notation else None,
        rounding=rounding_of(file),
        detail=file.detail,
        points=file.points,
        dimensions=content.dimensions.sizes,
        symbols=content.dimensions.symbols,
        mlp=content.mlp,
        source=source,
        level=file.level,
        topics=tuple(file.topics),
        minutes=file.minutes,
        train=Train(**dict(file.train)),
        require=requirements_of(file),
    )


def _update(file: ProblemFile) -> Update | None:
    if file.update is None:
        return None
    return Update("sgd", file.update.sgd.learning_rate, file.update.sgd.symbol)
