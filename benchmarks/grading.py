"""How well and how fast simulated classes are marked: `python benchmarks/grading.py [--json] [PROBLEM...]`.

Each problem has 50 variants with 1,000 students each. Nothing is asserted: the table says what share of the students
who round as told loses a point, who loses one elsewhere after one slip, how often that slip is named and rightly so,
who loses points at one step at most after a slip in any step, asked or not, how often a wrong digit is taken for a
slip, and who gains by zeros. Seconds are processor time.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from speed import ROOT

SEED = 20_241_121
LATE = 10  # one in so many students for the search from final numbers


@dataclass(frozen=True)
class Line:
    """The figures of one problem; shares are between 0 and 1."""

    problem: str
    students: int
    correct_lost: float
    slip_lost_elsewhere: float
    slip_named: float
    slip_precision: float
    any_at_one: float
    any_little_at_one: float
    any_little_named: float
    any_little_precision: float
    late_named: float
    late_precision: float
    digit_named: float
    shortcuts: int
    gains: int
    seconds_correct: float
    seconds_slip: float
    seconds_any: float


def measure(name: str, students: int, variants: int) -> Line:
    """One problem."""
    from tests.grading.measured import SHORTCUTS, correct, late_answers, one_slip, shortcuts, slip_anywhere, wrong_digit
    from tests.grading.simulated import asking_little, room_of, simulated_problem

    problem = simulated_problem(name)
    room = room_of(problem, students * variants, variants, SEED)
    few = room_of(problem, students * variants // LATE, variants, SEED)
    lost, seconds_correct = correct(room)
    slip, seconds_slip = one_slip(room)
    anywhere, seconds_any = slip_anywhere(room)
    little, seconds_little = slip_anywhere(room_of(asking_little(problem), students * variants, variants, SEED))
    late, digit = late_answers(few), wrong_digit(few)
    tried = [shortcuts(few, kind) for kind in SHORTCUTS]
    return Line(
        name,
        room.count,
        lost / room.count,
        slip.elsewhere / slip.students,
        slip.named.share,
        slip.named.precision,
        anywhere.at_one / anywhere.showing,
        little.at_one / little.showing,
        little.named.share,
        little.named.precision,
        late.share,
        late.precision,
        digit.share,
        sum(number for number, _ in tried),
        sum(gained for _, gained in tried),
        seconds_correct,
        seconds_slip,
        max(seconds_any, seconds_little),
    )


def show(lines: Iterable[Line]) -> None:
    """A table in Markdown, as in README.md, line by line."""
    print(
        "| Problem | Right: lost | Slip: lost elsewhere | named | rightly | Any: at one | few asked: at one | named ",
        end="",
    )
    print("| rightly | Late: named | rightly | Digit: named | Shortcuts | Gains | s per 10,000 right | slip | any |")
    print("| --- |" + " --- |" * 16)
    for line in lines:
        shares = (
            line.correct_lost, line.slip_lost_elsewhere, line.slip_named, line.slip_precision,
            line.any_at_one, line.any_little_at_one, line.any_little_named, line.any_little_precision,
            line.late_named, line.late_precision, line.digit_named,
        )  # fmt: skip
        cells = [line.problem, *(f"{share:.2%}" for share in shares), f"{line.shortcuts:,}", str(line.gains)]
        seconds = [line.seconds_correct, line.seconds_slip, line.seconds_any]
        print("| " + " | ".join([*cells, *(f"{one:.1f}" for one in seconds)]) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Print how well and how fast simulated classes are marked.")
    parser.add_argument("problems", nargs="*", help="names of problems (default: all)")
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    parser.add_argument("--students", type=int, default=1000, help="for each variant (default: 1000)")
    parser.add_argument("--variants", type=int, default=50, help="of each problem (default: 50)")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from tests.grading.simulated import NAMES

    lines = (measure(name, options.students, options.variants) for name in options.problems or NAMES)
    if options.json:
        print(json.dumps([asdict(line) for line in lines], indent=1))
    else:
        show(lines)


if __name__ == "__main__":
    main()
