"""Lines of code that are not too long."""

from __future__ import annotations

import itertools
import re

WIDTH = 120
_BREAKS = re.compile(r"(?<=,) | (?=[-+*/] )")


def folded(line: str) -> str:
    """Return a line of code on several lines where it is too long, broken within its brackets, the outermost first."""
    indent, opened, lines = " " * (len(line) - len(line.lstrip()) + 4), 0, []
    while len(line) > WIDTH and '"""' not in line:
        steps = ((c in "([{") - (c in ")]}") for c in line)
        depths = list(itertools.accumulate(steps, initial=opened))
        places = [m.start() for m in _BREAKS.finditer(line, len(indent)) if m.start() < WIDTH and depths[m.start()]]
        places = [place for place in places if line.count('"', 0, place) % 2 == 0]  # not within text
        if not places:
            break
        place = max(places, key=lambda p: (-depths[p], p))
        lines.append(line[:place])
        line, opened = indent + line[place + 1 :], depths[place]
    return "\n".join([*lines, line])
