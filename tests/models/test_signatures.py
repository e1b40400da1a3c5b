"""The signature that help() and notebooks show is that of the constructor, for every public class."""

import inspect

import pytest

import simcore as sc
from simcore.units import Hz, mA, ms, nS, pA

CLASSES = {
    f"{room.__name__}.{name}": getattr(room, name)
    for room in (sc, sc.models, sc.bases, sc.runners)
    for name in room.__all__
    if isinstance(getattr(room, name), type)
}
NODES = {name: cls for name, cls in CLASSES.items() if issubclass(cls, sc.bases.Node)}


def cells():
    return sc.models.LIF(2, receptors={"syn": sc.models.Exponential()})


# What an argument without a default may be.
VALUES = {
    "in_size": 2,
    "out_size": 3,
    "pre": cells,
    "post": cells,
    "connect": sc.models.AllToAll,
    "weight": 1 * pA,
    "rate": 5 * Hz,
    "times": [1] * ms,
    "indices": [0],
    "n": 3,
    "w_max": 1 * pA,
    "eta": 1 * pA,
    "w_0": 1 * pA,
    "modulator": cells,
    "size": 4,
    "n_slots": 2,
    "links": (),
}


def gated():
    return sc.models.LIF(2, receptors={"syn": sc.models.Gated()}, parts={"opens": sc.models.AMPAGate()})


SPECIAL = {sc.models.GapJunction: {"weight": 1 * nS}}
SPECIAL[sc.models.GateProjection] = {"weight": 1 * nS, "pre": gated, "post": gated}


def required(cls):
    """Return a value for each argument that has no default."""
    parameters = inspect.signature(cls).parameters.values()
    names = [p.name for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    values = VALUES | SPECIAL.get(cls, {})
    return {name: values[name]() if callable(values[name]) else values[name] for name in names}


@pytest.mark.parametrize("name", NODES)
def test_what_has_no_default_is_enough(name):
    assert isinstance(NODES[name](**required(NODES[name])), NODES[name])


@pytest.mark.parametrize("name", NODES)
def test_each_keyword_that_is_shown_is_taken(name):
    cls = NODES[name]
    for key, parameter in inspect.signature(cls).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        try:
            cls(**required(cls) | {key: object()})
        except Exception as err:  # a value that makes no sense may be refused, its name may not
            text = str(err)
            assert not any(said in text for said in ("unexpected keyword", "has no parameter", "given twice")), text


@pytest.mark.parametrize("name", NODES)
def test_all_that_is_declared_or_named_is_shown(name):
    cls, shown = NODES[name], inspect.signature(NODES[name]).parameters
    code = inspect.unwrap(cls.__init__).__code__
    named = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    assert set(named) <= shown.keys()
    takes_parameters = bool(code.co_flags & inspect.CO_VARKEYWORDS) and issubclass(cls, sc.bases.Module | sc.bases.Part)
    if takes_parameters and cls is not sc.Network:  # whose keywords are its parts
        assert {*cls.PARAMS} <= shown.keys()


def test_a_class_of_ones_own_shows_its_own_constructor():
    class Mine(sc.models.LIF):
        gain = sc.Param(2.0, "dimensionless", "of the input")

        def __init__(self, n, label, *, depth=1, **kwargs):
            self.label, self.depth = label, depth
            super().__init__(n, **kwargs)

    shown = list(inspect.signature(Mine).parameters)
    assert shown[:2] == ["n", "label"]
    assert {"depth", "gain", "tau", "V_initializer", "noise", "spk_reset", "positions", "name"} <= set(shown)
    assert "in_size" not in shown
    assert f"{inspect.signature(Mine.__init__)}".startswith("(self, n, label, ")
    assert Mine(2, "x", tau=3 * ms, gain=1.0, depth=4).tau == 3 * ms

    class Closed(sc.models.LIF):
        def __init__(self, n):
            super().__init__(n, tau=3 * ms)

    assert list(inspect.signature(Closed).parameters) == ["n"]


def test_help_names_the_parameters_whose_unit_depends_on_the_receptor():
    for cls, name in ((sc.models.Projection, "weight"), (sc.models.PoissonInput, "n"), (sc.models.STDP, "w_max")):
        assert f"\n    {name} " in cls.__doc__
    for cls, first in ((sc.models.Projection, ["pre", "post"]), (sc.models.PoissonGroup, ["in_size", "rate"])):
        assert list(inspect.signature(cls).parameters)[:2] == first


def test_a_name_that_is_not_shown_is_refused():
    with pytest.raises(TypeError, match="LIF has no parameter 'tua'; did you mean 'tau'"):
        sc.models.LIF(1, tua=3 * ms)
    with pytest.raises(TypeError, match="unexpected keyword argument 'wieght'"):
        sc.models.Projection(cells(), cells(), connect=sc.models.AllToAll(), wieght=1 * mA)
