"""What the honest reader needs to read our sheets again: what they promise, and what the names in them stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from sympy import Symbol, latex

from derive.check import Expected, Promised, Reading
from derive.check.blanks import Hidden
from derive.check.figures import Figures, Given
from derive.check.statements import Place, Stated, Wording
from derive.evaluate import bound, exact_array, real
from derive.ops import Array, Constant, Fn, LogSoftmax, Mean, Node, Softmax, walk
from derive.program import Program, Role, Step, first_of, shrunk
from derive.render.notation import Notation
from derive.render.points import MOST_ENTRIES, Point, first_on_paper, on_paper, points, quantities
from derive.render.reading_functions import defining_functions, is_named, reader_functions, reader_matrix_functions
from derive.render.reading_words import chosen_slope, wording
from derive.render.words import escape
from derive.sheet import Blank, Entry, Line, Local, Sheet
from derive.sheet.asked import PART
from derive.sheet.written import LARGEST, shown_indices

ONE_DIGIT = 10  # entries, the last of which has two
WIDEST = 12  # widths of a large problem that are left as they are


def reading(sheet: Sheet, program: Program, exact: Mapping[str, Array] | None) -> Reading:
    """What a sheet promises to print.

    Its formulas are evaluated with the numbers of the problem, where it has any, and with random ones.
    """
    return _Promises(sheet, program, exact).reading()


class _Promises:
    """The promises of one sheet, line by line."""

    def __init__(self, sheet: Sheet, program: Program, exact: Mapping[str, Array] | None) -> None:
        # a formula says the same of a matrix with 784 columns as of one with 3
        self.small = program if exact is None or _count(exact) <= MOST_ENTRIES else shrunk(program, WIDEST)
        self.sheet, self.program, self.exact = sheet, program, exact
        self.notation = Notation(sheet.notation, sheet.rows, sheet.first, sheet.ranks)
        self.first = first_on_paper(program, self.notation)
        self.points = points(self.small, exact if self.small is program else None)
        self.symbols = [point.symbols(quantities(self.small), self.notation) for point in self.points]
        self.listed, self.blank = sheet.kind == "key", sheet.kind == "worksheet"

    def reading(self) -> Reading:
        entries = [entry for section in self.sheet.sections if section.role != "question" for entry in section.entries]
        jacobians = list(self.jacobians())
        formulas = [step.formula for step in self.program.steps] + [local.formula for local in jacobians]
        return Reading(
            lines=[
                self.line(line, section.role)
                for section in self.sheet.sections
                for entry in section.entries
                for line in entry.lines
            ],
            jacobians=[self.jacobian(local) for local in jacobians],
            functions=reader_functions(formulas),
            matrix_functions=reader_matrix_functions(self.small, self.notation, self.points[0].dimensions),
            points=self.symbols,
            defining=defining_functions(),
            wordings=[] if self.listed else [self.wording(entry) for entry in entries],
            conventions=[chosen_slope(slope) for slope in self.sheet.choices.slopes],
            symbols=frozenset(self.notation.symbol(name) for name in self.program.names),
            givens=[
                Given(name, self.notation.symbol(name), None if self.exact is None else self.paper(name))
                for name in self.program.quantities
            ]
            + self.count_of_samples(),
            figures=self.figures(),
            hidden=self.hidden() if self.blank else None,
            listed=self.listed,
            first=self.first,
            denominator=self.sheet.denominator,
            totals=frozenset(self.totals()),
            own=self.symbols[0] if self.points[0].values is self.exact else {},
            places=self.sheet.places or 0,
        )

    def totals(self) -> Iterator[tuple[str, str]]:
        """The pairs of each Jacobian, in parts or not."""
        for step in self.program.by_role(Role.JACOBIAN):
            upper, lower = (PART.sub("", name) for name in step.gradient or ("", ""))
            yield self.notation.symbol(upper), self.notation.symbol(lower)

    def count_of_samples(self) -> list[Given]:
        """N = 4, in the numbers of a batch."""
        samples = self.sheet.samples
        if samples is None:
            return []
        return [Given(samples.symbol, latex(Symbol(samples.symbol)), exact_array(samples.number))]

    def jacobians(self) -> Iterator[Local]:
        """The local Jacobians that are shown: none in a list of results, or where a worksheet asks for gradients."""
        for section in self.sheet.sections:
            if not self.listed and not (self.blank and section.role in ("backward", "jacobian")):
                yield from (local for entry in section.entries for local in entry.jacobians)

    # -------------------------------------------------------------------------------------------- lines

    def line(self, line: Line, role: str) -> Promised:
        name = line.target.name
        nothing = self.exact is None or line.result is None or isinstance(line.result, Blank)
        value = None if nothing else self.paper(name)
        expected = [self.expected(line, place) for place in range(len(self.points))]
        step = self.program[name]
        gradient = step.gradient if step.role is Role.BACKWARD else None
        stated = line.formula is not None and not (self.listed and value is not None)
        return Promised(
            name,
            self.notation.symbol(name),
            value,
            substituted=line.cut is not None and line.formula is not None and not self.listed,
            complete=self.exact is None or max(self.exact[name].shape, default=1) <= LARGEST,
            formula=expected if stated else (),
            shape=None if self.exact is None else self.paper(name).shape,
            chain=(self.notation.symbol(gradient[0]), self.notation.symbol(gradient[1])) if gradient else None,
            chained=stated and role == "backward" and not self.listed and self.is_chained(step),
            direct=() if line.direct is None else [self.shown(line.direct, name, point) for point in self.points],
            blank=isinstance(line.result, Blank),
            value=expected[0] if self.blank and self.exact and self.points[0].values is self.exact else None,
            constants=frozenset(_constants(line.formula, self.program.dimensions)) if line.formula else frozenset(),
            whole=list(self.whole(name)) if step.role is Role.ENTRY else (),
            total=step.role is Role.JACOBIAN and line.formula == step.formula,
        )

    def is_chained(self, step: Step) -> bool:
        """Whether a gradient has factors to name: it does not come from the loss alone."""
        through = step.through if step.role is Role.BACKWARD and step.gradient else ()
        return self.sheet.detail != "brief" and any(name != self.sheet.loss for name in through)

    def shown(self, formula: Node, name: str, point: Point) -> Expected | None:
        """The value of a formula at a point, laid out like a quantity."""
        value = point.value(formula)
        shape = bound(self.small.tensor(name).shape, dict(point.dimensions))
        return None if value is None else Expected(on_paper(value.reshape(shape), self.notation.is_row(name)))

    def whole(self, name: str) -> Iterator[Mapping[str, Array]]:
        """The quantity that a line is an entry of, by its symbol at each point.

        Nothing where print does not say which entry it is: the author has a symbol for it, or it is (1, 1) of a column
        so long that 11 is an index as well.
        """
        step = self.small[name.partition("[")[0]]
        of, shape = step.name, bound(step.target.shape, dict(self.points[0].dimensions))
        if name in self.sheet.notation or (len(shape) == 2 and 1 in shape and max(shape) > ONE_DIGIT):
            return
        for value in (point.value(step.formula) for point in self.points):
            paper = None if value is None else on_paper(value.reshape(shape), self.notation.is_row(of))
            yield {} if paper is None else {self.notation.symbol(of): paper}

    def paper(self, name: str) -> Array:
        """The exact values of a quantity, in two dimensions as they lie on paper."""
        assert self.exact is not None
        values = self.exact[name]
        return values.reshape((1, -1) if self.notation.is_row(name) else (-1, 1)) if values.ndim < 2 else values

    def expected(self, line: Line, place: int) -> Expected | None:
        """The value of the line's quantity; at a random point that of its formula."""
        name, point = line.target.name, self.points[place]
        as_row = self.notation.is_row(name)
        if point.values is self.exact:
            if line.formula is not None and not point.is_legible(line.formula):
                return None
            rounded = self.sheet.carry == "rounded" and self.program[name].role is not Role.JACOBIAN
            slack = Fraction(1, 2 * 10 ** (self.sheet.places or 0)) if rounded else Fraction(0)
            known = self.symbols[place].get(self.notation.symbol(name))
            return Expected(on_paper(self.exact[name], as_row) if known is None else known, slack)
        return None if line.formula is None else self.shown(line.formula, name, point)

    def jacobian(self, local: Local) -> Promised:
        return Promised(
            f"d{local.upper}/d{local.lower}",
            self.notation.jacobian(local.upper, local.lower, local.of_slopes),
            None,
            substituted=False,
            formula=list(self.values(local)),
        )

    def values(self, local: Local) -> Iterator[Expected | None]:
        """A local Jacobian at each point."""
        for point in self.points:
            legible = point.values is not self.exact or point.is_legible(local.formula)
            value = point.value(local.formula) if legible else None
            yield None if value is None else Expected(on_paper(value, as_row=False))

    # -------------------------------------------------------------------------------------------- beside the lines

    def wording(self, entry: Entry) -> Wording:
        return wording(entry, self.sheet, self.notation, [self.general(local) for local in entry.general])

    def general(self, local: Local) -> Stated:
        """The entry in row i and column j of a local Jacobian."""
        symbol = self.notation.jacobian(local.upper, local.lower, local.of_slopes)

        def places() -> list[Place]:
            at_points = zip(self.symbols, self.values(local), strict=True)
            return [Place(symbols, expected, self.first) for symbols, expected in at_points if expected is not None]

        shape = bound(local.formula.shape, dict(self.points[0].dimensions))
        first = first_of(local.formula, self.program.first)
        indices = [range(start, start + length) for start, length in zip(first, shape, strict=True)]
        name = f"d{local.upper}/d{local.lower}"
        return Stated(name, rf"\left({symbol}\right)_{{ij}}", places, dict(zip("ij", indices, strict=True)))

    def figures(self) -> Figures:
        """What table and graph may show; on a worksheet no number."""
        loss = self.program.loss
        names = sorted(self.program.names)
        symbol = {name: self.notation.symbol(name) for name in names}
        gradients = {name: f"d{loss.name}/d{name}" for name in names} if loss else {}
        return Figures(
            values={} if self.blank or self.exact is None else {symbol[name]: self.paper(name) for name in names},
            gradients={symbol[name]: symbol[by] for name, by in gradients.items() if by in symbol},
            updated={symbol[name]: symbol[f"{name}'"] for name in names if f"{name}'" in symbol},
            uses={symbol[step.name]: [symbol[tensor.name] for tensor in step.uses] for step in self.program.forward},
            operations={symbol[step.name]: frozenset(_operations(step)) for step in self.program.forward},
            shapes={symbol[name]: list(self.shapes(name)) for name in self.drawn() if name in symbol},
            blank=self.blank,
            fractions=self.sheet.fractions,
        )

    def drawn(self) -> list[str]:
        """The quantities of the graph, and their gradients."""
        names = [node.tensor.name for node in self.sheet.graph.nodes] if self.sheet.graph else []
        return names + [f"d{self.sheet.loss}/d{name}" for name in names]

    def shapes(self, name: str) -> Iterator[tuple[Mapping[str, Array], tuple[int, ...]]]:
        """The shape of a quantity on paper: that of its numbers; in symbols that of its formula at each point."""
        if self.exact is not None:
            yield {}, self.paper(name).shape
            return
        as_row = self.notation.is_row(name)
        for point, symbols in zip(self.points, self.symbols, strict=True):
            given = name in self.program.quantities
            value = point.values[name] if given else point.value(self.program[name].formula)
            if value is not None:
                yield symbols, on_paper(value, as_row).shape

    def hidden(self) -> Hidden:
        """The answers of a worksheet, and the numbers that may stand on it."""
        if self.exact is None:
            return Hidden({}, frozenset())
        arrays = [self.exact[name] for name in self.program.quantities]
        numbers = [real(array[index]) for array in arrays for index in shown_indices(array.shape)]
        given = {abs(Fraction(int(number.number.p), int(number.number.q))) for number in numbers}
        answers = {name: values for name, values in self.exact.items() if name not in self.program.quantities}
        parts = {part for number in given for part in (number, number.numerator, number.denominator)}
        return Hidden(answers, frozenset(map(Fraction, parts)), (escape(self.sheet.title), escape(self.sheet.text)))


def _count(values: Mapping[str, Array]) -> int:
    return sum(array.size for array in values.values())


def _operations(step: Step) -> Iterator[str]:
    """What may be written at an arrow: the functions of the step by name."""
    for node in walk(step.formula):
        if isinstance(node, Fn) and is_named(node.row):
            yield node.row.tex
        elif isinstance(node, Softmax | LogSoftmax):
            yield r"\mathrm{softmax}" if isinstance(node, Softmax) else r"\mathrm{log\_softmax}"


def _constants(formula: Node, dimensions: Mapping[str, int]) -> Iterator[Fraction]:
    """The numbers in a formula, and what their fractions consist of; counts as numbers, that of a mean among them."""
    for node in walk(formula):
        if isinstance(node, Constant | Mean):
            number = node.number if isinstance(node, Constant) else node.weight()
            number = number.subs({s: dimensions[s.name] for s in number.free_symbols if s.name in dimensions})
            if number.is_Rational:
                yield from (Fraction(int(number.p), int(number.q)), Fraction(int(number.p)), Fraction(int(number.q)))
