"""The parameters of a neuron are found again in its noisy recording (examples/fit_adex.py)."""

import matplotlib.pyplot as plt


def test_parameters_come_back_within_five_percent_and_spikes_under_another_current_coincide(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    import fit_adex  # runs it

    plt.close("all")
    for name, value in fit_adex.best.params.items():
        was = getattr(fit_adex.cell, name)
        assert abs(value - was) < 0.05 * abs(was), name
    assert fit_adex.test.spike.sum() > 10
    assert fit_adex.factor > 0.9
