"""Where the work of an exam is done: the processes of this machine, or the workers of a cluster, through joblib."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from derive.errors import DeriveError, Fault

if TYPE_CHECKING:
    from joblib import Parallel

BACKENDS = ("local", "processes", "dask", "ray")
"""`local`: everything here, TeX in processes of its own. The others run whole shards elsewhere, LaTeX included."""


@contextmanager
def parallel(backend: str, jobs: int, scheduler: str | None = None) -> Iterator[Parallel]:
    """What runs tasks on a backend; `scheduler` is the address of a running Dask or Ray cluster."""
    import joblib

    if backend == "dask":
        _require("distributed", "cluster")
        from distributed import Client

        here = {"n_workers": jobs, "threads_per_worker": 1, "dashboard_address": None}
        client: Any = Client  # it has no types
        with client(scheduler) if scheduler else client(**here), joblib.parallel_config("dask"):
            yield joblib.Parallel(return_as="generator")
    elif backend == "ray":
        _require("ray", "cluster")
        import ray
        from ray.util.joblib import register_ray

        ray.init(address=scheduler, num_cpus=None if scheduler else jobs, log_to_driver=False, logging_level="error")
        try:
            register_ray()
            with joblib.parallel_config("ray", n_jobs=jobs):
                yield joblib.Parallel()
        finally:
            ray.shutdown()
    else:
        yield joblib.Parallel(n_jobs=jobs, return_as="generator")


def _require(module: str, extra: str) -> None:
    import importlib.util

    if importlib.util.find_spec(module) is None:
        hint = "pip install ray" if module == "ray" else f"pip install 'derive[{extra}]'"
        raise DeriveError(Fault(f"{module} is not installed", "what runs the workers", hint, where="--backend"))
