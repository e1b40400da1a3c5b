"""The phase plane of the FitzHugh-Nagumo neuron: excitable, firing, and blocked by too strong an input.

dV/dt is zero on the cubic, dw/dt on the line; they cross at the fixed point. Without input it is stable, and how far V
is pushed decides whether it takes the long way round: a spike. Between two Hopf bifurcations, I = 0.331 and 1.419, the
fixed point is unstable and all goes to one cycle. Beyond, it is stable again, on the right branch. Below: V over time.

FitzHugh (1961), Biophysical Journal 1(6), 445-466; the drawing: Izhikevich (2007), Dynamical Systems in Neuroscience,
MIT Press, chapter 4.
"""

import numpy as np

import simcore as sc
from simcore.units import ms

RANGES = {"V": (-2.5, 2.5), "w": (-1.0, 3.0)}
STATES = {  # the input, and where trajectories begin
    "excitable, I = 0": (0.0, {"V": [-0.75, -0.5], "w": [-0.62, -0.62]}),
    "fires, I = 0.5": (0.5, {"V": [-0.7, 2.0], "w": [-0.1, 1.9]}),
    "blocked, I = 1.6": (1.6, {"V": [-2.0, 0.5], "w": [0.0, 2.0]}),
}

diagram = sc.analysis.bifurcation(sc.models.FitzHughNagumo(1), {"inputs": (0, 2)}, {"V": (-3, 3)})
print(diagram)

figure, grid = sc.visualize.get_figure(2, 3, row_length=3.2, column_length=4.4)
planes, traces = ([figure.add_subplot(grid[row, k]) for k in range(3)] for row in (0, 1))
for (title, (I, starts)), plane, trace in zip(STATES.items(), planes, traces, strict=True):
    neuron = sc.models.FitzHughNagumo(1)
    points = sc.analysis.fixed_points(neuron, RANGES, inputs=I)
    print(f"{title}: {points}")
    sc.analysis.phase_plane(neuron, RANGES, inputs=I, starts=starts, duration=100 * ms, ax=plane)
    plane.set_title(title)
    plane.get_legend().remove()  # one for all of them

    start = {f"{name}_initializer": np.array(values) for name, values in starts.items()}
    pair = sc.models.FitzHughNagumo(2, **start)
    mon = sc.DSRunner(pair, ["V"], progress_bar=False).run(100 * ms, inputs=I)
    sc.visualize.line_plot(mon.ts, mon.V, ax=trace, ylim=RANGES["V"], ylabel="V")
for ax, name in zip(traces[0].get_lines(), ("below", "beyond"), strict=True):
    ax.set_label(f"{name} the threshold")
traces[0].legend(frameon=False)
shown = {text: handle for ax in planes for handle, text in zip(*ax.get_legend_handles_labels(), strict=True)}
figure.legend(shown.values(), shown.keys(), frameon=False, ncols=len(shown), loc="outside upper center")
figure.savefig("phase_plane_fitzhugh_nagumo.png", dpi=130)
