"""Runs the cells of a notebook that we wrote, in a process of its own: for each student, with the student's answers.

From standard input comes JSON, `{"cells": [...], "students": [{quantity: text of the cell}]}`; what each check cell did
goes to standard output: its points (None: all), what it printed, and why it failed.
"""

import ast
import contextlib
import io
import json
import sys


def run(cells, answers):
    namespace, found = {"__name__": "__main__"}, {}
    for cell in cells:
        about = cell["metadata"]
        text = answers.get(about.get("derive", {}).get("quantity"), cell["source"])
        said = io.StringIO()
        value, failed = None, ""
        try:
            with contextlib.redirect_stdout(said):
                value = last_value(ast.parse(text), namespace)
        except Exception as error:
            failed = f"{type(error).__name__}: {error}"
        if about.get("nbgrader", {}).get("grade"):
            found[about["nbgrader"]["grade_id"]] = {"value": value, "said": said.getvalue(), "failed": failed}
    return found


def last_value(tree, namespace):
    """Run the statements; the value of the last one if that is an expression, as a notebook shows it."""
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), namespace)  # noqa: S102
    return eval(compile(ast.Expression(last.value), "cell", "eval"), namespace) if last else None  # noqa: S307


def main():
    given = json.load(sys.stdin)
    json.dump([run(given["cells"], answers) for answers in given["students"]], sys.stdout)


if __name__ == "__main__":
    main()
