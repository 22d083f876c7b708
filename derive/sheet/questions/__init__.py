"""Questions of many kinds as entries of a sheet: one function for each kind of `derive.spec.questions`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from derive.sheet.model import Entry, Section
from derive.sheet.questions.posed import Context, Posed
from derive.spec import Problem
from derive.spec import questions as kinds


def pose(question: kinds.Question, context: Context) -> Posed:
    """The question with its answer, or with room for one."""
    return _composers()[type(question)](question, context)


def questions_section(problem: Problem, context: Context) -> tuple[Section, ...]:
    """The section of all questions; none if there are none."""
    entries = []
    for question in problem.questions:
        posed = pose(question, context)
        entries.append(
            Entry("question", "", "", posed.lines, blocks=posed.blocks, prompt=posed.prompt, points=question.points)
        )
    return (Section("question", tuple(entries)),) if entries else ()


def _composers() -> Mapping[type[kinds.Question], Callable[[Any, Context], Posed]]:
    """The composer of each kind; imported here, since a sheet without questions needs none of them."""
    from derive.sheet.questions.figures import pose_plot, pose_slice, pose_sweep
    from derive.sheet.questions.formulas import pose_choice, pose_express, pose_graph
    from derive.sheet.questions.limits import pose_limit
    from derive.sheet.questions.programs import pose_code
    from derive.sheet.questions.tables import pose_count, pose_shapes, pose_table
    from derive.sheet.questions.writing import pose_explain, pose_order

    return {
        kinds.Shapes: pose_shapes,
        kinds.Count: pose_count,
        kinds.Complete: pose_table,
        kinds.OnTheGraph: pose_graph,
        kinds.Express: pose_express,
        kinds.Choose: pose_choice,
        kinds.Explain: pose_explain,
        kinds.Order: pose_order,
        kinds.Code: pose_code,
        kinds.Slice: pose_slice,
        kinds.Sweep: pose_sweep,
        kinds.Plot: pose_plot,
        kinds.Limit: pose_limit,
    }


__all__ = ["Context", "Posed", "pose", "questions_section"]
