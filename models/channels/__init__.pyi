# Written by `python -m simcore.stubs`, from the declarations of the classes.
# mypy: disable-error-code="misc, override"

from collections.abc import Mapping
from numpy.typing import ArrayLike
from pint import Quantity
from simcore.units import QuantityLike

from ..neurons.steady import STEADY as STEADY
from .afterhyperpolarization import IAHP_De1994 as _IAHP_De1994
from .base import Channel as Channel
from .base import GHKChannel as GHKChannel
from .calcium_high import ICaL_Re1993 as _ICaL_Re1993
from .calcium_low import ICaT_De1996 as _ICaT_De1996
from .calcium_low import ICaT_HM1992 as _ICaT_HM1992
from .calcium_low import ICaT_HP1992 as _ICaT_HP1992
from .gates import AlphaBeta as AlphaBeta
from .gates import Gate as Gate
from .gates import InfTau as InfTau
from .hodgkin_huxley import IK_HH1952 as _IK_HH1952
from .hodgkin_huxley import INa_HH1952 as _INa_HH1952
from .hyperpolarization import Ih_HM1992 as _Ih_HM1992
from .ions import CalciumPool as _CalciumPool
from .ions import Ion as Ion
from .leak import IL as _IL
from .muscarinic import IM_Ya1989 as _IM_Ya1989
from .persistent_sodium import INaP_Bu1999 as _INaP_Bu1999
from .potentials import ghk_current as ghk_current
from .potentials import nernst as nernst
from .rates import exp_rate as exp_rate
from .rates import linoid_rate as linoid_rate
from .rates import sigmoid as sigmoid
from .rates import sigmoid_rate as sigmoid_rate
from .transient_potassium import IKA1_HM1992 as _IKA1_HM1992
from .transient_potassium import IKA2_HM1992 as _IKA2_HM1992
from .transient_potassium import IKK2A_HM1992 as _IKK2A_HM1992
from .transient_potassium import IKK2B_HM1992 as _IKK2B_HM1992
from .traub_miles import IK_TM1991 as _IK_TM1991
from .traub_miles import IKDR_Ba2002 as _IKDR_Ba2002
from .traub_miles import INa_Ba2002 as _INa_Ba2002
from .traub_miles import INa_TM1991 as _INa_TM1991

class IAHP_De1994(_IAHP_De1994):
    def __init__(
        self,
        g: QuantityLike = Quantity(10.0, "mS/cm**2"),
        E: QuantityLike = Quantity(-90.0, "mV"),
        alpha: QuantityLike = Quantity(48.0, "1/(mM**2 ms)"),
        beta: QuantityLike = Quantity(0.03, "1/ms"),
        Q10: QuantityLike | ArrayLike = 3.0,
        T_ref: QuantityLike = Quantity(295.15, "K"),
        m_initializer: QuantityLike | ArrayLike | None = None,
        *,
        temperature: QuantityLike | None = None,
        C_i: QuantityLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""AHP-current: a slow potassium current that calcium opens, and V does not; it ends bursts.

        Args:
            g (mS/cm**2): maximal conductance
            E (mV): reversal potential
            alpha (1/(mM**2 ms)): rate of opening
            beta (1/ms): rate of closing
            Q10: factor of all rates for 10 K
            T_ref (K): temperature at which the rates are those of the equations
            m_initializer: initial value of m, activation
            temperature (K): temperature; by default the neuron's
            C_i (mM): concentration of calcium inside; by default that of the ion
            name: the name in messages, until it belongs to a neuron.
        """

class ICaL_Re1993(_ICaL_Re1993):
    def __init__(
        self,
        g: QuantityLike = Quantity(1.0, "mS/cm**2"),
        shift: QuantityLike = Quantity(0.0, "mV"),
        Q10: QuantityLike | ArrayLike = 2.3,
        T_ref: QuantityLike = Quantity(296.15, "K"),
        m_initializer: QuantityLike | ArrayLike | None = None,
        h_initializer: QuantityLike | ArrayLike | None = None,
        *,
        E: QuantityLike | None = None,
        temperature: QuantityLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""L-current: a high-threshold calcium current, which spikes open. BrainPy's `ICaHT_Re1993`.

        Args:
            g (mS/cm**2): maximal conductance
            shift (mV): shift of the gates along V
            Q10: factor of all rates for 10 K
            T_ref (K): temperature at which the rates are those of the equations
            m_initializer: initial value of m, activation
            h_initializer: initial value of h, inactivation
            E (mV): reversal potential; by default that of the ion that it carries
            temperature (K): temperature; by default the neuron's
            name: the name in messages, until it belongs to a neuron.
        """

class ICaT_De1996(_ICaT_De1996):
    def __init__(
        self,
        g: QuantityLike = Quantity(0.4, "mS/cm**2"),
        V_x: QuantityLike = Quantity(2.0, "mV"),
        T_ref: QuantityLike = Quantity(309.15, "K"),
        u_initializer: QuantityLike | ArrayLike | None = None,
        *,
        E: QuantityLike | None = None,
        temperature: QuantityLike | None = None,
        Q10: QuantityLike | ArrayLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""T-current of thalamic and cortical neurons whose activation is at once at its target.

        Args:
            g (mS/cm**2): maximal conductance
            V_x (mV): shift of the gates against V
            T_ref (K): temperature at which the rates are those of the equations
            u_initializer: initial value of u, inactivation
            E (mV): reversal potential; by default that of the ion that it carries
            temperature (K): temperature; by default the neuron's
            Q10: factor of all rates for 10 K; without it they are fixed
            name: the name in messages, until it belongs to a neuron.
        """

class ICaT_HM1992(_ICaT_HM1992):
    def __init__(
        self,
        g: QuantityLike = Quantity(2.0, "mS/cm**2"),
        shift: QuantityLike = Quantity(-3.0, "mV"),
        Q10_m: QuantityLike | ArrayLike = 3.55,
        Q10_h: QuantityLike | ArrayLike = 3.0,
        T_ref: QuantityLike = Quantity(297.15, "K"),
        m_initializer: QuantityLike | ArrayLike | None = None,
        h_initializer: QuantityLike | ArrayLike | None = None,
        *,
        E: QuantityLike | None = None,
        temperature: QuantityLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""T-current of thalamic relay neurons: a low-threshold calcium current, which makes rebound bursts.

        Args:
            g (mS/cm**2): maximal conductance
            shift (mV): shift of the gates along V
            Q10_m: factor of the rate of m for 10 K
            Q10_h: factor of the rate of h for 10 K
            T_ref (K): temperature at which the rates are those of the equations
            m_initializer: initial value of m, activation
            h_initializer: initial value of h, inactivation
            E (mV): reversal potential; by default that of the ion that it carries
            temperature (K): temperature; by default the neuron's
            name: the name in messages, until it belongs to a neuron.
        """

class ICaT_HP1992(_ICaT_HP1992):
    def __init__(
        self,
        g: QuantityLike = Quantity(1.75, "mS/cm**2"),
        shift: QuantityLike = Quantity(-3.0, "mV"),
        Q10_m: QuantityLike | ArrayLike = 5.0,
        Q10_h: QuantityLike | ArrayLike = 3.0,
        T_ref: QuantityLike = Quantity(297.15, "K"),
        m_initializer: QuantityLike | ArrayLike | None = None,
        h_initializer: QuantityLike | ArrayLike | None = None,
        *,
        E: QuantityLike | None = None,
        temperature: QuantityLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""T-current of neurons of the thalamic reticular nucleus: slower, and at higher potentials, than in relay neurons.

        Args:
            g (mS/cm**2): maximal conductance
            shift (mV): shift of the gates along V
            Q10_m: factor of the rate of m for 10 K
            Q10_h: factor of the rate of h for 10 K
            T_ref (K): temperature at which the rates are those of the equations
            m_initializer: initial value of m, activation
            h_initializer: initial value of h, inactivation
            E (mV): reversal potential; by default that of the ion that it carries
            temperature (K): temperature; by default the neuron's
            name: the name in messages, until it belongs to a neuron.
        """

class IK_HH1952(_IK_HH1952):
    def __init__(
        self,
        g: QuantityLike = Quantity(36.0, "mS/cm**2"),
        E: QuantityLike = Quantity(-77.0, "mV"),
        shift: QuantityLike = Quantity(0.0, "mV"),
        T_ref: QuantityLike = Quantity(279.45, "K"),
        n_initializer: QuantityLike | ArrayLike | None = None,
        *,
        temperature: QuantityLike | None = None,
        Q10: QuantityLike | ArrayLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""Potassium current of Hodgkin and Huxley: delayed rectifier.

        Args:
            g (mS/cm**2): maximal conductance
            E (mV): reversal potential
            shift (mV): shift of the gate along V; 0: rest at -65 mV
            T_ref (K): temperature at which the rates are those of the equations
            n_initializer: initial value of n, activation
            temperature (K): temperature; by default the neuron's
            Q10: factor of all rates for 10 K; without it they are fixed
            name: the name in messages, until it belongs to a neuron.
        """

class INa_HH1952(_INa_HH1952):
    def __init__(
        self,
        g: QuantityLike = Quantity(120.0, "mS/cm**2"),
        E: QuantityLike = Quantity(50.0, "mV"),
        shift: QuantityLike = Quantity(0.0, "mV"),
        T_ref: QuantityLike = Quantity(279.45, "K"),
        m_initializer: QuantityLike | ArrayLike | None = None,
        h_initializer: QuantityLike | ArrayLike | None = None,
        *,
        temperature: QuantityLike | None = None,
        Q10: QuantityLike | ArrayLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""Sodium current of Hodgkin and Huxley: transient.

        Args:
            g (mS/cm**2): maximal conductance
            E (mV): reversal potential
            shift (mV): shift of the gates along V; 0: rest at -65 mV
            T_ref (K): temperature at which the rates are those of the equations
            m_initializer: initial value of m, activation
            h_initializer: initial value of h, inactivation
            temperature (K): temperature; by default the neuron's
            Q10: factor of all rates for 10 K; without it they are fixed
            name: the name in messages, until it belongs to a neuron.
        """

class Ih_HM1992(_Ih_HM1992):
    def __init__(
        self,
        g: QuantityLike = Quantity(0.02, "mS/cm**2"),
        E: QuantityLike = Quantity(-43.0, "mV"),
        shift: QuantityLike = Quantity(0.0, "mV"),
        r_initializer: QuantityLike | ArrayLike | None = None,
        *,
        temperature: QuantityLike | None = None,
        Q10: QuantityLike | ArrayLike | None = None,
        T_ref: QuantityLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""h-current of thalamic relay neurons: a slow mixed-cation current, the sag after hyperpolarization.

        Args:
            g (mS/cm**2): maximal conductance
            E (mV): reversal potential
            shift (mV): shift of the gate along V
            r_initializer: initial value of r, activation
            temperature (K): temperature; by default the neuron's
            Q10: factor of all rates for 10 K; without it they are fixed
            T_ref (K): temperature at which the rates are those of the equations
            name: the name in messages, until it belongs to a neuron.
        """

class CalciumPool(_CalciumPool):
    def __init__(
        self,
        tau: QuantityLike = Quantity(5.0, "ms"),
        depth: QuantityLike = Quantity(1.0, "um"),
        C_rest: QuantityLike = Quantity(0.00024, "mM"),
        C_o: QuantityLike = Quantity(2.0, "mM"),
        gamma: QuantityLike | ArrayLike = 1.0,
        C_initializer: QuantityLike | None = None,
        *,
        name: str | None = None,
    ) -> None:
        r"""Calcium below the membrane: it enters by the channels and leaves exponentially.

        Args:
            tau (ms): time constant of removal
            depth (um): depth of the shell below the membrane
            C_rest (mM): concentration without current
            C_o (mM): concentration outside
            gamma: fraction of what enters that stays free
            C_initializer (mM): initial value of C, concentration inside
            name: the name in messages, until it belongs to a neuron.
        """

class IL(_IL):
    def __init__(
        self,
        g: QuantityLike = Quantity(0.1, "mS/cm**2"),
        E: QuantityLike = Quantity(-70.0, "mV"),
        *,
        name: str | None = None,
    ) -> None:
        r"""Leak.

        Args:
            g (mS/cm**2): conductance
            E (mV): reversal potential
            name: the name in messages, until it belongs to a neuron.
        """

class IM_Ya1989(_IM_Ya1989):
    def __init__(
        self,
        g: QuantityLike = Quantity(0.004, "mS/cm**2"),
        E: QuantityLike = Quantity(-90.0, "mV"),
        tau_max: QuantityLike = Quantity(4000.0, "ms"),
        shift: QuantityLike = Quantity(0.0, "mV"),
        T_ref: QuantityLike = Quantity(309.15, "K"),
        p_initializer: QuantityLike | ArrayLike | None = None,
        *,
        temperature: QuantityLike | None = None,
        Q10: QuantityLike | ArrayLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""M-current: a slow potassium current that adapts the firing of cortical neurons.

        Args:
            g (mS/cm**2): maximal conductance
            E (mV): reversal potential
            tau_max (ms): scale of the time constant
            shift (mV): shift of the gate along V
            T_ref (K): temperature at which the rates are those of the equations
            p_initializer: initial value of p, activation
            temperature (K): temperature; by default the neuron's
            Q10: factor of all rates for 10 K; without it they are fixed
            name: the name in messages, until it belongs to a neuron.
        """

class INaP_Bu1999(_INaP_Bu1999):
    def __init__(
        self,
        g: QuantityLike = Quantity(0.1333, "mS/cm**2"),
        E: QuantityLike = Quantity(50.0, "mV"),
        tau_max: QuantityLike = Quantity(10000.0, "ms"),
        shift: QuantityLike = Quantity(0.0, "mV"),
        h_initializer: QuantityLike | ArrayLike | None = None,
        *,
        temperature: QuantityLike | None = None,
        Q10: QuantityLike | ArrayLike | None = None,
        T_ref: QuantityLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""Persistent sodium current, which inactivates over seconds: bursts of the pre-Bötzinger complex.

        Args:
            g (mS/cm**2): maximal conductance
            E (mV): reversal potential
            tau_max (ms): time constant of inactivation at -48 mV
            shift (mV): shift of the gates along V
            h_initializer: initial value of h, inactivation
            temperature (K): temperature; by default the neuron's
            Q10: factor of all rates for 10 K; without it they are fixed
            T_ref (K): temperature at which the rates are those of the equations
            name: the name in messages, until it belongs to a neuron.
        """

class IKA1_HM1992(_IKA1_HM1992):
    def __init__(
        self,
        g: QuantityLike = Quantity(30.0, "mS/cm**2"),
        E: QuantityLike = Quantity(-90.0, "mV"),
        shift: QuantityLike = Quantity(0.0, "mV"),
        m_initializer: QuantityLike | ArrayLike | None = None,
        h_initializer: QuantityLike | ArrayLike | None = None,
        *,
        temperature: QuantityLike | None = None,
        Q10: QuantityLike | ArrayLike | None = None,
        T_ref: QuantityLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""A-current of thalamic relay neurons, its first component: a transient potassium current.

        Args:
            g (mS/cm**2): maximal conductance
            E (mV): reversal potential
            shift (mV): shift of the gates along V
            m_initializer: initial value of m, activation
            h_initializer: initial value of h, inactivation
            temperature (K): temperature; by default the neuron's
            Q10: factor of all rates for 10 K; without it they are fixed
            T_ref (K): temperature at which the rates are those of the equations
            name: the name in messages, until it belongs to a neuron.
        """

class IKA2_HM1992(_IKA2_HM1992, IKA1_HM1992):
    def __init__(
        self,
        g: QuantityLike = Quantity(20.0, "mS/cm**2"),
        E: QuantityLike = Quantity(-90.0, "mV"),
        shift: QuantityLike = Quantity(0.0, "mV"),
        m_initializer: QuantityLike | ArrayLike | None = None,
        h_initializer: QuantityLike | ArrayLike | None = None,
        *,
        temperature: QuantityLike | None = None,
        Q10: QuantityLike | ArrayLike | None = None,
        T_ref: QuantityLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""A-current of thalamic relay neurons, its second component: `IKA1_HM1992` but for where it activates.

        Args:
            g (mS/cm**2): maximal conductance
            E (mV): reversal potential
            shift (mV): shift of the gates along V
            m_initializer: initial value of m, activation
            h_initializer: initial value of h, inactivation
            temperature (K): temperature; by default the neuron's
            Q10: factor of all rates for 10 K; without it they are fixed
            T_ref (K): temperature at which the rates are those of the equations
            name: the name in messages, until it belongs to a neuron.
        """

class IKK2A_HM1992(_IKK2A_HM1992):
    def __init__(
        self,
        g: QuantityLike = Quantity(10.0, "mS/cm**2"),
        E: QuantityLike = Quantity(-90.0, "mV"),
        shift: QuantityLike = Quantity(0.0, "mV"),
        m_initializer: QuantityLike | ArrayLike | None = None,
        h_initializer: QuantityLike | ArrayLike | None = None,
        *,
        temperature: QuantityLike | None = None,
        Q10: QuantityLike | ArrayLike | None = None,
        T_ref: QuantityLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""K2-current of thalamic relay neurons, its first component: a slowly inactivating potassium current.

        Args:
            g (mS/cm**2): maximal conductance
            E (mV): reversal potential
            shift (mV): shift of the gates along V
            m_initializer: initial value of m, activation
            h_initializer: initial value of h, inactivation
            temperature (K): temperature; by default the neuron's
            Q10: factor of all rates for 10 K; without it they are fixed
            T_ref (K): temperature at which the rates are those of the equations
            name: the name in messages, until it belongs to a neuron.
        """

class IKK2B_HM1992(_IKK2B_HM1992, IKK2A_HM1992):
    def __init__(
        self,
        g: QuantityLike = Quantity(10.0, "mS/cm**2"),
        E: QuantityLike = Quantity(-90.0, "mV"),
        shift: QuantityLike = Quantity(0.0, "mV"),
        m_initializer: QuantityLike | ArrayLike | None = None,
        h_initializer: QuantityLike | ArrayLike | None = None,
        *,
        temperature: QuantityLike | None = None,
        Q10: QuantityLike | ArrayLike | None = None,
        T_ref: QuantityLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""K2-current of thalamic relay neurons, its second component: `IKK2A_HM1992`, with tau_h 8.9 ms above -70 mV.

        Args:
            g (mS/cm**2): maximal conductance
            E (mV): reversal potential
            shift (mV): shift of the gates along V
            m_initializer: initial value of m, activation
            h_initializer: initial value of h, inactivation
            temperature (K): temperature; by default the neuron's
            Q10: factor of all rates for 10 K; without it they are fixed
            T_ref (K): temperature at which the rates are those of the equations
            name: the name in messages, until it belongs to a neuron.
        """

class IK_TM1991(_IK_TM1991):
    def __init__(
        self,
        g: QuantityLike = Quantity(10.0, "mS/cm**2"),
        E: QuantityLike = Quantity(-90.0, "mV"),
        V_T: QuantityLike = Quantity(-63.0, "mV"),
        T_ref: QuantityLike = Quantity(309.15, "K"),
        n_initializer: QuantityLike | ArrayLike | None = None,
        *,
        temperature: QuantityLike | None = None,
        Q10: QuantityLike | ArrayLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""Potassium current of Traub and Miles: delayed rectifier.

        Args:
            g (mS/cm**2): maximal conductance
            E (mV): reversal potential
            V_T (mV): shift of the gate along V
            T_ref (K): temperature at which the rates are those of the equations
            n_initializer: initial value of n, activation
            temperature (K): temperature; by default the neuron's
            Q10: factor of all rates for 10 K; without it they are fixed
            name: the name in messages, until it belongs to a neuron.
        """

class IKDR_Ba2002(_IKDR_Ba2002, IK_TM1991):
    def __init__(
        self,
        g: QuantityLike = Quantity(10.0, "mS/cm**2"),
        E: QuantityLike = Quantity(-90.0, "mV"),
        V_T: QuantityLike = Quantity(-50.0, "mV"),
        Q10: QuantityLike | ArrayLike = 3.0,
        T_ref: QuantityLike = Quantity(309.15, "K"),
        n_initializer: QuantityLike | ArrayLike | None = None,
        *,
        temperature: QuantityLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""Potassium current of thalamic neurons: `IK_TM1991` with V_T -50 mV, three times as fast at 10 K more.

        Args:
            g (mS/cm**2): maximal conductance
            E (mV): reversal potential
            V_T (mV): shift of the gate along V
            Q10: factor of all rates for 10 K
            T_ref (K): temperature at which the rates are those of the equations
            n_initializer: initial value of n, activation
            temperature (K): temperature; by default the neuron's
            name: the name in messages, until it belongs to a neuron.
        """

class INa_Ba2002(_INa_Ba2002, INa_TM1991):
    def __init__(
        self,
        g: QuantityLike = Quantity(90.0, "mS/cm**2"),
        E: QuantityLike = Quantity(50.0, "mV"),
        V_T: QuantityLike = Quantity(-50.0, "mV"),
        Q10: QuantityLike | ArrayLike = 3.0,
        T_ref: QuantityLike = Quantity(309.15, "K"),
        m_initializer: QuantityLike | ArrayLike | None = None,
        h_initializer: QuantityLike | ArrayLike | None = None,
        *,
        temperature: QuantityLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""Sodium current of thalamic neurons: `INa_TM1991` with V_T -50 mV, 90 mS/cm², three times as fast at 10 K more.

        Args:
            g (mS/cm**2): maximal conductance
            E (mV): reversal potential
            V_T (mV): shift of the gates along V
            Q10: factor of all rates for 10 K
            T_ref (K): temperature at which the rates are those of the equations
            m_initializer: initial value of m, activation
            h_initializer: initial value of h, inactivation
            temperature (K): temperature; by default the neuron's
            name: the name in messages, until it belongs to a neuron.
        """

class INa_TM1991(_INa_TM1991):
    def __init__(
        self,
        g: QuantityLike = Quantity(120.0, "mS/cm**2"),
        E: QuantityLike = Quantity(50.0, "mV"),
        V_T: QuantityLike = Quantity(-63.0, "mV"),
        T_ref: QuantityLike = Quantity(309.15, "K"),
        m_initializer: QuantityLike | ArrayLike | None = None,
        h_initializer: QuantityLike | ArrayLike | None = None,
        *,
        temperature: QuantityLike | None = None,
        Q10: QuantityLike | ArrayLike | None = None,
        name: str | None = None,
    ) -> None:
        r"""Sodium current of Traub and Miles: transient.

        Args:
            g (mS/cm**2): maximal conductance
            E (mV): reversal potential
            V_T (mV): shift of the gates along V
            T_ref (K): temperature at which the rates are those of the equations
            m_initializer: initial value of m, activation
            h_initializer: initial value of h, inactivation
            temperature (K): temperature; by default the neuron's
            Q10: factor of all rates for 10 K; without it they are fixed
            name: the name in messages, until it belongs to a neuron.
        """
