"""The README's code runs as printed, what it points to is there, and it is short."""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_a_block_of_code_runs_as_printed(block, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plt, "show", lambda: None)
    exec(compile(block, "README.md", "exec"), {"__name__": "__main__"})
    plt.close("all")


def test_the_first_script_stands_in_the_first_30_lines():
    assert "runner.run(inputs=current)" in "\n".join(README.splitlines()[:30])


def test_it_is_read_in_two_minutes():
    assert len(README.splitlines()) <= 150


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#:]+)", README))
def test_what_it_points_to_is_there(target):
    assert (ROOT / target).is_file()
