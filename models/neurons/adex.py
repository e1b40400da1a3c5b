"""Adaptive exponential integrate-and-fire neurons."""

from simcore import Param

from .adapting import Adapting
from .expif import ExpIF
from .presets import Preset, WithPresets


def _preset(
    doc: str, drive: str, C: float, g_L: float, V_rest: float, a: float, tau_w: float, b: float, V_reset: float
) -> Preset:
    """Return a pattern of Naud et al.: pF, nS, mV, nS, ms, pA, mV; V_T is -50 mV, delta_T 2 mV in all."""
    values = {"R": f"{1 / g_L} Gohm", "tau": f"{C / g_L} ms", "tau_w": f"{tau_w} ms", "V_th": "0 mV"}
    values |= {"V_reset": f"{V_reset} mV", "V_rest": f"{V_rest} mV", "V_T": "-50 mV", "delta_T": "2 mV"}
    return Preset(doc, values | {"a": f"{a} nS", "b": f"{b} pA"}, drive)


class AdExIF(Adapting, WithPresets, ExpIF):  # type: ignore[misc]  # one state more in the derivative
    r"""Adaptive exponential integrate-and-fire neuron: `ExpIF` with a current w that follows V and grows at spikes.

    .. math::
        \tau \, dV/dt = -(V - V_{rest}) + \Delta_T \exp((V - V_T)/\Delta_T) - R w + R I(t)

        \tau_w \, dw/dt = a (V - V_{rest}) - w

        V \ge V_{th}: \text{ emit a spike, } V \leftarrow V_{reset}, \; w \leftarrow w + b

    C = tau / R and g_L = 1 / R in papers. The upstroke ends at V_th, so that w sees no higher V, as in `ExpIF`. With
    r = a R and q = tau / tau_w, rest loses its stability, for r < q in a saddle-node, at
    R I = (1 + r) (V_T - V_rest - delta_T + delta_T log(1 + r)), else in a Hopf bifurcation, at
    R I = (1 + r) (V_T - V_rest - delta_T + delta_T log(1 + q)) + delta_T (r - q). A reset near V_T makes each spike's
    time depend strongly on the one before: halve dt to see whether a burst is resolved.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Brette and Gerstner (2005), Adaptive exponential integrate-and-fire model as an effective description of
    neuronal activity, Journal of Neurophysiology 94(5), 3637-3642; the patterns: Naud, Marcille, Clopath, Gerstner
    (2008), Firing patterns in the adaptive exponential integrate-and-fire model, Biological Cybernetics 99(4),
    335-347, with the values that match its figures (of P. Müller, in Brian2's example of that name).
    """

    tau_w = Param(30.0, "ms", "time constant of the adaptation", positive=True)
    V_th = Param(-55.0, "mV", "numerical spike threshold, the cut-off of the upstroke", above="V_reset")
    V_reset, V_rest = ExpIF.V_reset, ExpIF.V_rest
    V_T, delta_T = ExpIF.V_T, ExpIF.delta_T
    a = Param(1.0, "S", "how the adaptation follows V")
    b = Param(1.0, "mA", "rise of the adaptation at a spike")

    PRESETS = {
        "brette_gerstner": Preset(
            "a regular spiking pyramidal cell (2005)",
            {"R": f"{1 / 30} Gohm", "tau": f"{281 / 30} ms", "tau_w": "144 ms", "V_th": "-40.4 mV"}
            | {"V_reset": "-70.6 mV", "V_rest": "-70.6 mV", "V_T": "-50.4 mV", "delta_T": "2 mV"}
            | {"a": "4 nS", "b": "80.5 pA"},
            "1000 pA",
        ),
        "naud_tonic": _preset("tonic spiking", "500 pA", 200, 10, -70, 2, 30, 0, -58),
        "naud_adaptation": _preset("adaptation", "500 pA", 200, 12, -70, 2, 300, 60, -58),
        "naud_initial_burst": _preset("initial burst", "400 pA", 130, 18, -58, 4, 150, 120, -50),
        "naud_regular_bursting": _preset("regular bursting", "210 pA", 200, 10, -58, 2, 120, 100, -46),
        "naud_delayed_accelerating": _preset("delayed, accelerating", "300 pA", 200, 12, -70, -10, 300, 0, -58),
        "naud_delayed_regular_bursting": _preset("delayed regular bursting", "110 pA", 100, 10, -65, -10, 90, 30, -47),
        "naud_transient": _preset("transient spiking", "180 pA", 100, 10, -65, 10, 90, 100, -47),
        "naud_irregular": _preset("irregular spiking", "160 pA", 100, 12, -60, -11, 130, 30, -48),
    }


class AdExIFRef(AdExIF):
    """`AdExIF` with an absolute refractory period: V is held for tau_ref after a spike, w goes on.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Brette and Gerstner (2005), Journal of Neurophysiology 94(5), 3637-3642.
    """

    tau_ref = Param(1.7, "ms", "absolute refractory period", nonnegative=True, steps=True)
    V_th, V_reset, V_rest = AdExIF.V_th, AdExIF.V_reset, AdExIF.V_rest
    V_T, delta_T, a, b = AdExIF.V_T, AdExIF.delta_T, AdExIF.a, AdExIF.b
