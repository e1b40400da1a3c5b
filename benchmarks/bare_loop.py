"""How far simcore's loop is from what XLA can do: hand-written loops of the same equations beside simcore's own.

    python benchmarks/bare_loop.py

Every loop has its factors hoisted by hand, starts from the same V and must count the same spikes (within one for each
neuron: rounding differs). Measured in turns in one process; the ratios are those of pairs. What differs:

- `a V + b`        the fewest operations. XLA computes V twice, for itself and for the count, and copies the old one.
- `V + (m V + b)`  reads the reset V twice, so that XLA computes it once and the count reads the stored V.
- `uint16 counts`  half the memory traffic of the count; a chunk is shorter than 65 536 steps.
- `512 bit`        vectors of 16 floats (`xla_cpu_prefer_vector_width`); the default is 8.
- `one function`   the whole loop as one compiled function: XLA does that by itself for loops over less than 1 kB; the
                   attribute `xla_cpu_small_call` asks for it. It is XLA's own and undocumented. An argument that is
                   unused after XLA's simplification ends the process: here, all are used.
- `packed`         V and count as one complex array, four steps for each pass over memory.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.experimental import scheduling_groups
from measure import RESULTS, STEPS, TASK, Simcore, initial_V, interleave, machine, ratio, table

Array = Any
Loop = Callable[[Array, dict[str, Array], Array], tuple[Array, Array]]
WIDE = {"xla_cpu_prefer_vector_width": 512}


def factors() -> dict[str, np.float32]:
    """Return the constants of V <- a V + b (V + (m V + b)), the threshold and the reset."""
    z = -TASK["dt"] / TASK["tau"]
    b = -np.expm1(z) * (TASK["V_rest"] + TASK["R"] * TASK["I"])
    values = {"a": np.exp(z), "m": np.expm1(z), "b": b, "V_th": TASK["V_th"], "V_reset": TASK["V_reset"]}
    return {k: np.float32(v) for k, v in values.items()}


def above(V: Array, p: dict[str, Array]) -> Array:
    """Return where V has reached the threshold."""
    return jnp.greater_equal(V, p["V_th"])


def reset(V: Array, p: dict[str, Array]) -> Array:
    """Return V after the reset."""
    return jnp.where(above(V, p), p["V_reset"], V)


def fewest(V: Array, p: dict[str, Array]) -> Array:
    """Return V one step later by the fewest operations."""
    return p["a"] * reset(V, p) + p["b"]


def increment(V: Array, p: dict[str, Array]) -> Array:
    """Return V one step later as simcore computes it."""
    V = reset(V, p)
    return V + (p["m"] * V + p["b"])


def counting(step: Callable[[Array, dict[str, Array]], Array], dtype: Any) -> Loop:
    """Return a loop of `step` that counts the spikes in `dtype`."""

    def loop(V: Array, p: dict[str, Array], n: Array) -> tuple[Array, Array]:
        def body(_: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
            V, count = carry
            V = step(V, p)
            return V, count + above(V, p).astype(dtype)

        return lax.fori_loop(0, n, body, (V, jnp.zeros(V.shape, dtype)))

    return loop


def packed(V: Array, p: dict[str, Array], n: Array, unroll: int = 4) -> tuple[Array, Array]:
    """Count with V and count as the parts of one complex array: one pass over memory for `unroll` steps."""

    def steps(many: int) -> Callable[[Array, Array], Array]:
        def body(_: Array, state: Array) -> Array:
            V, count = jnp.real(state), lax.bitcast_convert_type(jnp.imag(state), jnp.int32)
            for _ in range(many):
                V = fewest(V, p)
                count = count + above(V, p)
            return lax.complex(V, lax.bitcast_convert_type(count, jnp.float32))

        return body

    state = lax.complex(V, jnp.zeros_like(V))
    state = lax.fori_loop(0, n // unroll, steps(unroll), state)
    state = lax.fori_loop(0, n % unroll, steps(1), state)
    return jnp.real(state), lax.bitcast_convert_type(jnp.imag(state), jnp.int32)


def one_function(loop: Loop) -> Loop:
    """Return the loop, to be compiled as one function whatever its size."""

    def call(V: Array, p: dict[str, Array], n: Array) -> tuple[Array, Array]:
        marked = scheduling_groups.xla_metadata_call(loop, inlineable="false", xla_cpu_small_call="true")
        return marked(V, p, n)

    return call


def variants() -> dict[str, tuple[Loop, dict[str, Any]]]:
    """Return the loops by name, with their compiler options."""
    int32, uint16 = counting(increment, jnp.int32), counting(increment, jnp.uint16)
    return {
        "a V + b": (counting(fewest, jnp.int32), {}),
        "V + (m V + b)": (int32, {}),
        "V + (m V + b), 512 bit": (int32, WIDE),
        "V + (m V + b), 512 bit, uint16 counts": (uint16, WIDE),
        "packed, 512 bit": (packed, WIDE),
        "one function, V + (m V + b)": (one_function(int32), {}),
        "one function, 512 bit": (one_function(int32), WIDE),
        "one function, 512 bit, uint16 counts": (one_function(uint16), WIDE),
        "one function, 512 bit, packed": (one_function(packed), WIDE),
    }


def measure(n: int, steps: int, repetitions: int) -> dict[str, list[float]]:
    """Return the seconds per step of simcore's `advance` and of each variant, for n neurons."""
    simcore, V, p = Simcore(n, steps), jnp.asarray(initial_V(n)), factors()
    expected = simcore()[1]

    def run(loop: Loop, options: dict[str, Any]) -> Callable[[], float]:
        compiled = jax.jit(loop, compiler_options=options)

        def timed() -> float:
            start = time.perf_counter()
            count = jax.block_until_ready(compiled(V, p, np.int32(steps)))[1]
            seconds = time.perf_counter() - start
            assert np.abs(np.asarray(count, int) - expected).max() <= 1
            return seconds

        return timed

    runs = {name: run(*variant) for name, variant in variants().items()}
    seconds = interleave({"simcore": lambda: simcore()[0]} | runs, repetitions)
    return {name: [s / steps for s in values] for name, values in seconds.items()}


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=31)
    args = parser.parse_args()
    # Short runs: a pair should see the same load.
    measured = {n: measure(n, steps if n == 1 else steps // 5, args.repetitions) for n, steps in STEPS.items()}
    rows = []
    for name in measured[1]:
        row = [name]
        for seconds in measured.values():
            gain = ratio(seconds["simcore"], seconds[name])
            row.append(f"{1e6 * statistics.median(seconds[name]):.3g} (×{gain:.2f})")
        rows.append(row)
    head = ["µs per step (simcore's / this)", *(f"{n:,}".replace(",", " ") for n in measured)]
    text = f"{table(head, rows)}\n\nMedians of {args.repetitions} runs in turns, ratios of pairs. {machine()}"
    print(text)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "bare_loop.md").write_text(f"# simcore's loop beside hand-written ones\n\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
