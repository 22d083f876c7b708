"""Questions of many kinds as entries of a sheet: one function for each kind of `derive.spec.questions`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from derive.errors import DeriveError, Fault, ProblemError
from derive.sheet.model import Entry, Section
from derive.sheet.questions.posed import Context, Posed
from derive.sheet.questions.tables import asked_shapes
from derive.spec import Problem
from derive.spec import questions as kinds


def pose(question: kinds.Question, context: Context) -> Posed:
    """The question with its answer, or with room for one."""
    return _composers()[type(question)](question, context)


def questions_section(problem: Problem, context: Context) -> tuple[Section, ...]:
    """The section of all questions, none if there are none; raises what is wrong with any of them at once."""
    entries: list[Entry] = []
    faults: list[Fault] = []
    for question in problem.questions:
        try:
            posed = pose(question, context)
        except DeriveError as error:
            faults += [_located(fault, question, problem) for fault in error.faults]
            continue
        entries.append(
            Entry("question", "", "", posed.lines, blocks=posed.blocks, prompt=posed.prompt, points=question.points)
        )
    if faults:
        raise ProblemError(*faults)
    return (Section("question", tuple(entries)),) if entries else ()


def _located(fault: Fault, question: kinds.Question, problem: Problem) -> Fault:
    """A fault with the line of its question."""
    source = str(problem.source or problem.name)
    where = f"{source}:{question.line}" if question.line else source
    return replace(fault, where=fault.where or where, path=fault.path or f"ask.{question.key}")


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


__all__ = ["Context", "Posed", "asked_shapes", "pose", "questions_section"]
