"""The examples of docs/contract.md run, in its order."""

import re
from pathlib import Path

CONTRACT = (Path(__file__).parent.parent / "docs/contract.md").read_text()


def test_every_example_of_the_contract_runs():
    scope = {"__name__": "contract"}
    blocks = re.findall(r"```python\n(.*?)```", CONTRACT, re.DOTALL)
    assert len(blocks) == 14
    for block in blocks:
        exec(compile(block, "docs/contract.md", "exec"), scope)
