"""Many TeX runs at once, from one thread: a task starts a process, waits while that runs, and goes on after it."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable
from typing import Generic, TypeVar

from derive.render.engine import Process

Result = TypeVar("Result")
Task = Generator[Process | None, None, Result]
"""It yields None where it is ready to start a process, again if it has to wait for another task, and is resumed when it
may begin; then the process, inside the `with` block that started it, and is resumed when that is over. It returns its
result."""

_INTERVAL = 0.005  # seconds between two looks at the running processes
_AHEAD = 4  # results that wait for an earlier one, to each process: they are held in memory


def run_all(tasks: Iterable[Task[Result]], jobs: int) -> Generator[Result, None, None]:
    """The results in the order of the tasks, of which at most `jobs` run at a time; afterwards none runs any more.

    While they run, the next ones are made ready.
    """
    pool: _Pool[Result] = _Pool(jobs)
    with pool:
        waiting = enumerate(tasks)
        delivered, exhausted = 0, False
        while not exhausted or pool.is_busy or pool.results:
            pool.start()
            if pool.go_on():
                continue
            if not exhausted and len(pool.ready) < jobs and len(pool.results) < _AHEAD * jobs:
                number, task = next(waiting, (0, None))
                exhausted = task is None
                if task is not None:
                    pool.advance(number, task)
            elif delivered in pool.results:
                yield pool.results.pop(delivered)
                delivered += 1
            else:
                time.sleep(_INTERVAL)


class _Pool(Generic[Result]):
    """Tasks that are ready to start a process, tasks whose process runs, and results, all by their number.

    `begun` are all tasks that are not done, also one in which an interrupt falls.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.begun: dict[int, Task[Result]] = {}
        self.ready: dict[int, Task[Result]] = {}
        self.running: dict[int, tuple[Task[Result], Process]] = {}
        self.results: dict[int, Result] = {}

    def __enter__(self) -> None:
        """Nothing to begin with."""

    def __exit__(self, *_: object) -> None:
        for task in self.begun.values():
            task.close()

    @property
    def is_busy(self) -> bool:
        return bool(self.ready or self.running)

    def start(self) -> None:
        """Start processes as long as there are ready tasks and fewer than `jobs` run."""
        free = self.jobs - sum(not process.is_over() for _, process in self.running.values())
        for number in sorted(self.ready):
            if free > 0:
                self.advance(number, self.ready.pop(number))
                free -= number in self.running

    def go_on(self) -> bool:
        """Let one task whose process is over go on; whether there was one."""
        number = next((number for number, (_, process) in self.running.items() if process.is_over()), None)
        if number is None:
            return False
        self.advance(number, self.running.pop(number)[0])
        return True

    def advance(self, number: int, task: Task[Result]) -> None:
        """Let a task go on until it is ready for a process, has started it, or is done."""
        self.begun[number] = task
        try:
            process = next(task)
        except StopIteration as end:
            self.results[number] = end.value
            del self.begun[number]
            return
        if process is None:
            self.ready[number] = task
        else:
            self.running[number] = task, process
