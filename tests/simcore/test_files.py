"""Files: complete or as they were; those of another kind or of a newer format are refused, each kind in its words."""

import concurrent.futures
import json
import os
import shutil

import numpy as np
import pytest

import simcore as sc
from simcore import DSRunner, FileError, measure
from simcore.models import LIF
from simcore.units import mA, ms


def sweep():
    return sc.Sweep(LIF(1), {"tau": [5, 10] * ms}, {"n": measure.spike_count}, inputs=2 * mA)


# How each kind of file is written and read, and what others are told.
KINDS = {
    "states": (lambda f: LIF(2).save_states(f), lambda f: LIF(2).load_states(f), r"not written by save_states\(\)"),
    "snapshot": (lambda f: DSRunner(LIF(2)).save(f), lambda f: DSRunner.resume(f, LIF(2)), r"no snapshot of DSRunner"),
    "result": (lambda f: sweep().run(1 * ms).save(f), sc.load, r"not written by save\(\)"),
}
PAIRS = [(a, b) for a in KINDS for b in KINDS if a != b]


@pytest.mark.parametrize(("written", "read"), PAIRS)
def test_a_file_of_another_kind_is_refused(written, read, tmp_path):
    KINDS[written][0](tmp_path / "file")
    with pytest.raises(ValueError, match=rf"file.npz .*{KINDS[read][2]}"):
        KINDS[read][1](tmp_path / "file")


def test_a_file_of_a_store_is_refused_as_another_kind(tmp_path):
    DSRunner(LIF(2), ["V"], store=tmp_path / "run").run(1 * ms)
    for _, read, told in KINDS.values():
        with pytest.raises(FileError, match=rf"done.npz .*{told}"):
            read(tmp_path / "run" / "done.npz")


@pytest.mark.parametrize("kind", KINDS)
def test_a_newer_format_is_refused_and_versions_are_told(kind, tmp_path):
    write, read, _ = KINDS[kind]
    write(tmp_path / "file.npz")
    with np.load(tmp_path / "file.npz") as data:
        arrays = dict(data)
    about = json.loads(str(arrays["about"]))
    assert about["versions"].keys() == {"jax", "numpy", "pint"}
    np.savez(tmp_path / "newer.npz", **arrays | {"about": np.array(json.dumps(about | {"format": 99}))})
    with pytest.raises(ValueError, match=r"newer.npz has the format 99; this simcore reads up to 1: install a newer"):
        read(tmp_path / "newer.npz")


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_cannot_be_written_leaves_the_one_before(kind, tmp_path, monkeypatch):
    write = KINDS[kind][0]
    write(tmp_path / "file")
    before = (tmp_path / "file.npz").read_bytes()
    monkeypatch.setattr(np, "savez", lambda *_, **__: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write(tmp_path / "file")
    assert (tmp_path / "file.npz").read_bytes() == before
    assert os.listdir(tmp_path) == ["file.npz"]


@pytest.mark.parametrize("name", ["about.json", "sweep.json"])
def test_a_folder_of_a_newer_format_is_refused(name, tmp_path):
    folder = tmp_path / "folder"
    if name == "about.json":
        DSRunner(LIF(1), ["V"], store=folder).run(1 * ms)
    else:
        sweep().run(1 * ms, store=folder)
    file = folder / name
    file.write_text(file.read_text().replace('"format": 1', '"format": 99'))
    with pytest.raises(ValueError, match=rf"{name} has the format 99; this simcore reads up to 1: install a newer"):
        sc.open_run(folder) if name == "about.json" else sweep().run(1 * ms, store=folder)


def other_shape(batch):
    """Give each point another number of values."""
    rewritten(batch, lambda n: np.repeat(n[:, None], 2, 1))


def other_type(batch):
    """Make numbers so short that others would not fit."""
    rewritten(batch, lambda n: n.astype("i1"))


def text(batch):
    """Make texts of the numbers."""
    rewritten(batch, lambda n: n.astype(str))


def rewritten(batch, change):
    with np.load(batch) as data:
        arrays = dict(data)
    np.savez(batch, **arrays | {"value/n": change(arrays["value/n"])})


def of_another(batch):
    """Copy the batch of a sweep of other values."""
    other = batch.parent / ".other"
    sc.Sweep(LIF(1), {"tau": [50, 100] * ms}, {"n": measure.spike_count}, inputs=2 * mA).run(20 * ms, store=other)
    shutil.copy(next(other.glob("points_*.npz")), batch)
    shutil.rmtree(other)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda batch: np.savez(batch, a=1), "is no batch of a sweep"),
        (other_shape, r"'value/n' is int32 of the shape \(2, 2, 1\), not int32 of \(2, 1\)"),
        (other_type, r"'value/n' is int8 of the shape \(2, 1\), not int32"),
        (text, r"'value/n' is <U\d+ of the shape"),
        (of_another, "is of another sweep"),
    ],
)
def test_a_batch_of_a_sweep_that_is_something_else_is_left_out_and_named(damage, told, tmp_path):
    expected = sweep().run(20 * ms, store=tmp_path)
    (batch,) = tmp_path.glob("points_*.npz")
    damage(batch)
    with pytest.warns(RuntimeWarning, match=rf"{batch.name} .*{told}.*; delete it: .* goes on without it"):
        again = sweep().run(20 * ms, store=tmp_path)
    np.testing.assert_array_equal(again.n.values, expected.n.values)
    sweep().run(20 * ms, store=tmp_path)  # it was written anew


def test_a_folder_in_place_of_a_batch_is_refused(tmp_path):
    sweep().run(1 * ms, store=tmp_path)
    (batch,) = tmp_path.glob("points_*.npz")
    batch.unlink()
    batch.mkdir()
    with pytest.raises(FileError, match=rf"{batch.name} is damaged, .* it is a folder or a device; delete it"):
        sweep().run(1 * ms, store=tmp_path)


def test_threads_save_to_one_path(tmp_path):
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: LIF(2).save_states(tmp_path / "file"), range(40)))
    assert os.listdir(tmp_path) == ["file.npz"]


def test_leftovers_are_tidied_but_not_what_a_process_elsewhere_writes(tmp_path, monkeypatch):
    folder = tmp_path / "folder"
    folder.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", lambda *_: None)  # as where it is killed before
        patch.setattr(os, "getpid", lambda: 2**22 + 1)  # which Linux gives to none
        LIF(2).save_states(folder / "file")
    (left,) = os.listdir(folder)
    machine = left.split(".")[1]
    elsewhere = left.replace(machine, f"{int(machine, 16) ^ 1:08x}")
    shutil.copy(folder / left, folder / elsewhere)
    other = shutil.copytree(folder, tmp_path / "other")  # of which nothing has been tidied yet
    LIF(2).save_states(other / "new")
    assert sorted(os.listdir(other)) == sorted([elsewhere, "new.npz"])
