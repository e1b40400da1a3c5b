"""Damaged, foreign and hostile files: each loader answers with the file's name and a cure, at once.

Files are made by hypothesis from good ones: bytes changed, cut, doubled; what they say of themselves; their arrays.
"""

import collections
import importlib.util
import io
import json
import os
import resource
import shutil
import time
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import simcore as sc
from simcore import DimensionalityError, DSRunner, FileError, measure
from simcore.models import LIF, Exponential, LIFRef
from simcore.units import mA, ms, mV

MANY = settings(
    max_examples=4 * settings.default.max_examples if settings.default.max_examples > 100 else 50,  # CI: 2 000
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)

# Seconds of processor time. What a hostile file or text costs is none of them, or has no end: nothing lies between.
ENDLESS = 20


def model():
    return LIFRef(3, noise="0.1 mV/ms**0.5", receptors={"exc": Exponential(tau=5 * ms, reversal=0 * mV)})


def values(target):
    return {k: q.magnitude.tolist() for k, q in target.state_dict().items()}


def load_states(file):
    """Load into a model, which must be as it was where the file is refused."""
    target = model()
    before = values(target)
    try:
        target.load_states(file)
    except Exception:
        assert values(target) == before
        raise


def resume(file):
    target = model()
    before = values(target)
    try:
        runner = DSRunner.resume(file, target)
    except Exception:
        assert values(target) == before
        raise
    assert 0 <= runner.i < 2**31


def open_run(folder):
    """Open a store and read all of it: each item is there, or its file is named."""
    mon = sc.open_run(folder)
    faults = []
    for name in mon:
        try:
            np.size(getattr(mon[name], "times", mon[name]))
        except FileError as err:
            faults.append(err)
    for err in faults[:1]:
        raise err


LOADERS = {"states": load_states, "snapshot": resume, "result": sc.load, "store": open_run, "zarr": open_run}
# A file is bad (FileError), or good and of another model, in the words that models and runners have for it.
ANSWERS = {
    "states": (FileError, ValueError, KeyError, DimensionalityError),
    "snapshot": (FileError, ValueError, DimensionalityError),
    "result": FileError,
    "store": (FileError, FileNotFoundError),
    "zarr": (FileError, FileNotFoundError),
}


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The folder of one good file of each kind."""
    folder = tmp_path_factory.mktemp("good")
    target = model()
    target.save_states(folder / "states.npz")
    monitors = {"V": ("V", [0, 2]), "n": "spike_count", "m": measure.mean("V"), "h": "spike_events",
                "i": measure.interval_histogram(bins=np.array([0, 5, 10]) * ms),
                "few": sc.Record("V", every=0.5 * ms, start=0.2 * ms)}  # fmt: skip
    runner = DSRunner(target, monitors, store=folder / "store")
    runner.run(3 * ms, inputs=2 * mA)
    runner.save(folder / "snapshot.npz")
    if importlib.util.find_spec("zarr"):
        DSRunner(model(), monitors, store=folder / "in.zarr").run(3 * ms, inputs=2 * mA)
    over = {"tau": [5, 10] * ms, "how": sc.design.zipped({"method": ["euler", "heun"]})}
    measures = {"n": measure.spike_count, "V": measure.trace("V", every=1 * ms)}
    sc.Sweep(LIF(2), over, measures, inputs=2 * mA).run(2 * ms).save(folder / "result.npz")
    return folder


PLAIN = st.one_of(
    st.sampled_from([
        "9**9**9 * mV", "mV**9**9", "/etc/passwd", "../../up", "|O8", "<f8", "V", "kHz", "degC", "a" * 500, "\0",
        None, True, 0, -1, 2**31, 2**63, 10**400, 1e308, np.nan, np.inf, [], {}, [[[]]], {"a": None}, [1, 2, 3],
    ]),
    st.integers(), st.floats(), st.text(max_size=4),
)  # fmt: skip


def other_plain(draw, value):
    """Return plain values of which one, anywhere, is another, or one key is gone or new."""
    if isinstance(value, dict | list) and value and draw(st.integers(0, 5)):
        value = value.copy()
        key = draw(st.sampled_from(list(value) if isinstance(value, dict) else range(len(value))))
        how = draw(st.integers(0, 9)) if isinstance(value, dict) else 2
        if how == 0:
            del value[key]
        elif how == 1:
            value[draw(st.text(max_size=3))] = value.pop(key)
        else:
            value[key] = other_plain(draw, value[key])
        return value
    return draw(PLAIN)


def other_bytes(draw, content):
    """Return bytes of which some are changed, gone, or there twice."""
    at = st.integers(0, len(content))
    for _ in range(draw(st.integers(1, 3))):
        i, j = sorted((draw(at), draw(at)))
        new = [content[:i], content[:i] + content[j:], content[:j] + content[i:],
               content[:i] + draw(st.binary(min_size=1, max_size=8)) + content[i + 1 :],
               content[:i] + bytes(j - i) + content[j:]]  # fmt: skip
        content = draw(st.sampled_from(new))
    return content


class Evil:
    """Runs code where it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("unpickled",)


HEADERS = st.builds(
    lambda descr, shape, order: f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}}}".encode(),
    st.sampled_from(
        ["'<f8'", "'|O'", "'<U9999999'", "'<f4'", "'<c16'", "'<M8[s]'", "[('a', '<f8')]", "9**9**9", "'V'"]
    ),
    st.sampled_from(
        ["()", "(3,)", "(2**27,)", "(134217728,)", "(-1,)", "(0, 4611686018427387904)", "(1e9,)", "(3, 3)"]
    ),
    st.sampled_from(["False", "True", "__import__('os').mkdir('unpickled')"]),
)


def other_array(draw):
    """Return the bytes of another .npy file."""
    file, how = io.BytesIO(), draw(st.integers(0, 2))
    if how == 0:
        np.save(file, np.array([Evil()], object), allow_pickle=True)
    elif how == 1:
        shape = tuple(draw(st.lists(st.integers(0, 4), max_size=3)))
        np.save(file, draw(st.sampled_from([-1.0, 0.0, 1.0, np.nan, np.inf])) * np.ones(shape))
    else:
        header = draw(HEADERS)
        file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(24))
    return file.getvalue()


def other_npz(draw, content):
    """Return the bytes of an .npz of which something is another."""
    how = draw(st.sampled_from(["bytes", "text", "array", "names", "packed"]))
    if how == "bytes":
        return other_bytes(draw, content)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        members = {name: file.read(name) for name in file.namelist()}
    name = draw(st.sampled_from(sorted(members)))
    if how == "text":
        about = json.loads(str(np.load(io.BytesIO(members["about.npy"]))))
        out = io.BytesIO()
        np.save(out, np.array(json.dumps(other_plain(draw, about))))
        members["about.npy"] = out.getvalue()
    elif how == "array":
        members[name] = other_array(draw)
    elif how == "names":
        members[draw(st.sampled_from(["../up.npy", "/up.npy", "x", name]))] = members.pop(name)
        members.pop(draw(st.sampled_from(sorted(members))))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if how == "packed" else zipfile.ZIP_STORED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def damage(draw, path):
    """Replace a file, or one of those in a folder, by another."""
    if path.is_dir():
        path = draw(st.sampled_from(sorted(f for f in path.rglob("*") if f.is_file() and f.name != ".lock")))
    content = path.read_bytes()
    if path.suffix == ".npz":
        path.write_bytes(other_npz(draw, content))
    elif path.suffix == ".json" and draw(st.booleans()):
        path.write_text(json.dumps(other_plain(draw, json.loads(content))))
    elif path.suffix == ".npy" and draw(st.booleans()):
        path.write_bytes(other_array(draw))
    else:
        path.write_bytes(other_bytes(draw, content))


def peak():
    """Return the most memory that this process has had, in bytes."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def copied(source, target):
    shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
    shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    return target


@pytest.mark.filterwarnings("ignore:.*'tau:UserWarning")  # where the file says another dt
@pytest.mark.parametrize("kind", LOADERS)
def test_any_file_is_read_or_refused_by_name_at_once(kind, good, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pytest.importorskip("zarr") if kind == "zarr" else None
    (source,) = good.glob(f"*.{kind}" if kind == "zarr" else f"{kind}*")
    load, answers = LOADERS[kind], ANSWERS[kind]
    load(source)
    counts = collections.Counter()

    @MANY
    @given(st.data())
    def each(data):
        path = copied(source, tmp_path / source.name)
        damage(data.draw, path)
        before = peak()
        started = time.process_time()
        try:
            load(path)
            answer = path
        except answers as err:
            answer = err
        assert time.process_time() - started < ENDLESS
        assert peak() - before < 100 * 2**20
        assert str(path) in str(answer)
        assert not os.path.exists("unpickled")
        counts["read" if answer is path else type(answer).__name__] += 1

    each()
    print(kind, dict(counts))  # pytest -rP shows it


# ---------------------------------------------------------------- by hand


@pytest.mark.parametrize("kind", ["states", "snapshot", "result"])
@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"PK\x03\x04", b"hello", b"[" * 100_000])
def test_what_is_no_npz_is_refused_with_the_cure(kind, content, tmp_path):
    (tmp_path / "file.npz").write_bytes(content)
    with pytest.raises(FileError, match=r"file.npz is damaged, or .*; name a file of .*, or "):
        LOADERS[kind](tmp_path / "file.npz")


@pytest.mark.parametrize("kind", ["states", "snapshot", "result"])
def test_folders_devices_and_what_is_not_there_are_refused_by_name(kind, tmp_path):
    os.mkfifo(tmp_path / "pipe")  # opening it would wait for ever
    for name in ("pipe", "."):
        with pytest.raises(FileError, match="it is a folder or a device"):
            LOADERS[kind](tmp_path / name)
    with pytest.raises(FileNotFoundError, match=r"there is no such file; name a file of .*'.*none.npz'"):
        LOADERS[kind](tmp_path / "none.npz")


def with_large_array(source, file, packing):
    """Copy an .npz with half a GiB of zeros in place of its last array."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(file, "w", packing, compresslevel=1) as new:
        large = next(name for name in reversed(old.namelist()) if name.rpartition("/")[2] == "V.npy")
        for name in old.namelist():
            if name != large:
                new.writestr(name, old.read(name))
        with new.open(large, "w") as member:
            header = {"descr": "<f8", "fortran_order": False, "shape": (2**26,)}
            np.lib.format.write_array_header_1_0(member, header)
            for _ in range(2**9):
                member.write(bytes(2**20))


# What reads a snapshot reads states too.
@pytest.mark.parametrize("kind", ["states", pytest.param("snapshot", marks=pytest.mark.slow), "result"])
def test_an_array_larger_than_the_model_or_the_file_is_refused_before_it_is_read(kind, good, tmp_path):
    file = tmp_path / "large.npz"
    for packing, told in ((zipfile.ZIP_DEFLATED, "it unpacks to more than it has"), (zipfile.ZIP_STORED, "67108864")):
        with_large_array(good / f"{kind}.npz", file, packing)
        before = peak()
        with pytest.raises(ValueError, match=rf"large.npz.*{told}"):
            LOADERS[kind](file)
        assert peak() - before < 100 * 2**20


@pytest.mark.parametrize("name", [".lock", "V.npy", "done.npz"])
def test_nothing_is_written_through_a_link_in_a_store(name, good, tmp_path):
    thesis = copied(good / "store" / name, tmp_path / "thesis")
    before = thesis.read_bytes()
    store = copied(good / "store", tmp_path / "store")
    (store / name).unlink()
    (store / name).symlink_to("../thesis")
    with pytest.raises(FileError, match=f"store/{name} is a link; a run goes on in files of its store alone: put"):
        DSRunner.resume(good / "snapshot", model(), store=store).run(1 * ms, inputs=2 * mA)
    assert thesis.read_bytes() == before


def test_nothing_is_written_through_a_link_in_a_sweep(tmp_path):
    sweep = sc.Sweep(LIF(1), {"tau": [5, 10] * ms}, {"n": measure.spike_count})
    sweep.run(1 * ms, store=tmp_path / "sweep")
    (tmp_path / "thesis").write_text("thesis")
    (tmp_path / "sweep" / ".lock0").unlink()
    (tmp_path / "sweep" / ".lock0").symlink_to("../thesis")
    with pytest.raises(OSError, match=r"it is a link that leads elsewhere; remove it: '.*sweep/.lock0'"):
        sweep.run(1 * ms, store=tmp_path / "sweep")
    assert (tmp_path / "thesis").read_text() == "thesis"


def test_a_file_of_many_arrays_or_names_is_answered_at_once_and_in_short(good, tmp_path):
    with np.load(good / "states.npz") as data:
        arrays = dict(data)
    about = json.loads(str(arrays["about"]))
    many = {f"name{k}": "mV" for k in range(20_000)}
    np.savez(tmp_path / "names.npz", **arrays | {"about": np.array(json.dumps(about | {"unit_of": many}))})
    empty = io.BytesIO()
    np.save(empty, np.zeros(0))
    shutil.copy(good / "states.npz", tmp_path / "arrays.npz")
    with zipfile.ZipFile(tmp_path / "arrays.npz", "a") as file:
        for k in range(10_000):
            file.writestr(f"{k}.npy", empty.getvalue())
    started = time.process_time()
    load_states(tmp_path / "arrays.npz")
    assert time.process_time() - started < ENDLESS
    with pytest.raises(KeyError, match=r"unexpected name0, name1, .* and 19992 more") as err:
        load_states(tmp_path / "names.npz")
    assert len(str(err.value)) < 1000


def test_a_netcdf_file_that_is_damaged_or_another_is_refused(tmp_path):
    pytest.importorskip("xarray")
    sc.Sweep(LIF(1), {"tau": [5, 10] * ms}, {"n": measure.spike_count}).run(1 * ms).save(tmp_path / "good.nc")
    content = (tmp_path / "good.nc").read_bytes()
    for bad in (b"", b"hello", content[: len(content) // 2], content[:8] + bytes(100)):
        (tmp_path / "bad.nc").write_bytes(bad)
        with pytest.raises(FileError, match=r"bad.nc is damaged, or was not written by save\(\) .*; name"):
            sc.load(tmp_path / "bad.nc")


def test_a_netcdf_file_that_unpacks_to_far_more_than_it_has_is_refused_before(tmp_path):
    pytest.importorskip("xarray")
    netcdf = pytest.importorskip("netCDF4")
    for options in ({"zlib": True}, {}):
        with netcdf.Dataset(tmp_path / "bad.nc", "w") as data:
            data.createDimension("tau", None)
            data.createVariable("n", "f8", ("tau",), chunksizes=(2**24,), **options)
        with pytest.raises(FileError, match=r"bad.nc is damaged, .*: 'n' is compressed or in large chunks, which"):
            sc.load(tmp_path / "bad.nc")


def test_a_column_of_zarr_in_other_chunks_than_simcore_makes_is_refused_before(good, tmp_path):
    zarr = pytest.importorskip("zarr")
    store = copied(good / "in.zarr", tmp_path / "in.zarr")
    shutil.rmtree(store / "V")
    zarr.create_array(store / "V", shape=(30, 2), chunks=(60_000_000, 2), dtype="<f8")
    before = peak()
    with pytest.raises(FileError, match=r"in.zarr/V is damaged, .*: it is in chunks of \(60000000, 2\), or packed"):
        open_run(store)
    assert peak() - before < 100 * 2**20


@pytest.mark.parametrize(
    "text", ["9**9**9*mV", "mV**9**9**9", "mV**(9**9**9)", "mV⁹⁹⁹⁹⁹⁹⁹⁹⁹", "mV**9⁹⁹⁹⁹⁹⁹⁹", "2*mV", "a" * 10**6, "()('')"]
)
def test_a_unit_is_names_with_small_powers_and_nothing_is_computed(text):
    started = time.process_time()
    assert not sc.units.is_unit(text)
    with pytest.raises(ValueError, match=r"needs a quantity in ms; .* cannot be read as one"):
        LIF(1, tau=f"1 {text}")
    assert time.process_time() - started < ENDLESS


@pytest.mark.parametrize(
    "text", ["mV**2/ms**0.5", "1/(mV*ms)", "nS/cm²", "mV·ms", "mV^2", "°C", "delta_degC", "kΩ", "", "1 / second"]
)
def test_units_as_scientists_write_them_are_read(text):
    assert sc.units.is_unit(text)
