"""The README's code runs as printed, and its table covers the documents."""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

README = (Path(__file__).parent.parent / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_a_block_of_code_runs_as_printed(block, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plt, "show", lambda: None)
    exec(compile(block, "README.md", "exec"), {"__name__": "__main__"})
    plt.close("all")


def test_the_first_script_stands_in_the_first_30_lines():
    assert "runner.run(inputs=current)" in "\n".join(README.splitlines()[:30])
