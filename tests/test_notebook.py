"""A notebook runs from top to bottom by nbconvert, and shows networks, recordings and pictures."""

import json
import os
import subprocess
import sys
import time

import pytest

from simcore.runners import progress

pytest.importorskip("nbconvert")
pytest.importorskip("ipykernel")

CELLS = [
    """import simcore as sc
from simcore.units import mV, ms, nS, pA, Mohm
E = sc.models.LIFRef(100, R=100 * Mohm, V_th=10 * mV, receptors={"exc": sc.models.Exponential(tau=5 * ms)})
link = sc.models.Projection(E, E, connect=sc.models.FixedProbability(0.1), weight=1 * pA, delay=1 * ms)
net = sc.Network(E=E, link=link)
net""",
    """from simcore.runners import progress
runner = sc.DSRunner(net, ["E.V", "E.spike_events"])
mon = runner.run(1000 * ms, inputs={"E": 150 * pA})
mon""",
    "mon['E.V']",
    "axes = mon.plot()",
    """with progress.progress(10, True) as advanced:
    import time
    for k in range(10):
        time.sleep(0.15)
        advanced(1)""",
]


def test_a_notebook_runs_and_shows_what_there_is(tmp_path):
    cells = [{"cell_type": "code", "id": f"c{k}", "source": source, "metadata": {}, "outputs": [],
              "execution_count": None} for k, source in enumerate(CELLS)]  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    book = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "book.ipynb").write_text(json.dumps(book))
    command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", "book.ipynb"]
    environment = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"} | {"HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    outputs = [cell["outputs"] for cell in json.loads((tmp_path / "book.ipynb").read_text())["cells"]]

    def of_kind(k, kind):
        return "".join("".join(out["data"][kind]) for out in outputs[k] if kind in out.get("data", {}))

    assert "<svg" in of_kind(0, "text/html")
    assert "Recording of 10000 steps" in of_kind(1, "text/html")
    assert "E.V (time: 10000, neuron: 100) in mV" in of_kind(2, "text/html")
    assert of_kind(3, "image/png")
    assert "10/10" in json.dumps(outputs[4])
    assert "IProgress" not in json.dumps(outputs)  # no lecture on ipywidgets
    assert len(json.dumps(outputs[:3])) < 20_000  # summaries, not arrays


def test_a_log_gets_lines_and_a_short_run_none(capsys, monkeypatch):
    monkeypatch.setattr(progress, "LOGGED", 0.1)
    with progress.progress(20, True, **progress.model_time(100.0)) as advanced:
        for _ in range(20):
            time.sleep(0.07)
            advanced(1)
    lines = capsys.readouterr().err.split("\n")
    assert 2 <= len(lines) <= 20  # from the first second on
    assert not [line for line in lines if "\r" in line]
    assert lines[-2].startswith("100%")
    with progress.progress(20, True) as advanced:
        advanced(20)
    assert capsys.readouterr().err == ""
