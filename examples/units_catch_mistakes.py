"""What the units catch: typical mistakes, and how each is refused, before anything runs.

Values are checked where they are written: their unit, their sign, their order. Equations are checked when a model
first takes a step: the dimensions of parameters, states and inputs are followed through `update`, and what does
not fit is reported with its file and line. The compiled step itself is plain floats: all this costs nothing there.

Such mistakes are no rarity: the Mars Climate Orbiter was lost to one. Mars Climate Orbiter Mishap Investigation
Board, Phase I Report (NASA, 1999).
"""

import simcore as sc
from simcore.units import mA, ms, mV

LIF = sc.models.LIF


class MissingResistance(LIF):
    def derivative(self, V, I):
        return (-(V - self.V_rest) + I) / self.tau


class MissingTimeConstant(LIF):
    def derivative(self, V, I):
        return -(V - self.V_rest) + self.R * I


class QuantityInside(LIF):
    def update(self, x):
        self.V.value = self.V.value + 0.1 * mV
        return super().update(x)


def run(model, current=2 * mA, duration=10 * ms, monitors=("V",)):
    return sc.DSRunner(model, monitors=monitors).run(duration, inputs=current)


mistakes = {
    "LIF(1, tau=10 * mV)": lambda: LIF(1, tau=10 * mV),
    "LIF(1, tau=10)": lambda: LIF(1, tau=10),
    "LIF(1, taum=10 * ms)": lambda: LIF(1, taum=10 * ms),
    "LIF(1, tau=-10 * ms)": lambda: LIF(1, tau=-10 * ms),
    "LIF(1, V_th=-1 * mV)": lambda: LIF(1, V_th=-1 * mV),
    "a voltage as the input": lambda: run(LIF(1), current=2 * mV),
    "a bare number as the input": lambda: run(LIF(1), current=2.0),
    "10.03 ms in steps of 0.1 ms": lambda: run(LIF(1), duration=10.03 * ms),
    "a monitor that does not exist": lambda: run(LIF(1), monitors=["v"]),
    "I instead of R * I": lambda: run(MissingResistance(1)),
    "no / tau": lambda: run(MissingTimeConstant(1)),
    "a quantity inside update": lambda: run(QuantityInside(1)),
}
for what, make in mistakes.items():
    try:
        make()
    except (TypeError, ValueError) as err:  # DimensionalityError is a TypeError
        print(f"{what}\n    {type(err).__name__}: {err}\n")
    else:
        raise AssertionError(f"{what} went through")
print(f"{len(mistakes)} of {len(mistakes)} mistakes caught")
