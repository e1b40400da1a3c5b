"""What a notebook shows of networks, runners, recordings and sweeps says what they are, and changes nothing."""

import re
import xml.etree.ElementTree

import numpy as np
import pytest

import simcore as sc
from simcore import DSRunner
from simcore.models import LIF
from simcore.units import Hz, mA, ms, mV, nS, pA


def network():
    cells = LIF(4, receptors={"exc": sc.models.Exponential(tau=3 * ms, reversal=0 * mV)})
    link = sc.models.Projection(cells, cells, connect=sc.models.AllToAll(), weight=2 * nS, delay=1 * ms)
    return sc.Network(cells=cells, link=link)


def test_a_network_shows_its_parts_without_making_its_states():
    net = network()
    assert repr(net) == "Network(cells=LIF, link=Projection)"
    html = net._repr_html_()
    for text in ("4 neurons and sources, 16 synapses", "weight 2 nS, delay 1 ms", "exc: Exponential", "-&gt;"):
        assert text in html
    drawing = xml.etree.ElementTree.fromstring(html[html.index("<svg") : html.index("</svg>") + 6])
    told = [title.text for title in drawing.iter("title")]
    assert told == [f"link: {net.link.describe()}", "cells: LIF, 4"]  # an arrow, and what it leads to
    net.cells.V_rest = -0.5 * mV
    DSRunner(net)  # makes them
    assert net.cells.V.value[0] == -0.5 * mV


def test_a_network_that_has_run_shows_the_same_parts():
    net = network()
    net.link2 = sc.models.Projection(
        net.cells, net.cells, connect=sc.models.AllToAll(), weight=2 * nS, delay=np.linspace(1, 2, 16) * ms
    )
    with pytest.warns(UserWarning, match="rounded"):
        DSRunner(net).run(1 * ms)
    assert repr(net) == "Network(cells=LIF, link=Projection, link2=Projection)"  # nothing that was made for the run


def rows_of(html):
    """Return the rows of the tables in a text of HTML."""
    tables = [html[begin.start() : html.index("</table>", begin.start()) + 8] for begin in re.finditer("<table>", html)]
    return [
        tuple(cell.text or "" for cell in row) for table in tables for row in xml.etree.ElementTree.fromstring(table)
    ]


def all_links():
    """Return a network with a link of each kind."""
    receptors = {
        "e": sc.models.Exponential(tau=5 * ms),
        "j": sc.models.Delta(),
        "open": sc.models.Gated(reversal=0 * mV),
    }
    cells = LIF(
        (2, 3), receptors=receptors, parts={"gate": sc.models.AMPAGate()},
        escape=sc.models.ExponentialRate(rate=10 * Hz, delta=2 * mV),
    )  # fmt: skip
    rates, every = sc.models.WilsonCowan(2), sc.models.AllToAll()
    learning = {"plasticity": sc.models.STDP(w_max=6 * pA), "short_term": sc.models.TsodyksMarkram()}
    spread = {"weight": sc.init.Uniform(1 * mV, 2 * mV), "delay": np.array([1, 2.5] * 9) * ms}
    return sc.Network(
        cells=cells,
        rates=rates,
        plastic=sc.models.Projection(cells[:1], cells, "e", connect=every, weight=3 * pA, delay=1 * ms, **learning),
        drawn=sc.models.Projection(cells, cells, "j", connect=sc.models.FixedInDegree(3), **spread),
        gap=sc.models.GapJunction(cells, cells, connect=every, weight=2 * nS),
        gates=sc.models.GateProjection(cells, cells, connect=every, weight=2 * nS, gate="gate", receptor="open"),
        graded=sc.models.RateProjection(rates, rates, connect=every, weight=0.5, delay=sc.init.Uniform(1 * ms, 2 * ms)),
        input=sc.models.PoissonInput(cells, "j", n=20, rate=30 * Hz, weight=0.1 * mV),
    )


def test_a_link_shows_its_ends_rule_synapses_and_what_they_do_in_a_table():
    net, ends = all_links(), (("from", "cells"), ("to", "cells"))
    every = ("rule", "AllToAll()")
    assert rows_of(net.plastic._repr_html_()) == [
        ("Projection", ""), ("from", "cells[:1]"), ("to", "cells.e"), every, ("synapses", "18"), ("weight", "3 pA"),
        ("delay", "1 ms"), ("short-term", "TsodyksMarkram"), ("plasticity", "STDP"),
        ("part", "what it is"), ("short_term", f"{net.plastic.short_term!r}"),
        ("plasticity", f"{net.plastic.plasticity!r}"),
    ]  # fmt: skip
    drawn = rows_of(net.drawn._repr_html_())
    assert drawn[3:] == [
        ("rule", "FixedInDegree(n=3)"), ("synapses", "drawn when first needed"),
        ("weight", "Uniform(low=1 mV, high=2 mV)"), ("delay", "1 to 2.5 ms"),
    ]  # fmt: skip
    assert rows_of(net.gap._repr_html_()) == [
        ("GapJunction", ""), *ends, every, ("connections", "36"), ("weight", "2 nS")
    ]  # fmt: skip
    gates = [("from", "cells.gate"), ("to", "cells.open"), every, ("connections", "36"), ("weight", "2 nS")]
    assert rows_of(net.gates._repr_html_())[1:] == [*gates, ("delay", "0 ms")]
    assert rows_of(net.graded._repr_html_())[4:] == [
        ("connections", "4"), ("weight", "0.5"), ("delay", "Uniform(low=1 ms, high=2 ms)")
    ]  # fmt: skip
    assert rows_of(net.input._repr_html_())[1:] == [
        ("from", "20 Poisson sources of 30 Hz"), ("to", "cells.j"), ("weight", "0.1 mV")
    ]  # fmt: skip
    net.drawn.synapses()
    assert ("synapses", "18") in rows_of(net.drawn._repr_html_())


def test_a_link_of_ones_own_shows_its_parameters():
    class Constant(sc.bases.Link):
        """Adds to a receptor in each step."""

        weight = sc.Param(None, "nS", "what it adds, in the unit of the receptor")

        def __init__(self, post, **options):
            self.join(post)
            super().__init__(**options)

    cells = LIF(2, name="<cells>", receptors={"e": sc.models.Exponential(tau=5 * ms)})
    html = Constant(cells[1:], weight=2 * pA)._repr_html_()
    assert rows_of(html) == [("Constant", ""), ("to", "<cells>[1:].e"), ("weight", "2.0 pA")]


def test_the_summary_of_a_network_lists_all_parts_of_its_populations(capsys):
    all_links().summary()
    lines = capsys.readouterr().out.splitlines()
    assert not [line for line in lines if line.rstrip().endswith(",")]
    listed = [line.strip() for line in lines]
    for part in ("e: Exponential, weights in pA, tau 5.0 ms", "j: Delta, weights in mV",
                 "escape: ExponentialRate, rate 10.0 Hz, delta 2.0 mV", "gap: GapCurrent"):  # fmt: skip
        assert part in listed
    assert [line for line in listed if line.startswith("gate: AMPAGate, alpha ")]


def test_a_neuron_shows_its_parts_and_escapes_what_html_would_take_for_tags():
    class Odd(LIF):
        """A neuron."""

        x = sc.Param(1.0, "mV", "where V < V_th & rest")

    html = Odd(1, name="<b>")._repr_html_()
    assert "where V &lt; V_th &amp; rest" in html
    assert "&lt;b&gt;" in html
    assert "Exponential((4,), tau=3.0 ms" in network().cells._repr_html_()


def test_a_runner_shows_what_it_runs_and_where_it_is():
    runner = DSRunner(LIF(3), ["V", "spike_events"], dt=0.2 * ms, t0=5 * ms, progress_bar=False)
    runner.run(10 * ms, inputs=3 * mA)
    assert repr(runner) == "DSRunner of LIF at t = 15 ms, dt = 0.2 ms, recording V, spike_events"


@pytest.mark.parametrize("store", [None, "run", "run.zarr"])
def test_a_recording_shows_what_there_is(store, tmp_path):
    monitors = {"V": sc.Record("V", every=1 * ms), "all": ("spike", [0]), "e": "spike_events"}
    monitors |= {"rate": sc.measure.firing_rate, "n": "spike_count"}
    store = store and tmp_path / store
    mon = DSRunner(LIF(3), monitors, store=store, progress_bar=False).run(10 * ms, inputs=3 * mA)
    shown = ["Recording of 100 steps, 0.1 to 10 ms", "V (10, 3) in mV", "all (100, 1)", "e spike events of 3 neurons"]
    shown += ["rate (3,) in Hz", "n (3,)"]
    assert [" ".join(line.split()) for line in repr(mon).splitlines()] == shown
    _ = mon.e, mon.V
    shown[3] = f"e {len(mon.e)} spikes of 3 neurons, 2.1 to 8.2 ms"
    assert [" ".join(line.split()) for line in repr(mon).splitlines()] == shown
    assert repr(sc.runners.Recording()) == "Recording of 0 steps"


def test_notebooks_show_summaries_however_much_there_is():
    net = network()
    mon = DSRunner(net, ["cells.V", "cells.spike_events"]).run(500 * ms, inputs={"cells": 3 * mA})
    sweep = sc.Sweep(LIF(1), {"tau": np.arange(1, 200) * ms}, {"rate": sc.measure.firing_rate}, progress_bar=False)
    for shown, texts in (
        (mon, ["Recording of 5000 steps", "<td>cells.V</td>", "(5000, 4) in mV"]),
        (mon["cells.V"], ["cells.V (time: 5000, neuron: 4) in mV", "0.1 to 500 ms", "..."]),
        (sweep, ["Sweep of 199 points of LIF", "1 to 199 ms", "measure.firing_rate"]),
        (sweep.run(1 * ms), ["<td>rate</td><td> (tau: 199) in Hz</td>"]),
        (net, ["<td>cells</td><td>LIF</td><td>4</td>"]),
    ):
        html = shown._repr_html_()
        assert len(html) < 4000
        for text in texts:
            assert text in html


def test_a_sweep_and_its_result_show_axes_and_measures():
    over = {"tau": [1, 2, 3] * ms, "pair": sc.design.zipped({"V_th": [1, 2] * mV, "inputs": [1, 2] * mA})}
    sweep = sc.Sweep(LIF(1), over, {"rate": sc.measure.firing_rate}, progress_bar=False)
    assert repr(sweep) == "Sweep of 6 points of LIF over (tau: 3, pair: 2), measuring rate"
    assert repr(sweep.run(1 * ms)) == "rate (tau: 3, pair: 2) in Hz"
    assert repr(sc.runners.SweepResult()) == "SweepResult without measures"
