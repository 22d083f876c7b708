"""Commands of nbgrader, each in a process of its own that is forked from one in which nbgrader has been imported.

The import takes longer than most commands.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping
from pathlib import Path

TIME_LIMIT = 600


def nbgrader(folder: Path, *words: str) -> None:
    """`nbgrader` with these words, run in `folder`; it finds the programs that it needs beside this Python."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    home = {"HOME": str(folder), "JUPYTER_CONFIG_DIR": str(folder / "config"), "IPYTHONDIR": str(folder / "ipython")}
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["nbgrader.apps"])
    process = context.Process(target=_command, args=(folder, words, {**home, "PATH": path}))
    process.start()
    process.join(TIME_LIMIT)
    if process.is_alive():
        process.kill()
        process.join()
    told = folder / "told"
    assert process.exitcode == 0, told.read_text()[-3000:] if told.is_file() else process.exitcode


def _command(folder: Path, words: tuple[str, ...], environment: Mapping[str, str]) -> None:
    with (folder / "told").open("w") as told:
        for stream in (1, 2):
            os.dup2(told.fileno(), stream)
    os.chdir(folder)
    os.environ.update(environment)
    sys.argv = ["nbgrader", *words]
    from nbgrader.apps.nbgraderapp import main

    main()
