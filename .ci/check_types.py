"""Run mypy and pyright on right and wrong uses of an installed simcore: exit 1 unless they report what they should.

    pip install mypy "pyright[nodejs]"
    python .ci/check_types.py

Besides tests/typing/, wrong uses of every public class are made here: of a method, a parameter, and each unit.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import simcore as sc
from simcore import stubs, units

TYPING = Path(__file__).resolve().parent.parent / "tests" / "typing"
START = "from typing import Any\n\nimport simcore as sc\n\nsome: dict[str, Any] = {}\n"


def wrong_uses_of_all() -> str:
    """Return a file of wrong uses, one for each thing that a class could be given, or asked for, by mistake."""
    lines = []
    for room in (sc, sc.bases, *stubs.PACKAGES):
        for cls in [value for name in room.__all__ if isinstance(value := getattr(room, name), type)]:
            call = f"{room.__name__.replace('simcore', 'sc', 1)}.{cls.__name__}(**some"
            lines.append(f"{call}).no_such_method()")
            if stubs.is_made_of_declarations(cls):
                lines.append(f"{call}, no_such_parameter=1)")
                lines += [f"{call}, {name}=1.0)" for name, param in cls.PARAMS.items()
                          if units.dimension(param.unit) != units.NUMBER]  # fmt: skip
    return START + "".join(f"{line}  # wrong\n" for line in lines)


def mypy(file: Path) -> set[int]:
    """Return the lines of a file that mypy reports."""
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--check-untyped-defs", file.name]
    out = subprocess.run(command, cwd=file.parent, capture_output=True, text=True).stdout
    return {int(line.split(":")[1]) for line in out.splitlines() if ": error: " in line}


def pyright(file: Path) -> set[int]:
    """Return the lines of a file that pyright reports."""
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, file.name]
    found = json.loads(subprocess.run(command, cwd=file.parent, capture_output=True, text=True).stdout)
    errors = [error for error in found["generalDiagnostics"] if error["severity"] == "error"]
    return {error["range"]["start"]["line"] + 1 for error in errors}


def check(checker: Callable[[Path], set[int]], file: Path) -> bool:
    """Return whether a checker reports the lines of a file that say that they are wrong, and no other; print which."""
    lines = file.read_text().splitlines()
    wrong = {k for k, line in enumerate(lines, 1) if "  # wrong" in line}
    reported = checker(file)
    for kind, numbers in (("not reported", wrong - reported), ("right, and reported", reported - wrong)):
        for k in sorted(numbers):
            print(f"{checker.__name__}: {file.name}:{k} {kind}: {lines[k - 1]}")
    print(f"{checker.__name__}: {file.name}: {len(wrong)} wrong lines, {len(wrong & reported)} of them reported")
    return wrong == reported


def main() -> None:
    """Check all files by both."""
    subprocess.run([sys.executable, TYPING / "right_uses.py"], check=True)  # right uses run
    with tempfile.TemporaryDirectory() as folder:  # outside of the checkout, where pyright would find its simcore/
        files = [Path(folder) / name for name in ("right_uses.py", "wrong_uses.py", "wrong_uses_of_all.py")]
        for file in files[:2]:
            shutil.copy(TYPING / file.name, file)
        files[2].write_text(wrong_uses_of_all())
        as_they_should = [check(checker, file) for checker in (mypy, pyright) for file in files]
    sys.exit(not all(as_they_should))


if __name__ == "__main__":
    main()
