"""The five generalized leaky integrate-and-fire neurons of the Allen Institute, and how to read their files."""

from collections.abc import Mapping
from typing import Any, Self

import jax.numpy as jnp
import numpy as np

from simcore import HiddenState, Neuron, Param, reset_to
from simcore.surrogate import ReluGrad


class GLIF1(Neuron):
    r"""Generalized leaky integrate-and-fire neuron, level 1: a leaky V with a fixed threshold and reset.

    .. math::
        C \, dV/dt = -G (V - V_{rest}) + I(t); \quad V \ge V_{th}: \text{ emit a spike, } V \leftarrow V_{reset}

    In the refractory period V is held, and at the higher levels all other states stand still. The defaults are NEST's
    of glif_psc, cell 490626718 of the database. There, and in the AllenSDK, a reset that depends on V takes its value
    one step before the spike; here it is the value at the spike.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Teeter, Iyer, Menon, Gouwens, Feng, Berg, Szafer, Cain, Zeng, Hawrylycz, Koch, Mihalas (2018),
    Generalized leaky integrate-and-fire models classify multiple neuron types, Nature Communications 9, 709.
    """

    C = Param(58.72, "pF", "capacitance", positive=True)
    G = Param(9.43, "nS", "conductance of the leak", positive=True)
    V_th = Param(-51.68, "mV", "spike threshold", above="V_reset")
    V_reset = Param(-78.85, "mV", "membrane potential after a spike")
    V_rest = Param(-78.85, "mV", "resting membrane potential")
    tau_ref = Param(3.75, "ms", "absolute refractory period", nonnegative=True, steps=True)

    V = HiddenState("mV", "membrane potential", init="V_rest")

    spk_fun = ReluGrad()
    spk_reset = "hard"

    def derivative(self, V: Any, I: Any) -> Any:
        """Return dV/dt."""
        return (I - self.G * (V - self.V_rest)) / self.C

    def after(self) -> dict[str, Any]:
        """Return what each state is after a spike, at the end of the refractory period."""
        return {"V": self.V_reset}

    def update(self, x: Any = 0.0) -> Any:
        """Advance by one step under the current x and return the spikes."""
        spike, after, held = self.reset_spike(), self.after(), self.is_refractory()
        states = [vars(self)[name] for name in self.STATES]
        start = tuple(reset_to(s.value, after[s.name], spike) if s.name in after else s.value for s in states)
        for state, then, now in zip(states, start, self.integrate(self.derivative, start, x), strict=True):
            state.value = jnp.where(held, then, now)
        return self.fire()

    @classmethod
    def from_allen(cls, config: Mapping[str, Any], in_size: int | tuple[int, ...] = 1, **parameters: Any) -> Self:
        """Return neurons with the parameters of one of the Allen Cell Types Database.

        Args:
            config: what json.load makes of its neuron_config.json, in SI units.
            in_size: the population's size, an int or a tuple.
            parameters: what else the constructor takes; goes before what the file says.

        Raises:
            ValueError: the file is about a neuron of another level, or lacks something.
        """
        try:
            level = level_of(config)
            values = cls.of_allen(config)
        except KeyError as err:
            raise ValueError(f"{cls.__name__}.from_allen: the neuron_config has no {err}.") from err
        if cls.__name__ != level:
            raise ValueError(f"{cls.__name__}.from_allen: this neuron is a {level}; write {level}.from_allen(config).")
        return cls(in_size, **values | parameters)

    @classmethod
    def of_allen(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of its level in a file of the Allen Institute, as texts with units."""
        shares, zero = config["coeffs"], config["El_reference"]
        return {
            "C": f"{config['C'] * shares['C']} F",
            "G": f"{shares['G'] / config['R_input']} S",
            "V_th": f"{zero + config['th_inf'] * shares['th_inf']} V",
            "V_reset": f"{zero} V",
            "V_rest": f"{zero + config['El']} V",
            "tau_ref": f"{config['spike_cut_length'] * config['dt']} s",
        }


class GLIF2(GLIF1):
    r"""`GLIF1` with reset rules: V after a spike follows V at it, and the threshold rises.

    .. math::
        d\theta_s/dt = -b_s \theta_s; \quad V \ge V_{th} + \theta_s: \; V \leftarrow V_{rest} + f_v (V - V_{rest}) +
        \delta V, \; \theta_s \leftarrow \theta_s e^{-b_s \tau_{ref}} + \delta\theta_s

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Teeter et al. (2018), Nature Communications 9, 709.
    """

    V_reset = None
    C, G = GLIF1.C, GLIF1.G
    V_th = Param(-51.68, "mV", "spike threshold without spikes", above="V_rest")
    V_rest, tau_ref = GLIF1.V_rest, GLIF1.tau_ref
    f_v = Param(0.2, "dimensionless", "share of V - V_rest kept at a spike")
    delta_V = Param(18.51, "mV", "rise of V at a spike")
    b_s = Param(0.009, "1/ms", "rate at which theta_s decays", positive=True)
    delta_theta_s = Param(0.37, "mV", "rise of theta_s at a spike")

    theta_s = HiddenState("mV", "rise of the threshold by spikes")

    def check_params(self) -> None:
        """Refuse a reset to above the threshold, by which a neuron would fire forever."""
        super().check_params()
        names = ("V_th", "V_rest", "f_v", "delta_V", "delta_theta_s")
        V_th, V_rest, f_v, delta_V, delta_theta_s = (self.kernel_value(name) for name in names)
        after, threshold = V_rest + f_v * (V_th - V_rest) + delta_V, V_th + delta_theta_s
        if np.any(after >= threshold):
            first = np.argmax(after >= threshold)
            after, threshold = (v.flat[first] for v in np.broadcast_arrays(after, threshold))
            raise ValueError(
                f"{self.name}: a spike at V_th resets V to V_rest + f_v (V_th - V_rest) + delta_V = {after:g} mV, not "
                f"below V_th + delta_theta_s = {threshold:g} mV: it would fire forever. Take a smaller f_v or delta_V, "
                "or a larger delta_theta_s."
            )

    def has_threshold(self) -> bool:
        """It has one without V_reset."""
        return True

    def threshold(self) -> Any:
        """Return the threshold with what spikes have added to it."""
        return self.V_th + self.theta_s.value

    def scale(self) -> Any:
        """Return the distance of the threshold from rest."""
        return self.V_th - self.V_rest

    def derivative(self, V: Any, theta_s: Any, I: Any) -> Any:  # type: ignore[override]  # other states, here and below
        """Return dV/dt, dtheta_s/dt."""
        return GLIF1.derivative(self, V, I), -self.b_s * theta_s

    def after(self) -> dict[str, Any]:
        """Return what each state is after a spike, at the end of the refractory period."""
        V = self.V_rest + self.f_v * (self.V.value - self.V_rest) + self.delta_V
        theta_s = self.theta_s.value * jnp.exp(-self.b_s * self.tau_ref) + self.delta_theta_s
        return {"V": V, "theta_s": theta_s}

    @classmethod
    def of_allen(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of its level in a file of the Allen Institute, as texts with units."""
        reset, moves = config["voltage_reset_method"]["params"], config["threshold_dynamics_method"]["params"]
        values = super().of_allen(config)
        del values["V_reset"]
        return values | {
            "f_v": reset["a"],
            "delta_V": f"{reset['b']} V",
            "b_s": f"{moves['b_spike']} 1/s",
            "delta_theta_s": f"{moves['a_spike']} V",
        }


class GLIF3(GLIF1):
    r"""`GLIF1` with two after-spike currents.

    .. math::
        C \, dV/dt = -G (V - V_{rest}) + I_1 + I_2 + I(t), \quad dI_j/dt = -k_j I_j; \quad
        \text{at a spike } I_j \leftarrow r_j I_j e^{-k_j \tau_{ref}} + \delta I_j

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Teeter et al. (2018), Nature Communications 9, 709.
    """

    k1 = Param(0.003, "1/ms", "rate at which I1 decays", positive=True)
    k2 = Param(0.1, "1/ms", "rate at which I2 decays", positive=True)
    r1 = Param(1.0, "dimensionless", "share of I1 kept at a spike")
    r2 = Param(1.0, "dimensionless", "share of I2 kept at a spike")
    delta_I1 = Param(-9.18, "pA", "rise of I1 at a spike")
    delta_I2 = Param(-198.94, "pA", "rise of I2 at a spike")

    I1 = HiddenState("pA", "first after-spike current")
    I2 = HiddenState("pA", "second after-spike current")

    def derivative(self, V: Any, I1: Any, I2: Any, I: Any) -> Any:  # type: ignore[override]
        """Return dV/dt, dI1/dt, dI2/dt."""
        return GLIF1.derivative(self, V, I1 + I2 + I), -self.k1 * I1, -self.k2 * I2

    def after(self) -> dict[str, Any]:
        """Return what each state is after a spike, at the end of the refractory period."""
        I1 = self.r1 * self.I1.value * jnp.exp(-self.k1 * self.tau_ref) + self.delta_I1
        I2 = self.r2 * self.I2.value * jnp.exp(-self.k2 * self.tau_ref) + self.delta_I2
        return super().after() | {"I1": I1, "I2": I2}

    @classmethod
    def of_allen(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of its level in a file of the Allen Institute, as texts with units."""
        values = super().of_allen(config)
        for j in (0, 1):
            values[f"k{j + 1}"] = f"{1 / config['asc_tau_array'][j]} 1/s"
            values[f"r{j + 1}"] = config["AScurrent_reset_method"]["params"]["r"][j]
            values[f"delta_I{j + 1}"] = f"{config['asc_amp_array'][j] * config['coeffs']['asc_amp_array'][j]} A"
        return values


class GLIF4(GLIF3, GLIF2):
    """`GLIF1` with the reset rules of `GLIF2` and the after-spike currents of `GLIF3`.

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Teeter et al. (2018), Nature Communications 9, 709.
    """

    def derivative(self, V: Any, theta_s: Any, I1: Any, I2: Any, I: Any) -> Any:  # type: ignore[override]
        """Return dV/dt, dtheta_s/dt, dI1/dt, dI2/dt."""
        dV, dI1, dI2 = GLIF3.derivative(self, V, I1, I2, I)
        return dV, -self.b_s * theta_s, dI1, dI2


class GLIF5(GLIF4):
    r"""`GLIF4` with a threshold that follows V.

    .. math:: d\theta_v/dt = a_v (V - V_{rest}) - b_v \theta_v; \quad \text{the threshold is }
        V_{th} + \theta_s + \theta_v

    Input: I, current, `varshape`. Output: spikes, 0. or 1., `varshape`.

    Reference: Teeter et al. (2018), Nature Communications 9, 709.
    """

    a_v = Param(0.005, "1/ms", "how theta_v follows V")
    b_v = Param(0.09, "1/ms", "rate at which theta_v decays", positive=True)

    theta_v = HiddenState("mV", "rise of the threshold by V")

    def threshold(self) -> Any:
        """Return the threshold with what spikes and V have added to it."""
        return super().threshold() + self.theta_v.value

    def derivative(  # type: ignore[override]
        self, V: Any, theta_s: Any, I1: Any, I2: Any, theta_v: Any, I: Any
    ) -> Any:
        """Return dV/dt, dtheta_s/dt, dI1/dt, dI2/dt, dtheta_v/dt."""
        return (*super().derivative(V, theta_s, I1, I2, I), self.a_v * (V - self.V_rest) - self.b_v * theta_v)

    @classmethod
    def of_allen(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of its level in a file of the Allen Institute, as texts with units."""
        moves, shares = config["threshold_dynamics_method"]["params"], config["coeffs"]
        return super().of_allen(config) | {
            "a_v": f"{moves['a_voltage'] * shares['a']} 1/s",
            "b_v": f"{moves['b_voltage'] * shares['b']} 1/s",
        }


def level_of(config: Mapping[str, Any]) -> str:
    """Return the class whose rules a file of the Allen Institute names."""
    has_rules = config["voltage_reset_method"]["name"] != "zero"
    has_currents = config["AScurrent_dynamics_method"]["name"] != "none" and any(config["asc_amp_array"])
    follows_V = config["threshold_dynamics_method"]["name"].startswith("three_components")
    return "GLIF5" if follows_V else f"GLIF{1 + has_rules + 2 * has_currents}"
