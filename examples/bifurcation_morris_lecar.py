"""Three ways in which one neuron begins to fire: bifurcations of the Morris-Lecar neuron, and its f-I curves.

Its equilibria are followed over the current: full where stable, dashed where not; around folds, where two of them meet.
Dots are the largest and the smallest V of runs that begin at -10 mV. From the left: a Hopf bifurcation, beside which
rest and firing coexist, and the rate begins at a value of its own (class 2); a fold on a cycle, where the rate begins
at zero (class 1); a cycle that ends in the saddle, below the fold: there, what a run does depends on where it begins.
Dotted below: the rheobase, from which on there is at least one spike. The membrane has 1 cm2, so that uA are uA/cm2.

Rinzel and Ermentrout (1998), Analysis of neural excitability and oscillations, in Methods in Neuronal Modeling, MIT
Press; Hodgkin (1948), Journal of Physiology 107(2), 165-181, for the classes.
"""

import numpy as np

import simcore as sc
from simcore.units import cm, ms, mV, uA

CASES = {  # the range of the diagram, and that of the f-I curve, uA
    "hopf": ("Hopf bifurcation", (0, 260), (70, 130)),
    "snlc": ("fold on a cycle", (-20, 140), (35, 85)),
    "homoclinic": ("homoclinic orbit", (-20, 60), (35, 43)),
}

figure, grid = sc.visualize.get_figure(2, 3, row_length=3.2, column_length=4.4)
for column, (preset, (title, over, around)) in enumerate(CASES.items()):
    begin = {"area": 1 * cm**2, "V_th": 0 * mV, "V_rearm": -10 * mV}
    neuron = sc.models.MorrisLecar.preset(preset, 1, **begin)
    diagram = sc.analysis.bifurcation(neuron, {"inputs": over * uA}, {"V": (-80, 40) * mV})
    print(f"{title}: {diagram}")
    equilibria, rates = (figure.add_subplot(grid[row, column]) for row in (0, 1))
    diagram.plot(ax=equilibria)
    equilibria.set(title=title, xlim=over, ylim=(-72, 45))

    # W is at rest for -60 mV, so that V is free to rise.
    aside = {"V_initializer": sc.init.Constant(-10 * mV), "W_initializer": 0.0}
    excited = sc.models.MorrisLecar.preset(preset, 1, **begin, **aside)
    late = {"start": 1500 * ms}
    ends = {"highest": sc.measure.maximum("V", **late), "lowest": sc.measure.minimum("V", **late)}
    currents = np.linspace(*over, 80) * uA
    runs = sc.Sweep(excited, {"inputs": currents}, ends, progress_bar=False).run(2000 * ms)
    for name, text in (("highest", "extremes of V in runs"), ("lowest", None)):
        equilibria.plot(currents.m, runs[name].m_as("mV").ravel(), ".", color="0.4", ms=3, zorder=0, label=text)

    for model, text in ((neuron, "from -60 mV"), (excited, "from -10 mV")):
        curve = sc.analysis.fi_curve(model, np.linspace(*around, 101) * uA, 4000 * ms, start=1000 * ms)
        print(f"  {text}: {curve}")
        curve.plot(ax=rates, label=text, marker=".", ms=4, lw=0.8)
    rates.set(xlabel="current (µA/cm²)", xlim=around, ylim=(0, None))
    equilibria.set_xlabel("current (µA/cm²)")
    equilibria.get_legend().remove()
    if preset == "hopf":
        rates.legend(frameon=False, loc="lower right")
    if preset == "snlc":  # which has all of them
        figure.legend(*equilibria.get_legend_handles_labels(), frameon=False, ncols=5, loc="outside upper center")
figure.savefig("bifurcation_morris_lecar.png", dpi=130)
