"""Run the system scenarios of PyNN's source distribution with simcore, and write ``scenarios.md`` beside this folder.

    python scenarios.py             # the sources come from the package index, by pip
    python scenarios.py PyNN-0.13   # or from a folder

PyNN's licence is another one, so the scenarios are no part of this repository. They run as they are, each with
simcore, whichever simulators they name. It fails where a scenario fails that no reason here explains, and where one
passes that should not.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

VERSION = "0.13.0"
TABLE = Path(__file__).parent.parent / "scenarios.md"
# What takes the place of the fixture by which a scenario chooses among PyNN's own simulators.
FIXTURE = """
import pytest

import pyNN.simcore


def run_with_simulators(*names):
    run_with_simulators.named.append(names)
    return pytest.mark.parametrize("sim", [pytest.param(pyNN.simcore, id=" ".join(names))])


run_with_simulators.named = []
"""
WHY = {
    "test_issue259": "it asks for spikes between the time steps (`spike_precision`); here they lie on the grid",
    "test_scenario5": "simcore has no neurons of several compartments",
    "test_simple_stochastic_synapse": "simcore has no synapses that transmit at random",
}


def sources(folder: Path) -> Path:
    """Return PyNN's source distribution, unpacked in a folder."""
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", "PyNN", "-d", folder]
    subprocess.run([*pip, f"PyNN=={VERSION}"], check=True)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if path.is_dir())


def run(scenarios: Path, folder: Path) -> dict[str, tuple[str, str, str]]:
    """Return, of each scenario by name, its file, the simulators that it names, and how it failed, "" if it passed."""
    shutil.copytree(scenarios, folder / "scenarios")
    (folder / "scenarios" / "fixtures.py").write_text(FIXTURE)
    (folder / "pytest.ini").write_text("[pytest]\n")
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=results.xml", "scenarios"],
        cwd=folder,
        env=os.environ | {"MPLBACKEND": "Agg"},
    )
    found = {}
    for case in ElementTree.parse(folder / "results.xml").iter("testcase"):
        name, _, simulators = case.attrib["name"].rstrip("]").partition("[")
        trouble = next((one for one in case if one.tag in ("failure", "error", "skipped")), None)
        message = "" if trouble is None else trouble.attrib.get("message", "").splitlines()[0] or trouble.tag
        found[name] = case.attrib["classname"].rpartition(".")[2], simulators, message
    return found


def table(found: dict[str, tuple[str, str, str]]) -> str:
    """Return the page."""
    passed = sum(not message for _, _, message in found.values())
    lines = [
        f"# PyNN {VERSION}'s system scenarios with simcore",
        "",
        f"{passed} of {len(found)} pass. Written by `tests/scenarios.py`, which runs them.",
        "",
        "| scenario | of | simulators that it names | with simcore |",
        "|---|---|---|---|",
    ]
    for name, (file, simulators, message) in found.items():
        result = "passes" if not message else f"**fails**: {WHY.get(name, message)}"
        lines.append(f"| `{name.removeprefix('test_')}` | {file.removeprefix('test_')} | {simulators} | {result} |")
    return "\n".join([*lines, ""])


def main() -> int:
    """Run, write, and say what differs from what is expected."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = Path(sys.argv[1]) if len(sys.argv) > 1 else sources(folder)
        found = run(source / "test" / "system" / "scenarios", folder)
    TABLE.write_text(table(found))
    unexplained = [name for name, (*_, message) in found.items() if message and name not in WHY]
    surprising = [name for name in WHY if name not in found or not found[name][2]]
    for names, what in (
        (unexplained, "fail, and WHY does not say why"),
        (surprising, "pass, and WHY says they do not"),
    ):
        if names:
            print(f"{', '.join(names)}: {what}")
    return bool(unexplained or surprising)


if __name__ == "__main__":
    sys.exit(main())
