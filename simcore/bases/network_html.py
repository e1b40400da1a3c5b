"""What a notebook shows of a network: a drawing, and tables of its populations and links."""

from __future__ import annotations

import math
from collections import Counter
from html import escape
from typing import Any

from ..module.display import rows, table_of
from .part import Part
from .receptor import Receptor

# More populations than this are a table alone.
MOST_DRAWN = 24
WIDTH, HEIGHT, RADIUS = 560, 300, 17  # pixels; the radius of a population


def html(net: Any, headline: str) -> str:
    """Return the HTML of a network; `headline` says how large it is."""
    populations, links = net.populations(), net.links()
    drawing = _svg(net) if 0 < len(populations) <= MOST_DRAWN else ""
    of_populations = [
        (path, type(p).__name__, spaced(p.size), "; ".join(parts_of(p))) for path, p in populations.items()
    ]
    of_links = [(path, type(link).__name__, *_described(link)) for path, link in links.items()]
    tables = table_of(("population", "model", "size", "parts"), of_populations)
    tables += table_of(("link", "kind", "from and to", "synapses"), of_links)
    return f"<b>{escape(headline)}</b>{drawing}{tables}"


def spaced(n: int) -> str:
    """Return a number as text, "4 000"."""
    return f"{n:,}".replace(",", " ")


def parts_of(population: Any) -> list[str]:
    """Return what the parts of a population are, receptors among them, a line for each: name, kind, parameters."""
    lines = []
    for key, part in population.children().items():
        if isinstance(part, Part):
            weights = [f"weights in {part.unit}"] if isinstance(part, Receptor) else []
            lines.append(
                ", ".join([f"{key}: {type(part).__name__}", *weights, *(f"{k} {v}" for k, v, _ in rows(part))])
            )
    return lines


def _described(link: Any) -> tuple[str, str]:
    ends, _, what = link.describe().partition(": ")
    return ends, what


def _svg(net: Any) -> str:
    """Return a drawing: populations on an ellipse, an arrow for each link, which tells of itself under the mouse."""
    populations, links = net.populations(), net.links()
    place = {p: _place(k, len(populations)) for k, p in enumerate(populations.values())}
    arrows, seen = [], Counter[Any]()
    for path, link in links.items():
        ends = {name: view.population for name, view in link.ends().items() if view.population in place}
        if "post" not in ends:
            continue
        pre, post = ends.get("pre"), ends["post"]
        path_of = _arrow(None if pre is None else place[pre], place[post], seen[pre, post])
        seen[pre, post] += 1
        told = escape(f"{path}: {link.describe()}")
        arrows.append(f'<path d="{path_of}" marker-end="url(#to)"><title>{told}</title></path>')
    circles = [
        f'<g transform="translate({x:.0f},{y:.0f})">'
        f"<title>{escape(f'{path}: {type(p).__name__}, {spaced(p.size)}')}</title>"
        f'<circle r="{RADIUS}" fill="#dbe7f5" stroke="#33567d"/>'
        f'<text text-anchor="middle" dy="4">{escape(_short(path))}</text></g>'
        for (path, p), (x, y) in zip(populations.items(), place.values(), strict=True)
    ]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" style="max-width:100%;display:block;background:#fff" '
        'font-family="sans-serif" font-size="11" fill="#1c2b3a">'
        '<defs><marker id="to" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0,0 L8,4 L0,8 z" fill="#7a3b3b"/></marker></defs>'
        f'<g fill="none" stroke="#7a3b3b" stroke-width="1.3">{"".join(arrows)}</g>{"".join(circles)}</svg>'
    )


def _short(path: str) -> str:
    return path if len(path) <= 9 else f"{path[:8]}…"


def _place(k: int, n: int) -> tuple[float, float]:
    """Return where the k-th of n populations is, pixels."""
    angle = 2 * math.pi * k / n - math.pi
    across, down = (0, 0) if n == 1 else (WIDTH / 2 - 90, HEIGHT / 2 - 60)
    return WIDTH / 2 + across * math.cos(angle), HEIGHT / 2 + down * math.sin(angle)


def _arrow(begin: tuple[float, float] | None, end: tuple[float, float], number: int) -> str:
    """Return the path of the number-th arrow between two places: None comes from outside, one place is a loop."""
    x, y = end
    outwards = math.atan2(y - HEIGHT / 2, x - WIDTH / 2) if (x, y) != (WIDTH / 2, HEIGHT / 2) else -math.pi / 2

    def around(distance: float, turned: float) -> str:
        angle = outwards + turned
        return f"{x + distance * math.cos(angle):.1f},{y + distance * math.sin(angle):.1f}"

    if begin is None:
        return f"M{around(RADIUS + 32, 1 + 0.5 * number)} L{around(RADIUS + 2, 1 + 0.5 * number)}"
    if begin == end:
        far = RADIUS + 30 + 10 * number
        return f"M{around(RADIUS, -0.6)} C{around(far, -0.6)} {around(far, 0.6)} {around(RADIUS + 2, 0.6)}"
    length = math.dist(begin, end)
    ux, uy = (x - begin[0]) / length, (y - begin[1]) / length
    bend = 16 + 14 * number  # to the left of the way, so that the way back has its own
    mx, my = (begin[0] + x) / 2 + bend * uy, (begin[1] + y) / 2 - bend * ux
    ax, ay = _towards(begin, (mx, my), RADIUS)
    bx, by = _towards(end, (mx, my), RADIUS + 2)
    return f"M{ax:.1f},{ay:.1f} Q{mx:.1f},{my:.1f} {bx:.1f},{by:.1f}"


def _towards(a: tuple[float, float], b: tuple[float, float], distance: float) -> tuple[float, float]:
    share = distance / math.dist(a, b)
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
