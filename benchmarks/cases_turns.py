"""Cases of cases.py in turns with those peers that have them: who has which, the processes, the rows of the table."""

import json
import os
import statistics
import subprocess
from pathlib import Path
from typing import Any

from measure import ratio, table
from network_task import CORES, task

HERE = Path(__file__).parent
Answer = dict[str, Any]
Command = tuple[list[str], dict[str, str]]  # and what it finds in its environment
Row = dict[str, str]  # by the heads of columns
Who = tuple[str, str]  # and in which variant
OURS = "simcore"
HEADS = {"loop": "{}, loop", "whole": "{}, whole call"}
VARIANTS: dict[str, list[dict[str, Any]]] = {
    "Brian2": [{"precision": p, "threads": t} for p in ("float32", "float64") for t in sorted({1, CORES})],
    "NEST": [{"threads": t} for t in sorted({1, CORES})],
    "BrainPy": [{"how": how} for how in ("bp.dyn", "brainpy.state")],
}
# The peers that have a case, and their task.
BOTH = ("Brian2", "BrainPy")
PEERS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "STDP 1e6, 0.5 Hz in, us/step": (
        ("Brian2", "NEST"), {"kind": "stdp", "n": 1_000, "rate": 0.5, "drive": 0.0, "steps": 3_000},
    ),
    "STDP 1e6, 15 Hz in, 80 Hz out, us/step": (
        ("Brian2", "NEST"), {"kind": "stdp", "n": 1_000, "rate": 15.0, "drive": 230.0, "steps": 3_000},
    ),
    "STDP 1 000 to 1, us/step": (("Brian2",), {"kind": "song", "steps": 20_000}),
    "LIF noise 1 000, ns": (BOTH, {"kind": "noise", "n": 1_000, "drive": 90.0, "steps": 5_000}),
    "LIF noise 100 000, ns": (BOTH, {"kind": "noise", "n": 100_000, "drive": 90.0, "steps": 50}),
    "LIF OU noise 1 000, ns": (BOTH, {"kind": "coloured", "n": 1_000, "drive": 90.0, "steps": 5_000}),
    "LIF OU noise 100 000, ns": (BOTH, {"kind": "coloured", "n": 100_000, "drive": 90.0, "steps": 50}),
    "LIF PoissonInput 10 000, ns": (("Brian2",), {"kind": "poisson", "n": 10_000, "steps": 500}),
    "COBA 4 000, delays differ, us/step": (("Brian2",), task("coba", 4_000, 1.5, kind="coba", steps=5_000)),
    "COBA 40 000, delays differ, us/step": (("Brian2",), task("coba", 40_000, 1.5, kind="coba", steps=1_000)),
    "microcircuit 0.1, us/step": (("NEST",), {"kind": "microcircuit", "steps": 1_000}),
    "LIF 1, us/step": (BOTH, {"kind": "lif", "n": 1, "drive": 150.0, "steps": 100_000}),
    "LIF 1 000, us/step": (BOTH, {"kind": "lif", "n": 1_000, "drive": 150.0, "steps": 20_000}),
    "LIF 100 000, us/step": (BOTH, {"kind": "lif", "n": 100_000, "drive": 150.0, "steps": 500}),
}  # fmt: skip
SHORTEST = 1_000  # steps of runs whose rates are compared


def started(command: list[str], **environment: str) -> subprocess.Popen[str]:
    """Start what answers lines, after its first answer."""
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    errors = None if environment else subprocess.DEVNULL  # of peers, which tell much
    process = subprocess.Popen(command, env=os.environ | environment, stderr=errors, **pipes)
    answer(process)
    return process


def answer(process: subprocess.Popen[str]) -> Answer:
    """Return what a worker answers, past what its script prints: seconds or costs; a number is that of a loop."""
    assert process.stdout
    while line := process.stdout.readline():
        try:
            got = json.loads(line)
        except ValueError:
            continue
        return got if isinstance(got, dict) else {"loop": got}
    raise SystemExit("A case ended without an answer.")


def commands_of_peers(name: str, pythons: dict[str, str | None]) -> dict[Who, Command]:
    """Return what starts the peers of a case, by peer and variant."""
    commands: dict[Who, Command] = {}
    peers, about = PEERS.get(name, ((), {}))
    for peer in peers:
        for variant in VARIANTS[peer] if pythons[peer] else ():
            script = str(HERE / "peers" / f"cases_{peer.lower()}.py")
            text = ", ".join(f"{v} thread{'s' * (v > 1)}" if k == "threads" else v for k, v in variant.items())
            commands[peer, text] = [str(pythons[peer]), script, json.dumps(about | variant)], {}
    return commands


def in_rounds(name: str, commands: dict[Who, Command], repetitions: int) -> dict[Who, list[Answer]]:
    """Start all and return their answers, asked in turns."""
    workers = {}
    for key, (command, environment) in commands.items():
        try:
            workers[key] = started(command, **environment)
        except SystemExit as error:
            print(f"{name}, {', '.join(key)}: {error}")
    answers: dict[Who, list[Answer]] = {key: [] for key in workers}
    for _ in range(repetitions):
        for key, process in workers.items():
            assert process.stdin
            print(file=process.stdin, flush=True)
            answers[key].append(answer(process))
    for process in workers.values():
        assert process.stdin
        process.stdin.close()
        process.wait()
    return answers


def fastest(answers: dict[Who, list[Answer]]) -> dict[str, tuple[str, list[Answer]]]:
    """Return the fastest variant of each that was measured, and its answers."""
    chosen: dict[str, tuple[str, list[Answer]]] = {}
    median = lambda each: statistics.median(a.get("loop", a.get("whole")) for a in each)  # noqa: E731
    for (who, variant), each in answers.items():
        if who not in chosen or median(each) < median(chosen[who][1]):
            chosen[who] = variant, each
    return chosen


def cells(who: str, variant: str, each: list[Answer], unit: float, ours: list[float]) -> Row:
    """Return the columns of one, of a peer those of its loop and its whole call; its answers are in `unit`."""
    row = {}
    for kind in ("loop", "whole"):
        if kind in each[0]:
            costs = [unit * a[kind] for a in each]
            times = "" if who == OURS else f" (x{ratio(costs, ours):.2g})"
            of_loop = f", {variant}" if variant and kind == "loop" else ""
            row[HEADS[kind].format(who) if variant else who] = f"{statistics.median(costs):.3g}{times}{of_loop}"
    return row


def measured(name: str, commands: dict[Who, Command], repetitions: int) -> tuple[Row, Row, Row]:
    """Return a row of the table, one of the rates, and the versions of the peers."""
    chosen = fastest(in_rounds(name, commands, repetitions))
    row, rates, versions = {"case": name}, {"case": name}, dict[str, str]()
    if OURS not in chosen:
        return row, rates, versions
    about = PEERS[name][1] if name in PEERS else {"steps": 0}
    ours = [a["whole"] for a in chosen[OURS][1]]
    for who, (variant, each) in chosen.items():
        unit = 1.0
        if variant:  # a peer answers with seconds
            unit = 1e6 / about["steps"] / (1e-3 * about["n"] if name.endswith(", ns") else 1)
        row |= cells(who, variant, each, unit, ours)
        versions |= each[0].get("versions", {})
        if about["steps"] >= SHORTEST and each[0].get("rate") is not None:
            rates[who] = f"{statistics.median(a['rate'] for a in each):.3g}"
    return row, rates, versions


def as_table(rows: list[Row]) -> str:
    """Return a table of rows, whose columns need not be the same."""
    heads = list(dict.fromkeys(key for row in rows for key in row))
    return table(heads, [[row.get(key, "") for key in heads] for row in rows])
