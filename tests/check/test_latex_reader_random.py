r"""The reader of printed lines: random trees printed and read back, and garbage."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from derive.check.reread import NotNumeric, ReadingError, Unreadable, places_printed, read, recompute, split_equalities

# ------------------------------------------------------------------------------------------------ random trees

LOOSE, CHAINED, SIDE_BY_SIDE, TIGHT, CLOSED = range(5)
FENCES = [("(", ")"), (r"\left(", r"\right)"), ("[", "]"), (r"\bigl\{", r"\bigr\}")]
SPACES = ["", " ", r"\,", r"\!", "%\n", r"\quad ", "~", "{}"]


class Printer:
    """A tiny printer: (LaTeX, how tightly it holds together, value), with parentheses only where print needs them."""

    def __init__(self, data: st.DataObject) -> None:
        self.draw = data.draw

    def one_of(self, options: list) -> object:
        return self.draw(st.sampled_from(options))

    def space(self) -> str:
        return str(self.one_of(SPACES))

    def fenced(self, tex: str) -> str:
        opening, closing = self.one_of(FENCES)
        return opening + self.space() + tex + self.space() + closing

    def at_least(self, level: int, piece: tuple[str, int, np.ndarray]) -> str:
        tex, own, _ = piece
        return tex if own >= level else self.fenced(tex)

    def number(self) -> tuple[str, int, np.ndarray]:
        cents = self.draw(st.integers(0, 400))
        tex = self.one_of([f"{cents / 100:.2f}", f"{cents / 100:.3f}"])
        return tex, CLOSED, np.array([[Fraction(cents, 100)]], dtype=object)

    def matrix(self, shape: tuple[int, int], depth: int) -> tuple[str, int, np.ndarray]:
        rows = [[self.tree((1, 1), min(depth, 1)) for _ in range(shape[1])] for _ in range(shape[0])]
        kind, option = self.one_of([("bmatrix*", "[r]"), ("bmatrix", ""), ("pmatrix", ""), ("matrix", "")])
        body = r"\\".join("&".join(self.space() + tex for tex, _, _ in line) for line in rows)
        value = np.array([[entry[0, 0] for _, _, entry in line] for line in rows], dtype=object)
        return rf"\begin{{{kind}}}{option}{body}\end{{{kind}}}", CLOSED, value

    def tree(self, shape: tuple[int, int], depth: int) -> tuple[str, int, np.ndarray]:
        if depth == 0:
            return self.number() if shape == (1, 1) else self.matrix(shape, 0)
        kinds = ["leaf", "sum", "negative", "product", "side", "entrywise", "fraction", "square", "transpose", "abs"]
        return getattr(self, str(self.one_of(kinds)))(shape, depth - 1)

    def leaf(self, shape, depth):
        return self.tree(shape, 0)

    def sum(self, shape, depth):
        left, right = self.tree(shape, depth), self.tree(self.one_of([shape, (1, 1)]), depth)
        sign = self.one_of("+-")
        value = left[2] + right[2] if sign == "+" else left[2] - right[2]
        return left[0] + self.space() + sign + self.space() + self.at_least(CHAINED, right), LOOSE, value

    def negative(self, shape, depth):
        inner = self.tree(shape, depth)
        return "-" + self.space() + self.at_least(CHAINED, inner), LOOSE, -inner[2]

    def factors(self, shape, depth):
        inner = self.one_of([1, 2, 3])
        shapes = self.one_of([((shape[0], inner), (inner, shape[1])), ((1, 1), shape), (shape, (1, 1))])
        left, right = self.tree(shapes[0], depth), self.tree(shapes[1], depth)
        scales = (1, 1) in shapes
        return left, right, left[2] * right[2] if scales else left[2] @ right[2]

    def product(self, shape, depth):
        left, right, value = self.factors(shape, depth)
        # SIDE_BY_SIDE on the left: a chain with an elementwise product in it must not meet a matrix product
        sign = self.one_of([r"\cdot ", r"\times "])
        return self.at_least(SIDE_BY_SIDE, left) + sign + self.at_least(SIDE_BY_SIDE, right), CHAINED, value

    def side(self, shape, depth):
        left, right, value = self.factors(shape, depth)
        second = self.at_least(TIGHT, right)
        if second[0].isdigit() or second.startswith(r"\frac"):
            second = self.fenced(second)
        return self.at_least(TIGHT, left) + self.space() + second, SIDE_BY_SIDE, value

    def entrywise(self, shape, depth):
        left, right = self.tree(shape, depth), self.tree(self.one_of([shape, (1, shape[1]), (shape[0], 1)]), depth)
        return (
            self.at_least(CHAINED, left) + r"\odot " + self.at_least(SIDE_BY_SIDE, right),
            CHAINED,
            left[2] * right[2],
        )

    def fraction(self, shape, depth):
        above, below = self.tree(shape, depth), self.draw(st.integers(1, 9))
        return rf"\frac{{{above[0]}}}{{{below}}}", TIGHT, above[2] / Fraction(below)

    def square(self, shape, depth):
        inner = self.tree(shape, depth)
        return self.at_least(CLOSED, inner) + str(self.one_of(["^2", "^{2}"])), TIGHT, inner[2] ** 2

    def transpose(self, shape, depth):
        inner = self.tree(shape[::-1], depth)
        sign = self.one_of([r"^{\top}", r"^\top", r"\T", "^T", r"^{\mathsf{T}}"])
        return self.at_least(CLOSED, inner) + str(sign) + " ", TIGHT, inner[2].T

    def abs(self, shape, depth):
        inner = self.tree(shape, depth)
        opening, closing = self.one_of([(r"\left|", r"\right|"), (r"\lvert ", r"\rvert ")])
        return opening + inner[0] + closing, CLOSED, abs(inner[2])


@given(st.data(), st.tuples(st.integers(1, 3), st.integers(1, 3)))
def test_what_is_printed_is_read_back(data: st.DataObject, shape: tuple[int, int]) -> None:
    tex, _, value = Printer(data).tree(shape, data.draw(st.integers(0, 4)))
    assert read(tex).tolist() == value.tolist()


# ------------------------------------------------------------------------------------------------ garbage

FRAGMENTS = [
    *"0123456789.+-/^_&%(){}[]|=,'~eTxN <>!", "\n", "\\", r"\\", r"\,", r"\cdot ", r"\times ", r"\odot ", r"\oslash ",
    r"\frac", r"\tfrac", r"\sqrt", r"\left(", r"\right)", r"\left|", r"\right|", r"\left.", r"\bigl[", r"\bigr]", r"\{",
    r"\}", r"\lvert ", r"\rvert ", r"\begin{bmatrix*}[r]", r"\end{bmatrix*}", r"\begin{matrix}", r"\end{matrix}", r"\T",
    r"\top", "^{2}", "^{-1}", "^{1/2}", "e^", r"\tanh", r"\sigma", r"\log", r"\exp(", r"\max(", r"\min(", "10^{99}",
    r"\operatorname{diag}", r"\mathbf{1}[", r"\ge ", r"\result{", r"\dims{2\times1}", r"\text{ab}", r"\mathrm{e}",
    "0.5",
    r"\begin{", r"\end", r"\text{", r"\sum", r"\eta", "é", "½", "٣", "∑",
]  # fmt: skip


@given(st.one_of(st.text(), st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join)))
def test_garbage_is_refused_politely(tex: str) -> None:
    for reader in (
        read,
        places_printed,
        split_equalities,
        lambda text: recompute(text, "1"),
        lambda text: recompute("1", text),
    ):
        try:
            reader(tex)
        except ReadingError as error:
            assert isinstance(error, Unreadable | NotNumeric)
            assert 0 <= error.position <= len(tex)
