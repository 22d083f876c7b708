"""Many TeX runs at once, from one thread: a task starts a process, waits while that runs, and goes on after it."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable
from typing import TypeVar

from derive.render.engine import Process

Result = TypeVar("Result")
Task = Generator[Process, None, Result]
"""It yields a process inside the `with` block that started it, is resumed when that is over, and returns its result."""

_INTERVAL = 0.005  # seconds between two looks at the running processes
_AHEAD = 4  # results that wait for an earlier one, to each process: they are held in memory


def run_all(tasks: Iterable[Task[Result]], jobs: int) -> Generator[Result, None, None]:
    """The results in the order of the tasks, of which at most `jobs` run at a time; afterwards none runs any more."""
    waiting = enumerate(tasks)
    running: dict[int, tuple[Task[Result], Process]] = {}
    results: dict[int, Result] = {}
    delivered, exhausted = 0, False
    try:
        while running or results or not exhausted:
            while not exhausted and len(running) < jobs and len(results) < _AHEAD * jobs:
                number, task = next(waiting, (0, None))
                exhausted = task is None
                if task is not None:
                    _advance(number, task, running, results)
            if delivered in results:
                yield results.pop(delivered)
                delivered += 1
                continue
            over = [number for number, (_, process) in running.items() if process.is_over()]
            for number in over:
                _advance(number, running[number][0], running, results)
            if not over:
                time.sleep(_INTERVAL)
    finally:
        for task, _ in running.values():
            task.close()


def _advance(
    number: int, task: Task[Result], running: dict[int, tuple[Task[Result], Process]], results: dict[int, Result]
) -> None:
    """Let a task go on to its next process or to its end."""
    running.pop(number, None)
    try:
        running[number] = task, next(task)
    except StopIteration as end:
        results[number] = end.value
