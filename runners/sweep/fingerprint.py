"""Fingerprint: what makes one sweep another than the next, as texts that another process finds too."""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
from collections.abc import Iterable
from typing import Any

import jax.numpy as jnp
import numpy as np

from simcore.step import pure as step
from simcore.units.clock import milliseconds

from ..measure import Measure
from ..record.snapshot import plain_options
from .batches import Batches

MAX_SAMPLED = 10**6  # steps of an input


def fingerprint(sweep: Any, jobs: Iterable[Batches], duration: Any) -> dict[str, str]:
    """Return what a sweep is: its names, and digests of all arrays.

    Args:
        sweep: a `Sweep`.
        jobs: its programs, with their points.
        duration: of the run.
    """
    nodes, models = sweep.axes.target.nodes().items(), sweep.variants
    values = [list(sweep.design.combination(models.keys, row).items()) for row in models.rows]
    about = {
        "points": str(sweep.design.n_points),
        "duration": f"{milliseconds(duration, 'duration'):.10g} ms",
        "model": " ".join(f"{path}:{type(node).__name__}" for path, node in nodes),
        "axes": text_of([(dim, *_axis(values)) for dim, values in sweep.design.axes.items()]),
        "measures": text_of([(k, *_measure(m)) for k, m in sweep.measures.items()]),
        "attributes": text_of([(path, sorted(plain_options(node).items())) for path, node in nodes]),
        "precision": jnp.zeros(()).dtype.name,
        "seed": str(sweep.seed),
        "models": text_of([sweep.target if models.arguments else None, values]),
    }
    for k, job in enumerate(jobs):
        about[f"values of program {k}"] = digest(job)
        options = [(p, o, getattr(n, o)) for p, n in job.points.model.nodes().items() for o in n.OPTIONS]
        about[f"program {k}"] = text_of((job.points.dt, job.t0, options, job.program.signal_key))
    return about


def _axis(axis: dict[str, Any]) -> list[Any]:
    """Return the names of an axis, with values that are no numbers: those are in the digests of the programs."""
    return [(key, values if isinstance(values, list) else len(values)) for key, values in axis.items()]


def _measure(measure: Measure) -> list[Any]:
    """Return a measure, what it is about, and the code of its class: a user's own may have changed."""
    below = [cls for cls in type(measure).__mro__ if issubclass(cls, Measure) and cls is not Measure]
    code = [f for cls in below for f in vars(cls).values() if inspect.isfunction(f)]
    return [dataclasses.replace(measure, of=None), measure.of, code]


def text_of(value: Any) -> str:
    """Return a text that is the same for the same values in another process; of functions, that of their code."""
    if isinstance(value, tuple | list):
        return f"({', '.join(text_of(v) for v in value)})"
    if inspect.isfunction(value):
        code = value.__code__
        consts = [c for c in code.co_consts if not inspect.iscode(c)]
        return f"{value.__qualname__}:{hashlib.sha256(code.co_code).hexdigest()[:12]}{consts}{code.co_names}"
    text = repr(value)
    return type(value).__name__ if " at 0x" in text else text


def digest(job: Batches) -> str:
    """Return a hash of all values that the results of a program depend on."""
    points, steps, total = job.points, min(job.steps, MAX_SAMPLED), hashlib.sha256()
    arrays = {f"param {k}": v for k, v in (job.shared_params | points.params).items()}
    arrays |= {f"start {k}": v for k, v in points.starts.items()}
    arrays |= {f"level {k}": v for k, v in points.levels.items()}
    for i, signal in enumerate(points.signals):
        samples, _ = step.signal_arrays(signal, 0, steps, max(steps, 1), points.dt)
        arrays |= {f"input {i} {k}": v for k, v in samples.items()}
    arrays |= {"start": points.start, "drive": points.drive, "seeds": points.seeds, "index": points.index}
    for key, value in sorted(arrays.items()):
        total.update(f"{key} {np.shape(value)} {np.asarray(value).dtype}".encode())
        total.update(np.ascontiguousarray(value).tobytes())
    return total.hexdigest()
