import types

import simcore as sc


def test_completion_shows_the_public_names_and_no_other():
    assert dir(sc) == sorted([*sc.__all__, "__version__"])
    assert all(hasattr(sc, name) for name in dir(sc))
    hidden = [name for name, value in vars(sc).items() if isinstance(value, types.ModuleType) and name not in dir(sc)]
    assert "step" in hidden  # imported, but no room for users
