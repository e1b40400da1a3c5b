# Written by `python -m simcore.stubs`, from the declarations of the classes.
# mypy: disable-error-code="misc, override"

from collections.abc import Callable
from collections.abc import Mapping
from numpy.typing import ArrayLike
from pint import Quantity
from simcore.bases.escape import Escape
from simcore.bases.part import Part
from simcore.bases.receptor import Receptor
from simcore.integrators.base import Integrator
from simcore.models.channels.base import Channel
from simcore.models.channels.ions import Ion
from simcore.step.signal import Signal
from simcore.units import Quantities
from simcore.units import QuantityLike
from typing import Any

from . import channels as channels
from .connect.base import Ends as Ends
from .connect.base import Rows as Rows
from .connect.base import Rule as Rule
from .connect.degree import FixedInDegree as FixedInDegree
from .connect.degree import FixedOutDegree as FixedOutDegree
from .connect.degree import FixedTotalNumber as FixedTotalNumber
from .connect.distance import DistanceBox as DistanceBox
from .connect.distance import DistanceExponential as DistanceExponential
from .connect.distance import DistanceGaussian as DistanceGaussian
from .connect.given import Matrix as Matrix
from .connect.given import Pairs as Pairs
from .connect.pairwise import AllToAll as AllToAll
from .connect.pairwise import FixedProbability as FixedProbability
from .connect.pairwise import OneToOne as OneToOne
from .connect.small_world import SmallWorld as SmallWorld
from .escape import ExponentialRate as _ExponentialRate
from .escape import LinearRate as _LinearRate
from .gates import AMPAGate as _AMPAGate
from .gates import GABAaGate as _GABAaGate
from .gates import Gate as Gate
from .gates import NMDAGate as _NMDAGate
from .linear import Linear as Linear
from .neurons.adex import AdExIF as _AdExIF
from .neurons.adex import AdExIFRef as _AdExIFRef
from .neurons.alif import ALIF as _ALIF
from .neurons.conductance import CondNeuron as _CondNeuron
from .neurons.expif import ExpIF as _ExpIF
from .neurons.expif import ExpIFRef as _ExpIFRef
from .neurons.fitzhugh_nagumo import FitzHughNagumo as _FitzHughNagumo
from .neurons.gif import GIF as _GIF
from .neurons.gif import GIFRef as _GIFRef
from .neurons.glif import GLIF1 as _GLIF1
from .neurons.glif import GLIF2 as _GLIF2
from .neurons.glif import GLIF3 as _GLIF3
from .neurons.glif import GLIF4 as _GLIF4
from .neurons.glif import GLIF5 as _GLIF5
from .neurons.hindmarsh_rose import HindmarshRose as _HindmarshRose
from .neurons.hodgkin_huxley import HH as _HH
from .neurons.integrate_and_fire import IF as _IF
from .neurons.izhikevich import Izhikevich as _Izhikevich
from .neurons.izhikevich import IzhikevichRef as _IzhikevichRef
from .neurons.leaky_integrator import LeakyIntegrator as _LeakyIntegrator
from .neurons.lif import LIF as _LIF
from .neurons.lif import Lif as _Lif
from .neurons.lif import LIFRef as _LIFRef
from .neurons.mat import AMAT2 as _AMAT2
from .neurons.mat import MAT2 as _MAT2
from .neurons.morris_lecar import MorrisLecar as _MorrisLecar
from .neurons.quadratic import AdQuaIF as _AdQuaIF
from .neurons.quadratic import AdQuaIFRef as _AdQuaIFRef
from .neurons.quadratic import QuaIF as _QuaIF
from .neurons.quadratic import QuaIFRef as _QuaIFRef
from .neurons.stochastic_gif import StochasticGIF as _StochasticGIF
from .neurons.traub_miles import TraubMilesHH as _TraubMilesHH
from .neurons.voltage_clamp import VoltageClamp as _VoltageClamp
from .neurons.wang_buzsaki import WangBuzsakiHH as _WangBuzsakiHH
from .plasticity.base import Plasticity as Plasticity
from .plasticity.clopath import ClopathSTDP as _ClopathSTDP
from .plasticity.dopamine import DopamineSTDP as _DopamineSTDP
from .plasticity.power_law import PowerLawSTDP as _PowerLawSTDP
from .plasticity.scaling import SynapticScaling as _SynapticScaling
from .plasticity.short_term import ShortTerm as ShortTerm
from .plasticity.short_term import TsodyksMarkram as _TsodyksMarkram
from .plasticity.stdp import STDP as _STDP
from .plasticity.traces import PostState as PostState
from .plasticity.traces import PostTrace as PostTrace
from .plasticity.traces import PreState as PreState
from .plasticity.traces import PreTrace as PreTrace
from .plasticity.traces import SynapseTrace as SynapseTrace
from .plasticity.triplet import TripletSTDP as _TripletSTDP
from .plasticity.vogels import VogelsSTDP as _VogelsSTDP
from .rates.jansen_rit import JansenRit as _JansenRit
from .rates.leaky_rate import LeakyRate as _LeakyRate
from .rates.mean_field import MontbrioPazoRoxin as _MontbrioPazoRoxin
from .rates.oscillators import Kuramoto as _Kuramoto
from .rates.oscillators import StuartLandau as _StuartLandau
from .rates.threshold_linear import ThresholdLinear as _ThresholdLinear
from .rates.wilson_cowan import WilsonCowan as _WilsonCowan
from .receptors import NMDA as _NMDA
from .receptors import Alpha as _Alpha
from .receptors import Delta as _Delta
from .receptors import DoubleExponential as _DoubleExponential
from .receptors import Exponential as _Exponential
from .receptors import GABAb as _GABAb
from .receptors import Gated as _Gated
from .receptors import GatedNMDA as _GatedNMDA
from .sources.base import Source as Source
from .sources.poisson_group import PoissonGroup as _PoissonGroup
from .sources.poisson_input import PoissonInput as PoissonInput
from .sources.spike_source import SpikeSource as _SpikeSource
from .spike_triggered import SpikeTriggeredConductance as _SpikeTriggeredConductance
from .spike_triggered import SpikeTriggeredCurrent as _SpikeTriggeredCurrent
from .spike_triggered import SpikeTriggeredThreshold as _SpikeTriggeredThreshold
from .synapses.gap_junction import GapJunction as GapJunction
from .synapses.gate_projection import GateProjection as GateProjection
from .synapses.graded import RateProjection as RateProjection
from .synapses.projection import Projection as Projection

class ExponentialRate(_ExponentialRate):
    def __init__(
        self,
        rate: QuantityLike = Quantity(1.0, "Hz"),
        delta: QuantityLike = Quantity(0.5, "mV"),
        *,
        name: str | None = None,
    ) -> None:
        r"""A rate of spikes that rises exponentially with V.

        Args:
            rate (Hz): rate where V is at the threshold
            delta (mV): rise of V that makes the rate e times as high
            name: the name in messages, until it belongs to a neuron.
        """

class LinearRate(_LinearRate):
    def __init__(
        self,
        slope: QuantityLike = Quantity(10.0, "Hz/mV"),
        *,
        name: str | None = None,
    ) -> None:
        r"""A rate of spikes that rises linearly with V above the threshold, and is 0 below.

        Args:
            slope (Hz/mV): rise of the rate with V
            name: the name in messages, until it belongs to a neuron.
        """

class AMPAGate(_AMPAGate):
    def __init__(
        self,
        alpha: QuantityLike = Quantity(1.1, "1/(ms*mM)"),
        beta: QuantityLike = Quantity(0.19, "1/ms"),
        T: QuantityLike = Quantity(1.0, "mM"),
        duration: QuantityLike = Quantity(1.0, "ms"),
        s_initializer: QuantityLike | ArrayLike | None = None,
        *,
        name: str | None = None,
    ) -> None:
        r"""AMPA receptors (reversal potential 0 mV): a spike lets a pulse of transmitter out, which binds and opens them.

        Args:
            alpha (1/(ms*mM)): rate of binding
            beta (1/ms): rate of unbinding
            T (mM): concentration of the transmitter in a pulse
            duration (ms): of a pulse
            s_initializer: initial value of s, open share of the receptors, 0 to 1
            name: the name in messages, until it belongs to a neuron.
        """

class GABAaGate(_GABAaGate, AMPAGate):
    def __init__(
        self,
        T: QuantityLike = Quantity(1.0, "mM"),
        duration: QuantityLike = Quantity(1.0, "ms"),
        alpha: QuantityLike = Quantity(5.0, "1/(ms*mM)"),
        beta: QuantityLike = Quantity(0.18, "1/ms"),
        s_initializer: QuantityLike | ArrayLike | None = None,
        *,
        name: str | None = None,
    ) -> None:
        r"""GABA-A receptors (reversal potential -80 mV): as `AMPAGate`, by the parameters of gabaa.mod, of the authors.

        Args:
            T (mM): concentration of the transmitter in a pulse
            duration (ms): of a pulse
            alpha (1/(ms*mM)): rate of binding
            beta (1/ms): rate of unbinding
            s_initializer: initial value of s, open share of the receptors, 0 to 1
            name: the name in messages, until it belongs to a neuron.
        """

class NMDAGate(_NMDAGate):
    def __init__(
        self,
        alpha: QuantityLike = Quantity(0.5, "1/ms"),
        tau_rise: QuantityLike = Quantity(2.0, "ms"),
        tau_decay: QuantityLike = Quantity(100.0, "ms"),
        s_initializer: QuantityLike | ArrayLike | None = None,
        x_initializer: QuantityLike | ArrayLike | None = None,
        *,
        name: str | None = None,
    ) -> None:
        r"""NMDA receptors, which stay open for long and so saturate; the receptor is `GatedNMDA`, with the magnesium block.

        Args:
            alpha (1/ms): rate of opening
            tau_rise (ms): rise time constant
            tau_decay (ms): decay time constant
            s_initializer: initial value of s, open share of the receptors, 0 to 1
            x_initializer: initial value of x, what opens them
            name: the name in messages, until it belongs to a neuron.
        """

class AdExIF(_AdExIF, ExpIF):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        R: QuantityLike = Quantity(1.0, "ohm"),
        tau: QuantityLike = Quantity(10.0, "ms"),
        tau_w: QuantityLike = Quantity(30.0, "ms"),
        V_th: QuantityLike = Quantity(-55.0, "mV"),
        V_reset: QuantityLike = Quantity(-68.0, "mV"),
        V_rest: QuantityLike = Quantity(-65.0, "mV"),
        V_T: QuantityLike = Quantity(-59.9, "mV"),
        delta_T: QuantityLike = Quantity(3.48, "mV"),
        a: QuantityLike = Quantity(1.0, "S"),
        b: QuantityLike = Quantity(1.0, "mA"),
        V_initializer: QuantityLike | None = None,
        w_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        tau_ref: QuantityLike | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'hard',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Adaptive exponential integrate-and-fire neuron: `ExpIF` with a current w that follows V and grows at spikes.

        Args:
            in_size: the population's size, an int or a tuple.
            R (ohm): membrane resistance
            tau (ms): membrane time constant
            tau_w (ms): time constant of the adaptation
            V_th (mV): numerical spike threshold, the cut-off of the upstroke
            V_reset (mV): membrane potential after a spike
            V_rest (mV): resting membrane potential
            V_T (mV): threshold of the exponential term
            delta_T (mV): slope factor of the spike initiation
            a (S): how the adaptation follows V
            b (mA): rise of the adaptation at a spike
            V_initializer (mV): initial value of V, membrane potential
            w_initializer (mA): initial value of w, adaptation current
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            tau_ref (ms): absolute refractory period
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class AdExIFRef(_AdExIFRef, AdExIF):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        R: QuantityLike = Quantity(1.0, "ohm"),
        tau: QuantityLike = Quantity(10.0, "ms"),
        tau_w: QuantityLike = Quantity(30.0, "ms"),
        tau_ref: QuantityLike = Quantity(1.7, "ms"),
        V_th: QuantityLike = Quantity(-55.0, "mV"),
        V_reset: QuantityLike = Quantity(-68.0, "mV"),
        V_rest: QuantityLike = Quantity(-65.0, "mV"),
        V_T: QuantityLike = Quantity(-59.9, "mV"),
        delta_T: QuantityLike = Quantity(3.48, "mV"),
        a: QuantityLike = Quantity(1.0, "S"),
        b: QuantityLike = Quantity(1.0, "mA"),
        V_initializer: QuantityLike | None = None,
        w_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'hard',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""`AdExIF` with an absolute refractory period: V is held for tau_ref after a spike, w goes on.

        Args:
            in_size: the population's size, an int or a tuple.
            R (ohm): membrane resistance
            tau (ms): membrane time constant
            tau_w (ms): time constant of the adaptation
            tau_ref (ms): absolute refractory period
            V_th (mV): numerical spike threshold, the cut-off of the upstroke
            V_reset (mV): membrane potential after a spike
            V_rest (mV): resting membrane potential
            V_T (mV): threshold of the exponential term
            delta_T (mV): slope factor of the spike initiation
            a (S): how the adaptation follows V
            b (mA): rise of the adaptation at a spike
            V_initializer (mV): initial value of V, membrane potential
            w_initializer (mA): initial value of w, adaptation current
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class ALIF(_ALIF, LIF):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        R: QuantityLike = Quantity(1.0, "ohm"),
        tau: QuantityLike = Quantity(5.0, "ms"),
        tau_a: QuantityLike = Quantity(100.0, "ms"),
        V_th: QuantityLike = Quantity(1.0, "mV"),
        V_reset: QuantityLike = Quantity(0.0, "mV"),
        V_rest: QuantityLike = Quantity(0.0, "mV"),
        beta: QuantityLike = Quantity(0.1, "mV"),
        V_initializer: QuantityLike | None = None,
        a_initializer: QuantityLike | ArrayLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        tau_ref: QuantityLike | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'soft',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Leaky integrate-and-fire neuron whose threshold rises with each of its spikes.

        Args:
            in_size: the population's size, an int or a tuple.
            R (ohm): membrane resistance
            tau (ms): membrane time constant
            tau_a (ms): time constant of the adaptation
            V_th (mV): spike threshold
            V_reset (mV): membrane potential after a spike
            V_rest (mV): resting membrane potential
            beta (mV): rise of the threshold at a spike
            V_initializer (mV): initial value of V, membrane potential
            a_initializer: initial value of a, adaptation
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            tau_ref (ms): absolute refractory period
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class CondNeuron(_CondNeuron):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        C: QuantityLike = Quantity(1.0, "uF/cm**2"),
        area: QuantityLike = Quantity(10000.0, "um**2"),
        V_th: QuantityLike = Quantity(0.0, "mV"),
        temperature: QuantityLike = Quantity(309.15, "K"),
        V_rearm: QuantityLike = Quantity(-20.0, "mV"),
        V_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        tau_ref: QuantityLike | None = None,
        channels: dict[str, Channel] | None = None,
        ions: dict[str, Ion] | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'none',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'block',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Conductance-based neuron: a membrane with the channels that it is given, BrainPy's `CondNeuGroup`.

        Args:
            in_size: the population's size, an int or a tuple.
            C (uF/cm**2): capacitance of the membrane
            area (um**2): area of the membrane, over which the input spreads
            V_th (mV): spike where V crosses it upwards
            temperature (K): of the channels that depend on it
            V_rearm (mV): the next spike counts when V has been below it
            V_initializer (mV): initial value of V, membrane potential
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            tau_ref (ms): absolute refractory period
            channels: the channels of the membrane, by name.
            ions: concentrations that channels change and follow, by the names that they call them: "ca".
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class ExpIF(_ExpIF):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        R: QuantityLike = Quantity(1.0, "ohm"),
        tau: QuantityLike = Quantity(10.0, "ms"),
        V_th: QuantityLike = Quantity(-30.0, "mV"),
        V_reset: QuantityLike = Quantity(-68.0, "mV"),
        V_rest: QuantityLike = Quantity(-65.0, "mV"),
        V_T: QuantityLike = Quantity(-59.9, "mV"),
        delta_T: QuantityLike = Quantity(3.48, "mV"),
        V_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        tau_ref: QuantityLike | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'hard',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Exponential integrate-and-fire neuron: a smooth spike initiation, cut off at V_th.

        Args:
            in_size: the population's size, an int or a tuple.
            R (ohm): membrane resistance
            tau (ms): membrane time constant
            V_th (mV): numerical spike threshold, the cut-off of the upstroke
            V_reset (mV): membrane potential after a spike
            V_rest (mV): resting membrane potential
            V_T (mV): threshold of the exponential term
            delta_T (mV): slope factor of the spike initiation
            V_initializer (mV): initial value of V, membrane potential
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            tau_ref (ms): absolute refractory period
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class ExpIFRef(_ExpIFRef, ExpIF):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        R: QuantityLike = Quantity(1.0, "ohm"),
        tau: QuantityLike = Quantity(10.0, "ms"),
        tau_ref: QuantityLike = Quantity(1.7, "ms"),
        V_th: QuantityLike = Quantity(-30.0, "mV"),
        V_reset: QuantityLike = Quantity(-68.0, "mV"),
        V_rest: QuantityLike = Quantity(-65.0, "mV"),
        V_T: QuantityLike = Quantity(-59.9, "mV"),
        delta_T: QuantityLike = Quantity(3.48, "mV"),
        V_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'hard',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""`ExpIF` with an absolute refractory period: V is held for tau_ref after a spike, whatever the input.

        Args:
            in_size: the population's size, an int or a tuple.
            R (ohm): membrane resistance
            tau (ms): membrane time constant
            tau_ref (ms): absolute refractory period
            V_th (mV): numerical spike threshold, the cut-off of the upstroke
            V_reset (mV): membrane potential after a spike
            V_rest (mV): resting membrane potential
            V_T (mV): threshold of the exponential term
            delta_T (mV): slope factor of the spike initiation
            V_initializer (mV): initial value of V, membrane potential
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class FitzHughNagumo(_FitzHughNagumo):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        a: QuantityLike | ArrayLike = 0.7,
        b: QuantityLike | ArrayLike = 0.8,
        tau: QuantityLike = Quantity(1.0, "ms"),
        tau_w: QuantityLike = Quantity(12.5, "ms"),
        V_th: QuantityLike | ArrayLike = 1.0,
        V_rearm: QuantityLike | ArrayLike = 0.0,
        V_initializer: QuantityLike | ArrayLike | None = None,
        w_initializer: QuantityLike | ArrayLike | None = None,
        *,
        tau_ref: QuantityLike | None = None,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'none',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'block',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""FitzHugh-Nagumo neuron: excitability in two variables without a unit.

        Args:
            in_size: the population's size, an int or a tuple.
            a: offset of the recovery variable
            b: decay of the recovery variable
            tau (ms): time constant of V
            tau_w (ms): time constant of the recovery variable
            V_th: spike where V crosses it upwards
            V_rearm: the next spike counts when V has been below it
            V_initializer: initial value of V, membrane potential
            w_initializer: initial value of w, recovery variable
            tau_ref (ms): absolute refractory period
            noise (1/ms**0.5): amplitude of white noise on V, or a dict of them by state
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class GIF(_GIF):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        V_rest: QuantityLike = Quantity(-70.0, "mV"),
        V_reset: QuantityLike = Quantity(-70.0, "mV"),
        V_th_inf: QuantityLike = Quantity(-50.0, "mV"),
        V_th_reset: QuantityLike = Quantity(-60.0, "mV"),
        R: QuantityLike = Quantity(20.0, "ohm"),
        tau: QuantityLike = Quantity(20.0, "ms"),
        a: QuantityLike = Quantity(0.0, "1/ms"),
        b: QuantityLike = Quantity(0.01, "1/ms"),
        k1: QuantityLike = Quantity(0.2, "1/ms"),
        k2: QuantityLike = Quantity(0.02, "1/ms"),
        R1: QuantityLike | ArrayLike = 0.0,
        R2: QuantityLike | ArrayLike = 1.0,
        A1: QuantityLike = Quantity(0.0, "mA"),
        A2: QuantityLike = Quantity(0.0, "mA"),
        V_initializer: QuantityLike | None = None,
        I1_initializer: QuantityLike | None = None,
        I2_initializer: QuantityLike | None = None,
        Vth_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        tau_ref: QuantityLike | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'hard',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Generalized integrate-and-fire neuron: two spike-induced currents and a threshold that moves with V.

        Args:
            in_size: the population's size, an int or a tuple.
            V_rest (mV): resting membrane potential
            V_reset (mV): membrane potential after a spike
            V_th_inf (mV): threshold at rest
            V_th_reset (mV): lowest threshold after a spike
            R (ohm): membrane resistance
            tau (ms): membrane time constant
            a (1/ms): how the threshold follows V
            b (1/ms): rate at which the threshold returns to V_th_inf
            k1 (1/ms): decay rate of I1
            k2 (1/ms): decay rate of I2
            R1: share of I1 kept at a spike
            R2: share of I2 kept at a spike
            A1 (mA): jump of I1 at a spike
            A2 (mA): jump of I2 at a spike
            V_initializer (mV): initial value of V, membrane potential
            I1_initializer (mA): initial value of I1, first spike-induced current
            I2_initializer (mA): initial value of I2, second spike-induced current
            Vth_initializer (mV): initial value of V_th, spike threshold
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            tau_ref (ms): absolute refractory period
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class GIFRef(_GIFRef, GIF):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        V_rest: QuantityLike = Quantity(-70.0, "mV"),
        V_reset: QuantityLike = Quantity(-70.0, "mV"),
        V_th_inf: QuantityLike = Quantity(-50.0, "mV"),
        V_th_reset: QuantityLike = Quantity(-60.0, "mV"),
        R: QuantityLike = Quantity(20.0, "ohm"),
        tau: QuantityLike = Quantity(20.0, "ms"),
        a: QuantityLike = Quantity(0.0, "1/ms"),
        b: QuantityLike = Quantity(0.01, "1/ms"),
        k1: QuantityLike = Quantity(0.2, "1/ms"),
        k2: QuantityLike = Quantity(0.02, "1/ms"),
        R1: QuantityLike | ArrayLike = 0.0,
        R2: QuantityLike | ArrayLike = 1.0,
        A1: QuantityLike = Quantity(0.0, "mA"),
        A2: QuantityLike = Quantity(0.0, "mA"),
        tau_ref: QuantityLike = Quantity(0.0, "ms"),
        V_initializer: QuantityLike | None = None,
        I1_initializer: QuantityLike | None = None,
        I2_initializer: QuantityLike | None = None,
        Vth_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'hard',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""`GIF` with an absolute refractory period: V is held for tau_ref after a spike; I1, I2 and V_th go on.

        Args:
            in_size: the population's size, an int or a tuple.
            V_rest (mV): resting membrane potential
            V_reset (mV): membrane potential after a spike
            V_th_inf (mV): threshold at rest
            V_th_reset (mV): lowest threshold after a spike
            R (ohm): membrane resistance
            tau (ms): membrane time constant
            a (1/ms): how the threshold follows V
            b (1/ms): rate at which the threshold returns to V_th_inf
            k1 (1/ms): decay rate of I1
            k2 (1/ms): decay rate of I2
            R1: share of I1 kept at a spike
            R2: share of I2 kept at a spike
            A1 (mA): jump of I1 at a spike
            A2 (mA): jump of I2 at a spike
            tau_ref (ms): absolute refractory period
            V_initializer (mV): initial value of V, membrane potential
            I1_initializer (mA): initial value of I1, first spike-induced current
            I2_initializer (mA): initial value of I2, second spike-induced current
            Vth_initializer (mV): initial value of V_th, spike threshold
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class GLIF1(_GLIF1):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        C: QuantityLike = Quantity(58.72, "pF"),
        G: QuantityLike = Quantity(9.43, "nS"),
        V_th: QuantityLike = Quantity(-51.68, "mV"),
        V_reset: QuantityLike = Quantity(-78.85, "mV"),
        V_rest: QuantityLike = Quantity(-78.85, "mV"),
        tau_ref: QuantityLike = Quantity(3.75, "ms"),
        V_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'hard',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Generalized leaky integrate-and-fire neuron, level 1: a leaky V with a fixed threshold and reset.

        Args:
            in_size: the population's size, an int or a tuple.
            C (pF): capacitance
            G (nS): conductance of the leak
            V_th (mV): spike threshold
            V_reset (mV): membrane potential after a spike
            V_rest (mV): resting membrane potential
            tau_ref (ms): absolute refractory period
            V_initializer (mV): initial value of V, membrane potential
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class GLIF2(_GLIF2, GLIF1):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        C: QuantityLike = Quantity(58.72, "pF"),
        G: QuantityLike = Quantity(9.43, "nS"),
        V_th: QuantityLike = Quantity(-51.68, "mV"),
        V_rest: QuantityLike = Quantity(-78.85, "mV"),
        tau_ref: QuantityLike = Quantity(3.75, "ms"),
        f_v: QuantityLike | ArrayLike = 0.2,
        delta_V: QuantityLike = Quantity(18.51, "mV"),
        b_s: QuantityLike = Quantity(0.009, "1/ms"),
        delta_theta_s: QuantityLike = Quantity(0.37, "mV"),
        V_initializer: QuantityLike | None = None,
        theta_s_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'hard',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""`GLIF1` with reset rules: V after a spike follows V at it, and the threshold rises.

        Args:
            in_size: the population's size, an int or a tuple.
            C (pF): capacitance
            G (nS): conductance of the leak
            V_th (mV): spike threshold without spikes
            V_rest (mV): resting membrane potential
            tau_ref (ms): absolute refractory period
            f_v: share of V - V_rest kept at a spike
            delta_V (mV): rise of V at a spike
            b_s (1/ms): rate at which theta_s decays
            delta_theta_s (mV): rise of theta_s at a spike
            V_initializer (mV): initial value of V, membrane potential
            theta_s_initializer (mV): initial value of theta_s, rise of the threshold by spikes
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class GLIF3(_GLIF3, GLIF1):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        C: QuantityLike = Quantity(58.72, "pF"),
        G: QuantityLike = Quantity(9.43, "nS"),
        V_th: QuantityLike = Quantity(-51.68, "mV"),
        V_reset: QuantityLike = Quantity(-78.85, "mV"),
        V_rest: QuantityLike = Quantity(-78.85, "mV"),
        tau_ref: QuantityLike = Quantity(3.75, "ms"),
        k1: QuantityLike = Quantity(0.003, "1/ms"),
        k2: QuantityLike = Quantity(0.1, "1/ms"),
        r1: QuantityLike | ArrayLike = 1.0,
        r2: QuantityLike | ArrayLike = 1.0,
        delta_I1: QuantityLike = Quantity(-9.18, "pA"),
        delta_I2: QuantityLike = Quantity(-198.94, "pA"),
        V_initializer: QuantityLike | None = None,
        I1_initializer: QuantityLike | None = None,
        I2_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'hard',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""`GLIF1` with two after-spike currents.

        Args:
            in_size: the population's size, an int or a tuple.
            C (pF): capacitance
            G (nS): conductance of the leak
            V_th (mV): spike threshold
            V_reset (mV): membrane potential after a spike
            V_rest (mV): resting membrane potential
            tau_ref (ms): absolute refractory period
            k1 (1/ms): rate at which I1 decays
            k2 (1/ms): rate at which I2 decays
            r1: share of I1 kept at a spike
            r2: share of I2 kept at a spike
            delta_I1 (pA): rise of I1 at a spike
            delta_I2 (pA): rise of I2 at a spike
            V_initializer (mV): initial value of V, membrane potential
            I1_initializer (pA): initial value of I1, first after-spike current
            I2_initializer (pA): initial value of I2, second after-spike current
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class GLIF4(_GLIF4, GLIF3, GLIF2):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        C: QuantityLike = Quantity(58.72, "pF"),
        G: QuantityLike = Quantity(9.43, "nS"),
        V_th: QuantityLike = Quantity(-51.68, "mV"),
        V_rest: QuantityLike = Quantity(-78.85, "mV"),
        tau_ref: QuantityLike = Quantity(3.75, "ms"),
        f_v: QuantityLike | ArrayLike = 0.2,
        delta_V: QuantityLike = Quantity(18.51, "mV"),
        b_s: QuantityLike = Quantity(0.009, "1/ms"),
        delta_theta_s: QuantityLike = Quantity(0.37, "mV"),
        k1: QuantityLike = Quantity(0.003, "1/ms"),
        k2: QuantityLike = Quantity(0.1, "1/ms"),
        r1: QuantityLike | ArrayLike = 1.0,
        r2: QuantityLike | ArrayLike = 1.0,
        delta_I1: QuantityLike = Quantity(-9.18, "pA"),
        delta_I2: QuantityLike = Quantity(-198.94, "pA"),
        V_initializer: QuantityLike | None = None,
        theta_s_initializer: QuantityLike | None = None,
        I1_initializer: QuantityLike | None = None,
        I2_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'hard',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""`GLIF1` with the reset rules of `GLIF2` and the after-spike currents of `GLIF3`.

        Args:
            in_size: the population's size, an int or a tuple.
            C (pF): capacitance
            G (nS): conductance of the leak
            V_th (mV): spike threshold without spikes
            V_rest (mV): resting membrane potential
            tau_ref (ms): absolute refractory period
            f_v: share of V - V_rest kept at a spike
            delta_V (mV): rise of V at a spike
            b_s (1/ms): rate at which theta_s decays
            delta_theta_s (mV): rise of theta_s at a spike
            k1 (1/ms): rate at which I1 decays
            k2 (1/ms): rate at which I2 decays
            r1: share of I1 kept at a spike
            r2: share of I2 kept at a spike
            delta_I1 (pA): rise of I1 at a spike
            delta_I2 (pA): rise of I2 at a spike
            V_initializer (mV): initial value of V, membrane potential
            theta_s_initializer (mV): initial value of theta_s, rise of the threshold by spikes
            I1_initializer (pA): initial value of I1, first after-spike current
            I2_initializer (pA): initial value of I2, second after-spike current
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class GLIF5(_GLIF5, GLIF4):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        C: QuantityLike = Quantity(58.72, "pF"),
        G: QuantityLike = Quantity(9.43, "nS"),
        V_th: QuantityLike = Quantity(-51.68, "mV"),
        V_rest: QuantityLike = Quantity(-78.85, "mV"),
        tau_ref: QuantityLike = Quantity(3.75, "ms"),
        f_v: QuantityLike | ArrayLike = 0.2,
        delta_V: QuantityLike = Quantity(18.51, "mV"),
        b_s: QuantityLike = Quantity(0.009, "1/ms"),
        delta_theta_s: QuantityLike = Quantity(0.37, "mV"),
        k1: QuantityLike = Quantity(0.003, "1/ms"),
        k2: QuantityLike = Quantity(0.1, "1/ms"),
        r1: QuantityLike | ArrayLike = 1.0,
        r2: QuantityLike | ArrayLike = 1.0,
        delta_I1: QuantityLike = Quantity(-9.18, "pA"),
        delta_I2: QuantityLike = Quantity(-198.94, "pA"),
        a_v: QuantityLike = Quantity(0.005, "1/ms"),
        b_v: QuantityLike = Quantity(0.09, "1/ms"),
        V_initializer: QuantityLike | None = None,
        theta_s_initializer: QuantityLike | None = None,
        I1_initializer: QuantityLike | None = None,
        I2_initializer: QuantityLike | None = None,
        theta_v_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'hard',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""`GLIF4` with a threshold that follows V.

        Args:
            in_size: the population's size, an int or a tuple.
            C (pF): capacitance
            G (nS): conductance of the leak
            V_th (mV): spike threshold without spikes
            V_rest (mV): resting membrane potential
            tau_ref (ms): absolute refractory period
            f_v: share of V - V_rest kept at a spike
            delta_V (mV): rise of V at a spike
            b_s (1/ms): rate at which theta_s decays
            delta_theta_s (mV): rise of theta_s at a spike
            k1 (1/ms): rate at which I1 decays
            k2 (1/ms): rate at which I2 decays
            r1: share of I1 kept at a spike
            r2: share of I2 kept at a spike
            delta_I1 (pA): rise of I1 at a spike
            delta_I2 (pA): rise of I2 at a spike
            a_v (1/ms): how theta_v follows V
            b_v (1/ms): rate at which theta_v decays
            V_initializer (mV): initial value of V, membrane potential
            theta_s_initializer (mV): initial value of theta_s, rise of the threshold by spikes
            I1_initializer (pA): initial value of I1, first after-spike current
            I2_initializer (pA): initial value of I2, second after-spike current
            theta_v_initializer (mV): initial value of theta_v, rise of the threshold by V
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class HindmarshRose(_HindmarshRose):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        a: QuantityLike | ArrayLike = 1.0,
        b: QuantityLike | ArrayLike = 3.0,
        c: QuantityLike | ArrayLike = 1.0,
        d: QuantityLike | ArrayLike = 5.0,
        r: QuantityLike | ArrayLike = 0.001,
        s: QuantityLike | ArrayLike = 4.0,
        V_rest: QuantityLike | ArrayLike = -1.6,
        V_th: QuantityLike | ArrayLike = 1.0,
        tau: QuantityLike = Quantity(1.0, "ms"),
        V_rearm: QuantityLike | ArrayLike = 0.0,
        V_initializer: QuantityLike | ArrayLike | None = None,
        y_initializer: QuantityLike | ArrayLike | None = None,
        z_initializer: QuantityLike | ArrayLike | None = None,
        *,
        tau_ref: QuantityLike | None = None,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'none',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'block',
        method: str | Integrator | None = 'rk4',
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Hindmarsh-Rose neuron: bursts in three variables without a unit; z is slow and ends a burst.

        Args:
            in_size: the population's size, an int or a tuple.
            a: cubic coefficient of V
            b: quadratic coefficient of V
            c: offset of y
            d: quadratic coefficient of y
            r: rate of z over that of V
            s: how z follows V
            V_rest: resting potential, where z = 0
            V_th: spike where V crosses it upwards
            tau (ms): unit of time
            V_rearm: the next spike counts when V has been below it
            V_initializer: initial value of V, membrane potential
            y_initializer: initial value of y, fast recovery variable
            z_initializer: initial value of z, slow adaptation
            tau_ref (ms): absolute refractory period
            noise (1/ms**0.5): amplitude of white noise on V, or a dict of them by state
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class HH(_HH):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        ENa: QuantityLike = Quantity(50.0, "mV"),
        gNa: QuantityLike = Quantity(120.0, "mS/cm**2"),
        EK: QuantityLike = Quantity(-77.0, "mV"),
        gK: QuantityLike = Quantity(36.0, "mS/cm**2"),
        EL: QuantityLike = Quantity(-54.387, "mV"),
        gL: QuantityLike = Quantity(0.3, "mS/cm**2"),
        V_th: QuantityLike = Quantity(20.0, "mV"),
        C: QuantityLike = Quantity(1.0, "uF/cm**2"),
        area: QuantityLike = Quantity(10000.0, "um**2"),
        phi: QuantityLike | ArrayLike = 1.0,
        V_rearm: QuantityLike = Quantity(-20.0, "mV"),
        V_initializer: QuantityLike | None = None,
        m_initializer: QuantityLike | ArrayLike | None = None,
        h_initializer: QuantityLike | ArrayLike | None = None,
        n_initializer: QuantityLike | ArrayLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        tau_ref: QuantityLike | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'none',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'block',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Hodgkin-Huxley neuron: the action potential of the squid's giant axon, V shifted so that it rests at -65 mV.

        Args:
            in_size: the population's size, an int or a tuple.
            ENa (mV): reversal potential of sodium
            gNa (mS/cm**2): maximal conductance of sodium
            EK (mV): reversal potential of potassium
            gK (mS/cm**2): maximal conductance of potassium
            EL (mV): reversal potential of the leak
            gL (mS/cm**2): conductance of the leak
            V_th (mV): spike where V crosses it upwards
            C (uF/cm**2): capacitance of the membrane
            area (um**2): area of the membrane, over which the input spreads
            phi: temperature factor of the rates
            V_rearm (mV): the next spike counts when V has been below it
            V_initializer (mV): initial value of V, membrane potential
            m_initializer: initial value of m, activation of sodium
            h_initializer: initial value of h, inactivation of sodium
            n_initializer: initial value of n, activation of potassium
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            tau_ref (ms): absolute refractory period
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class IF(_IF):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        R: QuantityLike = Quantity(1.0, "ohm"),
        tau: QuantityLike = Quantity(5.0, "ms"),
        V_th: QuantityLike = Quantity(1.0, "mV"),
        V_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        tau_ref: QuantityLike | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'soft',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Perfect integrate-and-fire neuron: no leak, so V keeps every charge until the next spike.

        Args:
            in_size: the population's size, an int or a tuple.
            R (ohm): membrane resistance
            tau (ms): membrane time constant
            V_th (mV): spike threshold
            V_initializer (mV): initial value of V, membrane potential
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            tau_ref (ms): absolute refractory period
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class Izhikevich(_Izhikevich):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        a: QuantityLike = Quantity(0.02, "1/ms"),
        b: QuantityLike = Quantity(0.2, "1/ms"),
        c: QuantityLike = Quantity(-65.0, "mV"),
        d: QuantityLike = Quantity(8.0, "mV/ms"),
        V_th: QuantityLike = Quantity(30.0, "mV"),
        C: QuantityLike = Quantity(1.0, "pF"),
        p1: QuantityLike = Quantity(0.04, "1/mV/ms"),
        p2: QuantityLike = Quantity(5.0, "1/ms"),
        p3: QuantityLike = Quantity(140.0, "mV/ms"),
        V_initializer: QuantityLike | None = None,
        u_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        tau_ref: QuantityLike | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'hard',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Izhikevich neuron: a parabola for the onset of spikes and a recovery variable, for many patterns of firing.

        Args:
            in_size: the population's size, an int or a tuple.
            a (1/ms): rate of the recovery variable
            b (1/ms): how the recovery variable follows V
            c (mV): membrane potential after a spike
            d (mV/ms): rise of the recovery variable at a spike
            V_th (mV): peak of a spike
            C (pF): membrane capacitance, by which an input acts
            p1 (1/mV/ms): quadratic coefficient
            p2 (1/ms): linear coefficient
            p3 (mV/ms): constant coefficient
            V_initializer (mV): initial value of V, membrane potential
            u_initializer (mV/ms): initial value of u, recovery variable
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            tau_ref (ms): absolute refractory period
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class IzhikevichRef(_IzhikevichRef, Izhikevich):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        a: QuantityLike = Quantity(0.02, "1/ms"),
        b: QuantityLike = Quantity(0.2, "1/ms"),
        c: QuantityLike = Quantity(-65.0, "mV"),
        d: QuantityLike = Quantity(8.0, "mV/ms"),
        V_th: QuantityLike = Quantity(30.0, "mV"),
        tau_ref: QuantityLike = Quantity(0.0, "ms"),
        C: QuantityLike = Quantity(1.0, "pF"),
        p1: QuantityLike = Quantity(0.04, "1/mV/ms"),
        p2: QuantityLike = Quantity(5.0, "1/ms"),
        p3: QuantityLike = Quantity(140.0, "mV/ms"),
        V_initializer: QuantityLike | None = None,
        u_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'hard',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""`Izhikevich` with an absolute refractory period: V is held for tau_ref after a spike, u goes on.

        Args:
            in_size: the population's size, an int or a tuple.
            a (1/ms): rate of the recovery variable
            b (1/ms): how the recovery variable follows V
            c (mV): membrane potential after a spike
            d (mV/ms): rise of the recovery variable at a spike
            V_th (mV): peak of a spike
            tau_ref (ms): absolute refractory period
            C (pF): membrane capacitance, by which an input acts
            p1 (1/mV/ms): quadratic coefficient
            p2 (1/ms): linear coefficient
            p3 (mV/ms): constant coefficient
            V_initializer (mV): initial value of V, membrane potential
            u_initializer (mV/ms): initial value of u, recovery variable
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class LeakyIntegrator(_LeakyIntegrator):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        R: QuantityLike = Quantity(1.0, "ohm"),
        tau: QuantityLike = Quantity(20.0, "ms"),
        V_rest: QuantityLike = Quantity(0.0, "mV"),
        V_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        tau_ref: QuantityLike | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'soft',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Membrane without spikes, whose V is read out (snnTorch's `Leaky` without reset, Norse's `LICell`).

        Args:
            in_size: the population's size, an int or a tuple.
            R (ohm): membrane resistance
            tau (ms): membrane time constant
            V_rest (mV): resting membrane potential
            V_initializer (mV): initial value of V, membrane potential
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            tau_ref (ms): absolute refractory period
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class LIF(_LIF):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        R: QuantityLike = Quantity(1.0, "ohm"),
        tau: QuantityLike = Quantity(5.0, "ms"),
        V_th: QuantityLike = Quantity(1.0, "mV"),
        V_reset: QuantityLike = Quantity(0.0, "mV"),
        V_rest: QuantityLike = Quantity(0.0, "mV"),
        V_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        tau_ref: QuantityLike | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'soft',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Leaky integrate-and-fire neuron driven by a current.

        Args:
            in_size: the population's size, an int or a tuple.
            R (ohm): membrane resistance
            tau (ms): membrane time constant
            V_th (mV): spike threshold
            V_reset (mV): membrane potential after a spike
            V_rest (mV): resting membrane potential
            V_initializer (mV): initial value of V, membrane potential
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            tau_ref (ms): absolute refractory period
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class Lif(_Lif, LIF):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        V_rest: QuantityLike = Quantity(0.0, "mV"),
        V_reset: QuantityLike = Quantity(-5.0, "mV"),
        V_th: QuantityLike = Quantity(20.0, "mV"),
        R: QuantityLike = Quantity(1.0, "ohm"),
        tau: QuantityLike = Quantity(10.0, "ms"),
        V_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        tau_ref: QuantityLike | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'hard',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""`LIF` with the classic defaults, hard reset among them.

        Args:
            in_size: the population's size, an int or a tuple.
            V_rest (mV): resting membrane potential
            V_reset (mV): membrane potential after a spike
            V_th (mV): spike threshold
            R (ohm): membrane resistance
            tau (ms): membrane time constant
            V_initializer (mV): initial value of V, membrane potential
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            tau_ref (ms): absolute refractory period
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class LIFRef(_LIFRef, LIF):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        R: QuantityLike = Quantity(1.0, "ohm"),
        tau: QuantityLike = Quantity(5.0, "ms"),
        tau_ref: QuantityLike = Quantity(5.0, "ms"),
        V_th: QuantityLike = Quantity(1.0, "mV"),
        V_reset: QuantityLike = Quantity(0.0, "mV"),
        V_rest: QuantityLike = Quantity(0.0, "mV"),
        V_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'soft',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""`LIF` with an absolute refractory period: V is held for tau_ref after a spike, whatever the input.

        Args:
            in_size: the population's size, an int or a tuple.
            R (ohm): membrane resistance
            tau (ms): membrane time constant
            tau_ref (ms): absolute refractory period
            V_th (mV): spike threshold
            V_reset (mV): membrane potential after a spike
            V_rest (mV): resting membrane potential
            V_initializer (mV): initial value of V, membrane potential
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class AMAT2(_AMAT2, MAT2):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        R: QuantityLike = Quantity(50.0, "Mohm"),
        tau: QuantityLike = Quantity(10.0, "ms"),
        V_rest: QuantityLike = Quantity(-70.0, "mV"),
        V_th: QuantityLike = Quantity(-65.0, "mV"),
        alpha1: QuantityLike = Quantity(10.0, "mV"),
        alpha2: QuantityLike = Quantity(0.0, "mV"),
        tau1: QuantityLike = Quantity(10.0, "ms"),
        tau2: QuantityLike = Quantity(200.0, "ms"),
        beta: QuantityLike = Quantity(0.0, "1/ms"),
        tau_V: QuantityLike = Quantity(5.0, "ms"),
        tau_ref: QuantityLike = Quantity(2.0, "ms"),
        V_initializer: QuantityLike | None = None,
        theta1_initializer: QuantityLike | None = None,
        theta2_initializer: QuantityLike | None = None,
        x_initializer: QuantityLike | None = None,
        y_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'none',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'block',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Augmented `MAT2`: the threshold follows changes of V too.

        Args:
            in_size: the population's size, an int or a tuple.
            R (Mohm): membrane resistance
            tau (ms): membrane time constant
            V_rest (mV): resting membrane potential
            V_th (mV): threshold without spikes at a constant V
            alpha1 (mV): rise of the first part of the threshold at a spike
            alpha2 (mV): rise of the second part of the threshold at a spike
            tau1 (ms): time constant of the first part of the threshold
            tau2 (ms): time constant of the second part of the threshold
            beta (1/ms): how the threshold follows changes of V
            tau_V (ms): time constant with which it follows them
            tau_ref (ms): absolute refractory period
            V_initializer (mV): initial value of V, membrane potential
            theta1_initializer (mV): initial value of theta1, first part of the threshold
            theta2_initializer (mV): initial value of theta2, second part of the threshold
            x_initializer (mV): initial value of x, changes of V, filtered once
            y_initializer (mV*ms): initial value of y, changes of V, filtered twice
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class MAT2(_MAT2):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        R: QuantityLike = Quantity(50.0, "Mohm"),
        tau: QuantityLike = Quantity(5.0, "ms"),
        V_rest: QuantityLike = Quantity(-70.0, "mV"),
        V_th: QuantityLike = Quantity(-51.0, "mV"),
        alpha1: QuantityLike = Quantity(37.0, "mV"),
        alpha2: QuantityLike = Quantity(2.0, "mV"),
        tau1: QuantityLike = Quantity(10.0, "ms"),
        tau2: QuantityLike = Quantity(200.0, "ms"),
        tau_ref: QuantityLike = Quantity(2.0, "ms"),
        V_initializer: QuantityLike | None = None,
        theta1_initializer: QuantityLike | None = None,
        theta2_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'none',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'block',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Multi-timescale adaptive threshold: a leaky V that is never reset, and a threshold with two memories of spikes.

        Args:
            in_size: the population's size, an int or a tuple.
            R (Mohm): membrane resistance
            tau (ms): membrane time constant
            V_rest (mV): resting membrane potential
            V_th (mV): threshold without spikes
            alpha1 (mV): rise of the first part of the threshold at a spike
            alpha2 (mV): rise of the second part of the threshold at a spike
            tau1 (ms): time constant of the first part of the threshold
            tau2 (ms): time constant of the second part of the threshold
            tau_ref (ms): absolute refractory period
            V_initializer (mV): initial value of V, membrane potential
            theta1_initializer (mV): initial value of theta1, first part of the threshold
            theta2_initializer (mV): initial value of theta2, second part of the threshold
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class MorrisLecar(_MorrisLecar):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        V_Ca: QuantityLike = Quantity(120.0, "mV"),
        g_Ca: QuantityLike = Quantity(4.4, "mS/cm**2"),
        V_K: QuantityLike = Quantity(-84.0, "mV"),
        g_K: QuantityLike = Quantity(8.0, "mS/cm**2"),
        V_leak: QuantityLike = Quantity(-60.0, "mV"),
        g_leak: QuantityLike = Quantity(2.0, "mS/cm**2"),
        C: QuantityLike = Quantity(20.0, "uF/cm**2"),
        V1: QuantityLike = Quantity(-1.2, "mV"),
        V2: QuantityLike = Quantity(18.0, "mV"),
        V3: QuantityLike = Quantity(2.0, "mV"),
        V4: QuantityLike = Quantity(30.0, "mV"),
        phi: QuantityLike = Quantity(0.04, "1/ms"),
        V_th: QuantityLike = Quantity(10.0, "mV"),
        area: QuantityLike = Quantity(10000.0, "um**2"),
        V_rearm: QuantityLike = Quantity(-10.0, "mV"),
        V_initializer: QuantityLike | None = None,
        W_initializer: QuantityLike | ArrayLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        tau_ref: QuantityLike | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'none',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'block',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Morris-Lecar neuron: a calcium current without delay and a slow potassium current, in two variables.

        Args:
            in_size: the population's size, an int or a tuple.
            V_Ca (mV): reversal potential of calcium
            g_Ca (mS/cm**2): maximal conductance of calcium
            V_K (mV): reversal potential of potassium
            g_K (mS/cm**2): maximal conductance of potassium
            V_leak (mV): reversal potential of the leak
            g_leak (mS/cm**2): conductance of the leak
            C (uF/cm**2): capacitance of the membrane
            V1 (mV): where half of the calcium channels are open
            V2 (mV): width of their activation
            V3 (mV): where half of the potassium channels are open
            V4 (mV): width of their activation
            phi (1/ms): rate of W at V3
            V_th (mV): spike where V crosses it upwards
            area (um**2): area of the membrane, over which the input spreads
            V_rearm (mV): the next spike counts when V has been below it
            V_initializer (mV): initial value of V, membrane potential
            W_initializer: initial value of W, activation of potassium
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            tau_ref (ms): absolute refractory period
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class AdQuaIF(_AdQuaIF, QuaIF):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        R: QuantityLike = Quantity(1.0, "ohm"),
        tau: QuantityLike = Quantity(10.0, "ms"),
        tau_w: QuantityLike = Quantity(10.0, "ms"),
        V_th: QuantityLike = Quantity(-30.0, "mV"),
        V_reset: QuantityLike = Quantity(-68.0, "mV"),
        V_rest: QuantityLike = Quantity(-65.0, "mV"),
        V_c: QuantityLike = Quantity(-50.0, "mV"),
        c: QuantityLike = Quantity(0.07, "1/mV"),
        a: QuantityLike = Quantity(1.0, "S"),
        b: QuantityLike = Quantity(0.1, "mA"),
        V_initializer: QuantityLike | None = None,
        w_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        tau_ref: QuantityLike | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'hard',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Adaptive quadratic integrate-and-fire neuron: `QuaIF` with a current w that follows V and grows at spikes.

        Args:
            in_size: the population's size, an int or a tuple.
            R (ohm): membrane resistance
            tau (ms): membrane time constant
            tau_w (ms): time constant of the adaptation
            V_th (mV): numerical spike threshold, the cut-off of the upstroke
            V_reset (mV): membrane potential after a spike
            V_rest (mV): resting membrane potential
            V_c (mV): critical potential, from which V runs away
            c (1/mV): curvature
            a (S): how the adaptation follows V
            b (mA): rise of the adaptation at a spike
            V_initializer (mV): initial value of V, membrane potential
            w_initializer (mA): initial value of w, adaptation current
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            tau_ref (ms): absolute refractory period
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class AdQuaIFRef(_AdQuaIFRef, AdQuaIF):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        R: QuantityLike = Quantity(1.0, "ohm"),
        tau: QuantityLike = Quantity(10.0, "ms"),
        tau_w: QuantityLike = Quantity(10.0, "ms"),
        tau_ref: QuantityLike = Quantity(1.7, "ms"),
        V_th: QuantityLike = Quantity(-30.0, "mV"),
        V_reset: QuantityLike = Quantity(-68.0, "mV"),
        V_rest: QuantityLike = Quantity(-65.0, "mV"),
        V_c: QuantityLike = Quantity(-50.0, "mV"),
        c: QuantityLike = Quantity(0.07, "1/mV"),
        a: QuantityLike = Quantity(1.0, "S"),
        b: QuantityLike = Quantity(0.1, "mA"),
        V_initializer: QuantityLike | None = None,
        w_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'hard',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""`AdQuaIF` with an absolute refractory period: V is held for tau_ref after a spike, w goes on.

        Args:
            in_size: the population's size, an int or a tuple.
            R (ohm): membrane resistance
            tau (ms): membrane time constant
            tau_w (ms): time constant of the adaptation
            tau_ref (ms): absolute refractory period
            V_th (mV): numerical spike threshold, the cut-off of the upstroke
            V_reset (mV): membrane potential after a spike
            V_rest (mV): resting membrane potential
            V_c (mV): critical potential, from which V runs away
            c (1/mV): curvature
            a (S): how the adaptation follows V
            b (mA): rise of the adaptation at a spike
            V_initializer (mV): initial value of V, membrane potential
            w_initializer (mA): initial value of w, adaptation current
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class QuaIF(_QuaIF):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        R: QuantityLike = Quantity(1.0, "ohm"),
        tau: QuantityLike = Quantity(10.0, "ms"),
        V_th: QuantityLike = Quantity(-30.0, "mV"),
        V_reset: QuantityLike = Quantity(-68.0, "mV"),
        V_rest: QuantityLike = Quantity(-65.0, "mV"),
        V_c: QuantityLike = Quantity(-50.0, "mV"),
        c: QuantityLike = Quantity(0.07, "1/mV"),
        V_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        tau_ref: QuantityLike | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'hard',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Quadratic integrate-and-fire neuron: the normal form of the transition from rest to firing by a saddle-node.

        Args:
            in_size: the population's size, an int or a tuple.
            R (ohm): membrane resistance
            tau (ms): membrane time constant
            V_th (mV): numerical spike threshold, the cut-off of the upstroke
            V_reset (mV): membrane potential after a spike
            V_rest (mV): resting membrane potential
            V_c (mV): critical potential, from which V runs away
            c (1/mV): curvature
            V_initializer (mV): initial value of V, membrane potential
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            tau_ref (ms): absolute refractory period
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class QuaIFRef(_QuaIFRef, QuaIF):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        R: QuantityLike = Quantity(1.0, "ohm"),
        tau: QuantityLike = Quantity(10.0, "ms"),
        tau_ref: QuantityLike = Quantity(1.7, "ms"),
        V_th: QuantityLike = Quantity(-30.0, "mV"),
        V_reset: QuantityLike = Quantity(-68.0, "mV"),
        V_rest: QuantityLike = Quantity(-65.0, "mV"),
        V_c: QuantityLike = Quantity(-50.0, "mV"),
        c: QuantityLike = Quantity(0.07, "1/mV"),
        V_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'hard',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""`QuaIF` with an absolute refractory period: V is held for tau_ref after a spike, whatever the input.

        Args:
            in_size: the population's size, an int or a tuple.
            R (ohm): membrane resistance
            tau (ms): membrane time constant
            tau_ref (ms): absolute refractory period
            V_th (mV): numerical spike threshold, the cut-off of the upstroke
            V_reset (mV): membrane potential after a spike
            V_rest (mV): resting membrane potential
            V_c (mV): critical potential, from which V runs away
            c (1/mV): curvature
            V_initializer (mV): initial value of V, membrane potential
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class StochasticGIF(_StochasticGIF):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        C: QuantityLike = Quantity(80.0, "pF"),
        gL: QuantityLike = Quantity(4.0, "nS"),
        V_th: QuantityLike = Quantity(-35.0, "mV"),
        V_reset: QuantityLike = Quantity(-55.0, "mV"),
        V_rest: QuantityLike = Quantity(-70.0, "mV"),
        tau_ref: QuantityLike = Quantity(4.0, "ms"),
        V_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        currents: Any = ...,
        thresholds: Any = ...,
        jump: str = 'spike',
        escape: Escape | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'hard',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'hold',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Leaky integrate-and-fire neuron that spikes at random, with currents and thresholds that its spikes trigger.

        Args:
            in_size: the population's size, an int or a tuple.
            C (pF): capacitance
            gL (nS): conductance of the leak
            V_th (mV): threshold: where the rate is that of the escape
            V_reset (mV): membrane potential after a spike
            V_rest (mV): resting membrane potential
            tau_ref (ms): absolute refractory period
            V_initializer (mV): initial value of V, membrane potential
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            currents: (q, tau) of each spike-triggered current.
            thresholds: (q, tau) of each spike-triggered threshold.
            jump: when they jump: "spike", or "after_refractory", as in the GIF toolbox of Pozzorini et al. A jump q
                after the refractory period is kept as q exp(tau_ref / tau) at the spike, which is the same from its end
                on.
            escape: the escape rate.
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class TraubMilesHH(_TraubMilesHH, HH):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        ENa: QuantityLike = Quantity(50.0, "mV"),
        gNa: QuantityLike = Quantity(100.0, "mS/cm**2"),
        EK: QuantityLike = Quantity(-90.0, "mV"),
        gK: QuantityLike = Quantity(30.0, "mS/cm**2"),
        EL: QuantityLike = Quantity(-60.0, "mV"),
        gL: QuantityLike = Quantity(0.05, "mS/cm**2"),
        V_T: QuantityLike = Quantity(-63.0, "mV"),
        V_th: QuantityLike = Quantity(-20.0, "mV"),
        C: QuantityLike = Quantity(1.0, "uF/cm**2"),
        area: QuantityLike = Quantity(20000.0, "um**2"),
        phi: QuantityLike | ArrayLike = 1.0,
        V_rearm: QuantityLike = Quantity(-40.0, "mV"),
        V_initializer: QuantityLike | None = None,
        m_initializer: QuantityLike | ArrayLike | None = None,
        h_initializer: QuantityLike | ArrayLike | None = None,
        n_initializer: QuantityLike | ArrayLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        tau_ref: QuantityLike | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'none',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'block',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Hodgkin-Huxley neuron with the currents of Traub and Miles for hippocampal pyramidal cells, in one compartment.

        Args:
            in_size: the population's size, an int or a tuple.
            ENa (mV): reversal potential of sodium
            gNa (mS/cm**2): maximal conductance of sodium
            EK (mV): reversal potential of potassium
            gK (mS/cm**2): maximal conductance of potassium
            EL (mV): reversal potential of the leak
            gL (mS/cm**2): conductance of the leak
            V_T (mV): shift of the rates, near the threshold of spikes
            V_th (mV): spike where V crosses it upwards
            C (uF/cm**2): capacitance of the membrane
            area (um**2): area of the membrane, over which the input spreads
            phi: temperature factor of the rates
            V_rearm (mV): the next spike counts when V has been below it
            V_initializer (mV): initial value of V, membrane potential
            m_initializer: initial value of m, activation of sodium
            h_initializer: initial value of h, inactivation of sodium
            n_initializer: initial value of n, activation of potassium
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            tau_ref (ms): absolute refractory period
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class VoltageClamp(_VoltageClamp):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        C: QuantityLike = Quantity(1.0, "uF/cm**2"),
        area: QuantityLike = Quantity(10000.0, "um**2"),
        V_th: QuantityLike = Quantity(0.0, "mV"),
        temperature: QuantityLike = Quantity(309.15, "K"),
        V_rearm: QuantityLike = Quantity(-20.0, "mV"),
        V_initializer: QuantityLike | None = None,
        I_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        tau_ref: QuantityLike | None = None,
        R_s: QuantityLike | None = None,
        channels: dict[str, Channel] | None = None,
        ions: dict[str, Ion] | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'none',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'block',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""The membrane of a `CondNeuron` with a potential as its input: an amplifier holds V there by the current I.

        Args:
            in_size: the population's size, an int or a tuple.
            C (uF/cm**2): capacitance of the membrane
            area (um**2): area of the membrane, over which the input spreads
            V_th (mV): spike where V crosses it upwards
            temperature (K): of the channels that depend on it
            V_rearm (mV): the next spike counts when V has been below it
            V_initializer (mV): initial value of V, membrane potential
            I_initializer (pA): initial value of I, current from the amplifier
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            tau_ref (ms): absolute refractory period
            R_s (Mohm): series resistance; without one V is V_c
            channels: the channels of the membrane, by name.
            ions: concentrations that channels change and follow, by the names that they call them: "ca".
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class WangBuzsakiHH(_WangBuzsakiHH):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        ENa: QuantityLike = Quantity(55.0, "mV"),
        gNa: QuantityLike = Quantity(35.0, "mS/cm**2"),
        EK: QuantityLike = Quantity(-90.0, "mV"),
        gK: QuantityLike = Quantity(9.0, "mS/cm**2"),
        EL: QuantityLike = Quantity(-65.0, "mV"),
        gL: QuantityLike = Quantity(0.1, "mS/cm**2"),
        V_th: QuantityLike = Quantity(20.0, "mV"),
        phi: QuantityLike | ArrayLike = 5.0,
        C: QuantityLike = Quantity(1.0, "uF/cm**2"),
        area: QuantityLike = Quantity(10000.0, "um**2"),
        V_rearm: QuantityLike = Quantity(-20.0, "mV"),
        V_initializer: QuantityLike | None = None,
        h_initializer: QuantityLike | ArrayLike | None = None,
        n_initializer: QuantityLike | ArrayLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        tau_ref: QuantityLike | None = None,
        spk_fun: Callable[[Any], Any] | None = ...,
        spk_reset: str | None = 'none',
        detach_spk: bool | None = False,
        spk_dtype: Any = None,
        refractory: str | None = 'block',
        method: str | Integrator | None = None,
        receptors: dict[str, Any] | None = None,
        parts: dict[str, Any] | None = None,
        escape: Escape | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Wang-Buzsaki neuron: a fast-spiking interneuron of the hippocampus, its sodium activation instantaneous.

        Args:
            in_size: the population's size, an int or a tuple.
            ENa (mV): reversal potential of sodium
            gNa (mS/cm**2): maximal conductance of sodium
            EK (mV): reversal potential of potassium
            gK (mS/cm**2): maximal conductance of potassium
            EL (mV): reversal potential of the leak
            gL (mS/cm**2): conductance of the leak
            V_th (mV): spike where V crosses it upwards
            phi: temperature factor of the rates of h and n
            C (uF/cm**2): capacitance of the membrane
            area (um**2): area of the membrane, over which the input spreads
            V_rearm (mV): the next spike counts when V has been below it
            V_initializer (mV): initial value of V, membrane potential
            h_initializer: initial value of h, inactivation of sodium
            n_initializer: initial value of n, activation of potassium
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            tau_ref (ms): absolute refractory period
            spk_fun: the spike with its surrogate gradient (`simcore.surrogate`).
            spk_reset: "soft" subtracts V_th - V_reset at a spike (derivative 1 - g); "hard" sets V_reset (derivative 0
                at a spike, else 1, less (V - V_reset) g / (V_th - V_reset)); g is the surrogate gradient; "none".
            detach_spk: cut the gradient through the reset, not through the returned spikes nor through what they add to
                states: adaptation is learnt.
            spk_dtype: the type of the returned spikes, by default that of V.
            refractory: what happens during tau_ref: "hold" holds V, and voltage jumps that reach it are dropped;
                "block" lets V go on and only blocks its spikes: one that is due comes when the period is over.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            escape: a rate at which it spikes at random, in the place of the test of V: `sc.models.ExponentialRate`.
            positions: where the neurons are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class ClopathSTDP(_ClopathSTDP):
    def __init__(
        self,
        A_LTD: QuantityLike = Quantity(0.00014, "1/mV"),
        A_LTP: QuantityLike = Quantity(8e-05, "1/mV**2"),
        theta_minus: QuantityLike = Quantity(-70.6, "mV"),
        theta_plus: QuantityLike = Quantity(-45.3, "mV"),
        tau_x: QuantityLike = Quantity(15.0, "ms"),
        tau_minus: QuantityLike = Quantity(10.0, "ms"),
        tau_plus: QuantityLike = Quantity(7.0, "ms"),
        *,
        w_min: QuantityLike | None = None,
        w_max: QuantityLike,
        learning: bool = True,
        name: str | None = None,
    ) -> None:
        r"""Voltage-based plasticity: depression at presynaptic spikes, potentiation while V is above a threshold.

        Args:
            A_LTD (1/mV): amplitude of the depression, relative
            A_LTP (1/mV**2): amplitude of the potentiation, relative
            theta_minus (mV): threshold of the averages of V
            theta_plus (mV): threshold of V
            tau_x (ms): time constant of the trace of the presynaptic spikes
            tau_minus (ms): time constant of the average of V in the depression
            tau_plus (ms): time constant of the average of V in the potentiation
            w_min (nS): the smallest weight, in the unit of the weights; by default 0
            w_max (nS): the largest weight, in the unit of the weights; changes are relative to it.
            learning: 1: the weights change, by default; 0: they stay as they are
            name: the name in messages, until it belongs to a neuron.
        """

class DopamineSTDP(_DopamineSTDP):
    def __init__(
        self,
        A_plus: QuantityLike | ArrayLike = 0.01,
        A_minus: QuantityLike | ArrayLike = 0.015,
        tau_plus: QuantityLike = Quantity(20.0, "ms"),
        tau_minus: QuantityLike = Quantity(20.0, "ms"),
        tau_c: QuantityLike = Quantity(1000.0, "ms"),
        tau_n: QuantityLike = Quantity(200.0, "ms"),
        b: QuantityLike = Quantity(0.0, "1/ms"),
        c_initializer: QuantityLike | ArrayLike | None = None,
        *,
        w_min: QuantityLike | None = None,
        modulator: Any,
        w_max: QuantityLike,
        learning: bool = True,
        name: str | None = None,
    ) -> None:
        r"""Reward-modulated STDP: pairs of spikes mark a synapse, dopamine changes the weights of marked ones.

        Args:
            A_plus: eligibility from a pair, post after pre
            A_minus: loss of eligibility from a pair, pre after post
            tau_plus (ms): time constant of the trace of the presynaptic spikes
            tau_minus (ms): time constant of the trace of the postsynaptic spikes
            tau_c (ms): time constant of the eligibility
            tau_n (ms): time constant of the dopamine
            b (1/ms): concentration of dopamine at which nothing changes
            c_initializer: initial value of c, eligibility
            w_min (nS): the smallest weight, in the unit of the weights; by default 0
            modulator: the population whose spikes release dopamine, or a view of it; it is in the network too.
            w_max (nS): the largest weight, in the unit of the weights.
            learning: 1: the weights change, by default; 0: they stay as they are
            name: the name in messages, until it belongs to a neuron.
        """

class PowerLawSTDP(_PowerLawSTDP):
    def __init__(
        self,
        A_plus: QuantityLike | ArrayLike = 0.1,
        A_minus: QuantityLike | ArrayLike = 0.1,
        tau_plus: QuantityLike = Quantity(20.0, "ms"),
        tau_minus: QuantityLike = Quantity(20.0, "ms"),
        mu: QuantityLike | ArrayLike = 0.4,
        x_paired_initializer: QuantityLike | ArrayLike | None = None,
        *,
        w_min: QuantityLike | None = None,
        w_max: QuantityLike | None = None,
        w_0: QuantityLike,
        pairs: str = 'all',
        learning: bool = True,
        name: str | None = None,
    ) -> None:
        r"""Spike-timing-dependent plasticity with a power law of the weight; weights from w_min (0), without upper bound.

        Args:
            A_plus: potentiation of a pair, relative to w_0
            A_minus: depression of a pair, relative to the weight
            tau_plus (ms): time constant of the potentiation
            tau_minus (ms): time constant of the depression
            mu: power of the weight in the potentiation
            x_paired_initializer: initial value of x_paired, the part of x that has had its pair
            w_min (nS): the smallest weight, in the unit of the weights; by default 0
            w_max (nS): the largest weight, in the unit of the weights; by default there is none
            w_0 (nS): the weight at which A_plus is relative, in the unit of the weights.
            pairs: which spikes count: "all", "symmetric", "presynaptic_centred", "reduced_symmetric", see `Pairs`.
            learning: 1: the weights change, by default; 0: they stay as they are
            name: the name in messages, until it belongs to a neuron.
        """

class SynapticScaling(_SynapticScaling):
    def __init__(
        self,
        rate: QuantityLike = Quantity(10.0, "Hz"),
        tau_rate: QuantityLike = Quantity(10000.0, "ms"),
        beta: QuantityLike | ArrayLike = 0.01,
        done_initializer: QuantityLike | ArrayLike | None = None,
        *,
        w_min: QuantityLike | None = None,
        w_max: QuantityLike | None = None,
        learning: bool = True,
        name: str | None = None,
    ) -> None:
        r"""Multiplicative scaling of all weights onto a neuron that leads its rate to a target.

        Args:
            rate (Hz): target rate rho_0 of the postsynaptic neurons
            tau_rate (ms): time constant of the measured rate
            beta: speed: relative change of a weight by a spike too few
            done_initializer: initial value of done, the part of it that the weight of the synapse has
            w_min (nS): the smallest weight, in the unit of the weights; by default 0
            w_max (nS): the largest weight, in the unit of the weights; by default there is none
            learning: 1: the weights change, by default; 0: they stay as they are
            name: the name in messages, until it belongs to a neuron.
        """

class TsodyksMarkram(_TsodyksMarkram):
    def __init__(
        self,
        U: QuantityLike | ArrayLike = 0.5,
        tau_rec: QuantityLike = Quantity(800.0, "ms"),
        x_initializer: QuantityLike | ArrayLike | None = None,
        u_initializer: QuantityLike | ArrayLike | None = None,
        *,
        tau_facil: QuantityLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""Short-term depression and facilitation, one synaptic resource for each presynaptic neuron.

        Args:
            U: utilisation: the part of x that a spike releases at rest
            tau_rec (ms): recovery time constant
            x_initializer: initial value of x, available resources
            u_initializer: initial value of u, utilisation after the last spike
            tau_facil (ms): facilitation time constant
            name: the name in messages, until it belongs to a neuron.
        """

class STDP(_STDP):
    def __init__(
        self,
        A_plus: QuantityLike | ArrayLike = 0.01,
        A_minus: QuantityLike | ArrayLike = 0.0105,
        tau_plus: QuantityLike = Quantity(20.0, "ms"),
        tau_minus: QuantityLike = Quantity(20.0, "ms"),
        x_paired_initializer: QuantityLike | ArrayLike | None = None,
        *,
        w_min: QuantityLike | None = None,
        mu_plus: QuantityLike | ArrayLike | None = None,
        mu_minus: QuantityLike | ArrayLike | None = None,
        w_max: QuantityLike,
        pairs: str = 'all',
        learning: bool = True,
        name: str | None = None,
    ) -> None:
        r"""Spike-timing-dependent plasticity of pairs; weights from w_min to w_max.

        Args:
            A_plus: potentiation of a pair, relative
            A_minus: depression of a pair, relative
            tau_plus (ms): time constant of the potentiation
            tau_minus (ms): time constant of the depression
            x_paired_initializer: initial value of x_paired, the part of x that has had its pair
            w_min (nS): the smallest weight, in the unit of the weights; by default 0
            mu_plus: power of the room above the weight; without it 0
            mu_minus: power of the room below the weight; without it 0
            w_max (nS): the largest weight, in the unit of the weights.
            pairs: which spikes count: "all", "symmetric", "presynaptic_centred", "reduced_symmetric", see `Pairs`.
            learning: 1: the weights change, by default; 0: they stay as they are
            name: the name in messages, until it belongs to a neuron.
        """

class TripletSTDP(_TripletSTDP):
    def __init__(
        self,
        A2_plus: QuantityLike | ArrayLike = 5e-10,
        A3_plus: QuantityLike | ArrayLike = 0.0062,
        A2_minus: QuantityLike | ArrayLike = 0.007,
        A3_minus: QuantityLike | ArrayLike = 0.00023,
        tau_plus: QuantityLike = Quantity(16.8, "ms"),
        tau_minus: QuantityLike = Quantity(33.7, "ms"),
        tau_x: QuantityLike = Quantity(101.0, "ms"),
        tau_y: QuantityLike = Quantity(125.0, "ms"),
        *,
        w_min: QuantityLike | None = None,
        w_max: QuantityLike,
        pairs: str = 'all',
        learning: bool = True,
        name: str | None = None,
    ) -> None:
        r"""Spike-timing-dependent plasticity of triplets; weights from w_min to w_max.

        Args:
            A2_plus: potentiation of a pair
            A3_plus: potentiation of a triplet
            A2_minus: depression of a pair
            A3_minus: depression of a triplet
            tau_plus (ms): time constant of r1
            tau_minus (ms): time constant of o1
            tau_x (ms): time constant of r2
            tau_y (ms): time constant of o2
            w_min (nS): the smallest weight, in the unit of the weights; by default 0
            w_max (nS): the largest weight, in the unit of the weights; changes are relative to it.
            pairs: which spikes count: "all", or "symmetric", the last one of each neuron.
            learning: 1: the weights change, by default; 0: they stay as they are
            name: the name in messages, until it belongs to a neuron.
        """

class VogelsSTDP(_VogelsSTDP):
    def __init__(
        self,
        tau: QuantityLike = Quantity(20.0, "ms"),
        rate: QuantityLike = Quantity(5.0, "Hz"),
        *,
        w_min: QuantityLike | None = None,
        w_max: QuantityLike | None = None,
        eta: QuantityLike,
        learning: bool = True,
        name: str | None = None,
    ) -> None:
        r"""Symmetric plasticity of inhibitory synapses that leads the postsynaptic rate to a target.

        Args:
            tau (ms): time constant of the traces
            rate (Hz): target rate rho_0 of the postsynaptic neurons
            w_min (nS): the smallest weight, in the unit of the weights; by default 0
            w_max (nS): the largest weight, in the unit of the weights; by default there is none
            eta (nS): learning rate, in the unit of the weights.
            learning: 1: the weights change, by default; 0: they stay as they are
            name: the name in messages, until it belongs to a neuron.
        """

class JansenRit(_JansenRit):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        A: QuantityLike = Quantity(3.25, "mV"),
        B: QuantityLike = Quantity(22.0, "mV"),
        a: QuantityLike = Quantity(0.1, "1/ms"),
        b: QuantityLike = Quantity(0.05, "1/ms"),
        C: QuantityLike | ArrayLike = 135.0,
        p: QuantityLike = Quantity(220.0, "Hz"),
        e0: QuantityLike = Quantity(2.5, "Hz"),
        v0: QuantityLike = Quantity(6.0, "mV"),
        r: QuantityLike = Quantity(0.56, "1/mV"),
        y0_initializer: QuantityLike | None = None,
        y1_initializer: QuantityLike | None = None,
        y2_initializer: QuantityLike | None = None,
        u0_initializer: QuantityLike | None = None,
        u1_initializer: QuantityLike | None = None,
        u2_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        method: str | Integrator | None = None,
        receptors: dict[str, Receptor] | None = None,
        parts: dict[str, Part] | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Jansen-Rit neural mass: pyramidal cells, excitatory and inhibitory interneurons.

        Args:
            in_size: the population's size, an int or a tuple.
            A (mV): largest excitatory postsynaptic potential, times e
            B (mV): largest inhibitory postsynaptic potential, times e
            a (1/ms): rate constant of the excitatory ones
            b (1/ms): rate constant of the inhibitory ones
            C: number of contacts
            p (Hz): mean input
            e0 (Hz): half of the largest rate
            v0 (mV): potential of half the largest rate
            r (1/mV): slope of the sigmoid
            y0_initializer (mV): initial value of y0, potential by pyramidal cells
            y1_initializer (mV): initial value of y1, excitatory potential of the pyramidal cells
            y2_initializer (mV): initial value of y2, inhibitory potential of the pyramidal cells
            u0_initializer (mV/ms): initial value of u0, dy0/dt
            u1_initializer (mV/ms): initial value of u1, dy1/dt
            u2_initializer (mV/ms): initial value of u2, dy2/dt
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            positions: where its members are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class LeakyRate(_LeakyRate):
    def __init__(
        self,
        in_size: Any,
        tau: QuantityLike = Quantity(10.0, "ms"),
        decay: QuantityLike | ArrayLike = 1.0,
        mu: QuantityLike | ArrayLike = 0.0,
        g: QuantityLike | ArrayLike = 1.0,
        theta: QuantityLike | ArrayLike = 0.0,
        beta: QuantityLike | ArrayLike = 1.0,
        r_initializer: QuantityLike | ArrayLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        alpha: QuantityLike | ArrayLike | None = None,
        transfer: str = 'linear',
        method: str | Integrator | None = None,
        receptors: dict[str, Receptor] | None = None,
        parts: dict[str, Part] | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Leaky rate unit; its rate is a pure number.

        Args:
            in_size: the population's size, an int or a tuple.
            tau (ms): time constant
            decay: lambda, strength of the decay
            mu: mean drive
            g: gain
            theta: threshold of the transfer function
            beta: slope of the sigmoid
            r_initializer: initial value of r, rate
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            alpha: largest value of threshold_linear
            transfer: the name of the transfer function.
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            positions: where its members are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class MontbrioPazoRoxin(_MontbrioPazoRoxin):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        tau: QuantityLike = Quantity(1.0, "ms"),
        eta: QuantityLike | ArrayLike = -5.0,
        Delta: QuantityLike | ArrayLike = 1.0,
        J: QuantityLike | ArrayLike = 15.0,
        r_initializer: QuantityLike | None = None,
        v_initializer: QuantityLike | ArrayLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        method: str | Integrator | None = None,
        receptors: dict[str, Receptor] | None = None,
        parts: dict[str, Part] | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Mean rate and mean potential of infinitely many quadratic integrate-and-fire neurons, all connected to all.

        Args:
            in_size: the population's size, an int or a tuple.
            tau (ms): time constant
            eta: centre of the excitabilities
            Delta: half width of their distribution
            J: strength of the synapses within
            r_initializer (1/ms): initial value of r, rate
            v_initializer: initial value of v, mean potential
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            positions: where its members are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class Kuramoto(_Kuramoto):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        omega: QuantityLike = Quantity(0.2, "1/ms"),
        K: QuantityLike = Quantity(0.0, "1/ms"),
        theta_initializer: QuantityLike | ArrayLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        method: str | Integrator | None = None,
        receptors: dict[str, Receptor] | None = None,
        parts: dict[str, Part] | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Kuramoto oscillators: the phases of a population, each of which is drawn to all others.

        Args:
            in_size: the population's size, an int or a tuple.
            omega (1/ms): angular frequency
            K (1/ms): coupling
            theta_initializer: initial value of theta, phase
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            positions: where its members are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class StuartLandau(_StuartLandau):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        a: QuantityLike = Quantity(0.25, "1/ms"),
        b: QuantityLike = Quantity(1.0, "1/ms"),
        omega: QuantityLike = Quantity(0.2, "1/ms"),
        x_initializer: QuantityLike | ArrayLike | None = None,
        y_initializer: QuantityLike | ArrayLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        method: str | Integrator | None = None,
        receptors: dict[str, Receptor] | None = None,
        parts: dict[str, Part] | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Stuart-Landau oscillator, the normal form of a Hopf bifurcation, z = x + i y.

        Args:
            in_size: the population's size, an int or a tuple.
            a (1/ms): growth rate at z = 0
            b (1/ms): saturation
            omega (1/ms): angular frequency
            x_initializer: initial value of x, real part
            y_initializer: initial value of y, imaginary part
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            positions: where its members are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class ThresholdLinear(_ThresholdLinear):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        tau: QuantityLike = Quantity(20.0, "ms"),
        beta: QuantityLike = Quantity(0.066, "Hz/pA"),
        r_initializer: QuantityLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        method: str | Integrator | None = None,
        receptors: dict[str, Receptor] | None = None,
        parts: dict[str, Part] | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Threshold-linear rate unit of a cortical area; never below 0, also with noise.

        Args:
            in_size: the population's size, an int or a tuple.
            tau (ms): time constant
            beta (Hz/pA): slope of the f-I curve
            r_initializer (Hz): initial value of r, rate
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            positions: where its members are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class WilsonCowan(_WilsonCowan):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        tau_E: QuantityLike = Quantity(1.0, "ms"),
        tau_I: QuantityLike = Quantity(1.0, "ms"),
        aE: QuantityLike | ArrayLike = 1.2,
        thE: QuantityLike | ArrayLike = 2.8,
        aI: QuantityLike | ArrayLike = 1.0,
        thI: QuantityLike | ArrayLike = 4.0,
        wEE: QuantityLike | ArrayLike = 12.0,
        wIE: QuantityLike | ArrayLike = 4.0,
        wEI: QuantityLike | ArrayLike = 13.0,
        wII: QuantityLike | ArrayLike = 11.0,
        r: QuantityLike | ArrayLike = 1.0,
        E_initializer: QuantityLike | ArrayLike | None = None,
        I_initializer: QuantityLike | ArrayLike | None = None,
        *,
        noise: QuantityLike | Mapping[str, QuantityLike] | None = None,
        method: str | Integrator | None = None,
        receptors: dict[str, Receptor] | None = None,
        parts: dict[str, Part] | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Wilson-Cowan model: the shares of excitatory and inhibitory neurons that are active.

        Args:
            in_size: the population's size, an int or a tuple.
            tau_E (ms): time constant of E
            tau_I (ms): time constant of I
            aE: slope of the response of E
            thE: threshold of the response of E
            aI: slope of the response of I
            thI: threshold of the response of I
            wEE: from E to E
            wIE: from I to E
            wEI: from E to I
            wII: from I to I
            r: share of the active neurons that cannot be activated
            E_initializer: initial value of E, share of active excitatory neurons
            I_initializer: initial value of I, share of active inhibitory neurons
            noise (mV/ms**0.5): amplitude of white noise on V (or the first state), or a dict of them by state
            method: the integrator: exp_euler, euler, heun, rk2, rk4, exact, or an `Integrator` of one's own. By default
                exact where the equations are linear between spikes, heun where they couple neurons, else exp_euler.
            receptors: what spikes arrive at, by name; each adds its current to the first input of the derivative.
            parts: other `Part`s, by name: channels, currents that spikes trigger.
            positions: where its members are, (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class NMDA(_NMDA, DoubleExponential):
    def __init__(
        self,
        tau_rise: QuantityLike = Quantity(2.0, "ms"),
        tau_decay: QuantityLike = Quantity(100.0, "ms"),
        reversal: QuantityLike = Quantity(0.0, "mV"),
        Mg: QuantityLike = Quantity(1.0, "mM"),
        g_initializer: QuantityLike | None = None,
        h_initializer: QuantityLike | None = None,
        *,
        name: str | None = None,
    ) -> None:
        r"""NMDA receptor: a `DoubleExponential` conductance that magnesium blocks at low V.

        Args:
            tau_rise (ms): rise time constant
            tau_decay (ms): decay time constant
            reversal (mV): reversal potential
            Mg (mM): magnesium concentration outside
            g_initializer (nS): initial value of g, conductance, or current (pA) without a reversal potential
            h_initializer (nS): initial value of h, what drives g up
            name: the name in messages, until it belongs to a neuron.
        """

class Alpha(_Alpha):
    def __init__(
        self,
        tau: QuantityLike = Quantity(5.0, "ms"),
        g_initializer: QuantityLike | None = None,
        h_initializer: QuantityLike | None = None,
        *,
        reversal: QuantityLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""Alpha function: after a spike g rises to its weight, at tau, and decays.

        Args:
            tau (ms): time to the peak
            g_initializer (nS): initial value of g, conductance, or current (pA) without a reversal potential
            h_initializer (nS): initial value of h, what drives g up
            reversal (mV): reversal potential; without one the receptor is a current
            name: the name in messages, until it belongs to a neuron.
        """

class Delta(_Delta):
    def __init__(
        self,
        *,
        name: str | None = None,
    ) -> None:
        r"""A spike makes V jump by the weight (mV); a jump that reaches a refractory neuron is dropped.

        Args:
            name: the name in messages, until it belongs to a neuron.
        """

class DoubleExponential(_DoubleExponential, Alpha):
    def __init__(
        self,
        tau_rise: QuantityLike = Quantity(1.0, "ms"),
        tau_decay: QuantityLike = Quantity(5.0, "ms"),
        g_initializer: QuantityLike | None = None,
        h_initializer: QuantityLike | None = None,
        *,
        reversal: QuantityLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""Difference of two exponentials: after a spike g rises to its weight and decays.

        Args:
            tau_rise (ms): rise time constant
            tau_decay (ms): decay time constant
            g_initializer (nS): initial value of g, conductance, or current (pA) without a reversal potential
            h_initializer (nS): initial value of h, what drives g up
            reversal (mV): reversal potential; without one the receptor is a current
            name: the name in messages, until it belongs to a neuron.
        """

class Exponential(_Exponential):
    def __init__(
        self,
        tau: QuantityLike = Quantity(5.0, "ms"),
        g_initializer: QuantityLike | None = None,
        *,
        reversal: QuantityLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""Exponential decay: a spike adds its weight to g.

        Args:
            tau (ms): decay time constant
            g_initializer (nS): initial value of g, conductance, or current (pA) without a reversal potential
            reversal (mV): reversal potential; without one the receptor is a current
            name: the name in messages, until it belongs to a neuron.
        """

class GABAb(_GABAb):
    def __init__(
        self,
        reversal: QuantityLike = Quantity(-95.0, "mV"),
        g_max: QuantityLike = Quantity(100.0, "nS"),
        K1: QuantityLike = Quantity(0.52, "1/(ms*mM)"),
        K2: QuantityLike = Quantity(0.0013, "1/ms"),
        K3: QuantityLike = Quantity(0.098, "uM/ms"),
        K4: QuantityLike = Quantity(0.033, "1/ms"),
        Kd: QuantityLike = Quantity(100.0, "uM**4"),
        T: QuantityLike = Quantity(0.5, "mM"),
        duration: QuantityLike = Quantity(0.3, "ms"),
        r_initializer: QuantityLike | ArrayLike | None = None,
        s_initializer: QuantityLike | None = None,
        *,
        name: str | None = None,
    ) -> None:
        r"""GABA-B receptors: bound transmitter makes G-protein, four of which open a potassium channel.

        Args:
            reversal (mV): reversal potential
            g_max (nS): conductance when all channels are open
            K1 (1/(ms*mM)): rate of binding
            K2 (1/ms): rate of unbinding
            K3 (uM/ms): rate at which G-protein is made
            K4 (1/ms): rate at which G-protein decays
            Kd (uM**4): dissociation constant of the channel
            T (mM): concentration of the transmitter in a pulse
            duration (ms): of a pulse
            r_initializer: initial value of r, bound share of the receptors
            s_initializer (uM): initial value of s, concentration of G-protein
            name: the name in messages, until it belongs to a neuron.
        """

class Gated(_Gated):
    def __init__(
        self,
        reversal: QuantityLike = Quantity(0.0, "mV"),
        *,
        name: str | None = None,
    ) -> None:
        r"""Receptors that the gates of presynaptic neurons open (`AMPAGate`, ...), which a `GateProjection` hands over.

        Args:
            reversal (mV): reversal potential
            name: the name in messages, until it belongs to a neuron.
        """

class GatedNMDA(_GatedNMDA, Gated):
    def __init__(
        self,
        reversal: QuantityLike = Quantity(0.0, "mV"),
        Mg: QuantityLike = Quantity(1.0, "mM"),
        *,
        name: str | None = None,
    ) -> None:
        r"""NMDA receptors that the gates of presynaptic neurons open (`NMDAGate`), and that magnesium blocks at low V.

        Args:
            reversal (mV): reversal potential
            Mg (mM): magnesium concentration outside
            name: the name in messages, until it belongs to a neuron.
        """

class PoissonGroup(_PoissonGroup):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        rate: QuantityLike | Signal,
        *,
        seed: int | None = None,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Independent Poisson processes: in a step a neuron spikes with the probability rate dt, at most once.

        Args:
            in_size: their number, an int or a tuple.
            rate (Hz): a quantity (one, or one for each), or a waveform or function of t in Hz (`simcore.inputs`).
            seed: of its spikes, with its path in the network and the runner's seed; by default the network's.
            positions: where its members are, a quantity (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class SpikeSource(_SpikeSource):
    def __init__(
        self,
        in_size: int | tuple[int, ...],
        times: Quantities,
        indices: ArrayLike,
        *,
        positions: Quantities | None = None,
        name: str | None = None,
    ) -> None:
        r"""Neurons that spike at given times.

        Args:
            in_size: their number, an int or a tuple.
            times: quantity (n,), when, by the runner's clock (its t0 included); rounded to whole steps of dt, one at
                least. A spike at t is found by the step that ends at t.
            indices: (n,), which neuron of the flattened population.
            positions: where its members are, a quantity (size, dimensions), for distance-dependent connections.
            name: the name in messages, by default the class's.
        """

class SpikeTriggeredConductance(_SpikeTriggeredConductance):
    def __init__(
        self,
        q: QuantityLike = Quantity(14.48, "nS"),
        tau: QuantityLike = Quantity(110.0, "ms"),
        reversal: QuantityLike = Quantity(-70.0, "mV"),
        g_initializer: QuantityLike | None = None,
        *,
        name: str | None = None,
    ) -> None:
        r"""A conductance that each spike of the neuron makes larger, such as that of a potassium channel.

        Args:
            q (nS): rise of the conductance at a spike
            tau (ms): decay time constant
            reversal (mV): reversal potential
            g_initializer (nS): initial value of g, conductance
            name: the name in messages, until it belongs to a neuron.
        """

class SpikeTriggeredCurrent(_SpikeTriggeredCurrent):
    def __init__(
        self,
        q: QuantityLike = Quantity(10.0, "pA"),
        tau: QuantityLike = Quantity(100.0, "ms"),
        w_initializer: QuantityLike | None = None,
        *,
        name: str | None = None,
    ) -> None:
        r"""A current out of the neuron that each of its spikes makes larger.

        Args:
            q (pA): rise of the current at a spike
            tau (ms): decay time constant
            w_initializer (pA): initial value of w, current out of the neuron
            name: the name in messages, until it belongs to a neuron.
        """

class SpikeTriggeredThreshold(_SpikeTriggeredThreshold):
    def __init__(
        self,
        q: QuantityLike = Quantity(1.0, "mV"),
        tau: QuantityLike = Quantity(100.0, "ms"),
        theta_initializer: QuantityLike | None = None,
        *,
        name: str | None = None,
    ) -> None:
        r"""A rise of the neuron's threshold at each of its spikes.

        Args:
            q (mV): rise of the threshold at a spike
            tau (ms): decay time constant
            theta_initializer (mV): initial value of theta, rise of the threshold
            name: the name in messages, until it belongs to a neuron.
        """
