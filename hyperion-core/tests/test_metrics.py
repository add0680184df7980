"""What an Instance counts and times, and its text for other programs."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import numpy as np
import pytest

import hyperion as hp
from hyperion import metrics as module
from hyperion.errors import DeviceError, PluginError, TypeCheckError
from hyperion.interfaces.event import Event
from hyperion.logic import checking
from hyperion.metrics import BOUNDS, FAMILIES, Metrics, Snapshot
from hyperion.tokens import Token

INC = "func @inc(%x: i64) -> i64 { %one = const 1 : i64 %y = add.trap %x, %one : i64 return %y }"

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"'
_SAMPLE = re.compile(rf"({_NAME})(?:\{{({_LABEL}(?:,{_LABEL})*)\}})? (\S+)")
SUFFIXES = {"counter": {"_total"}, "gauge": {""}, "histogram": {"_bucket", "_count", "_sum"}}


def parsed(text: str) -> dict[str, tuple[str, dict[tuple[str, tuple[tuple[str, str], ...]], float]]]:
    """The families of an OpenMetrics 1.0 text: kind, and values by name and labels. Holds it to the grammar and to the
    rules about names, units, metadata first, one block for each family, and buckets."""
    assert text.endswith("# EOF\n")
    found: dict[str, tuple[str, dict[Any, float]]] = {}
    name = ""
    for line in text.splitlines()[:-1]:
        if line.startswith("# "):
            _, word, about, value = line.split(" ", 3)
            if word == "TYPE":
                name = about
                assert name not in found
                found[name] = value, {}
            elif word == "UNIT":
                assert name.endswith("_" + value)
            else:
                assert word == "HELP"
            assert about == name
            assert not found[name][1]
            continue
        match = _SAMPLE.fullmatch(line)
        assert match, line
        kind, values = found[name]
        assert match[1].removeprefix(name) in SUFFIXES[kind]
        labels = tuple(re.findall(_LABEL, match[2] or ""))
        assert len(dict(labels)) == len(labels)
        assert (match[1], labels) not in values
        values[match[1], labels] = float(match[match.lastindex or 0])
    for name, (kind, values) in found.items():
        if kind == "histogram":
            _check_buckets(name, values)
        assert values
    return found


def _check_buckets(name: str, values: dict[Any, float]) -> None:
    series: dict[Any, list[tuple[float, float]]] = {}
    for (sample, labels), value in values.items():
        if sample == f"{name}_bucket":
            (bound,) = [float(v) for k, v in labels if k == "le"]
            series.setdefault(tuple(x for x in labels if x[0] != "le"), []).append((bound, value))
    assert series
    for labels, buckets in series.items():
        assert buckets == sorted(buckets)
        assert [n for _, n in buckets] == sorted(n for _, n in buckets)
        assert buckets[-1] == (math.inf, values[f"{name}_count", labels])
        assert values[f"{name}_sum", labels] >= 0


def test_counters_histograms_and_gauges() -> None:
    metrics = Metrics()
    metrics.count("submits")
    metrics.count("submits", 2)
    metrics.count("transfer_bytes", 4096, source="host", target="virtual:1")
    metrics.count("transfer_bytes", 1, target="virtual:1", source="host")
    metrics.count("transfer_bytes", 7, source="virtual:1", target="host")
    for seconds in (0.0, 1e-6, 2e-6, 1.0, 1e9):
        metrics.observe("run_seconds", seconds, device="cpu:0")
    metrics.gauge("queued", lambda: 5)
    found = metrics.snapshot()
    assert found.total("submits") == found.number("submits") == 3
    assert found.total("transfer_bytes") == 4104
    assert found.total("transfer_bytes", source="host") == 4097
    assert found.total("transfer_bytes", source="host", target="cpu:0") == 0
    assert (found.number("run_seconds"), found.total("run_seconds")) == (5, 1e9 + 1.000003)
    assert found.total("queued") == 5
    assert found.total("device_losses") == 0  # nothing was lost, and the name is known
    (histogram,) = [v for (name, _), v in found.values.items() if name == "run_seconds"]
    assert isinstance(histogram, module.Histogram)
    assert {BOUNDS[i] if i < len(BOUNDS) else math.inf: n for i, n in enumerate(histogram.buckets) if n} == {
        1e-6: 2, 3e-6: 1, 1.0: 1, math.inf: 1,
    }  # fmt: skip
    assert repr(found).splitlines() == [
        "queued  5",
        'run_seconds{device="cpu:0"}  5 in 1e+09 s',
        "submits  3",
        'transfer_bytes{source="host",target="virtual:1"}  4,097',
        'transfer_bytes{source="virtual:1",target="host"}  7',
    ]
    assert repr(Metrics().snapshot()) == "nothing was counted"


def test_what_is_counted_at_every_call_is_the_same_series() -> None:
    metrics = Metrics()
    submits, ran = metrics.counter("submits"), metrics.timer("run_seconds", device="cpu:0")
    assert repr(metrics.snapshot()) == "nothing was counted"
    for seconds in (0.5, 0.25):
        submits()
        ran(seconds)
    metrics.count("submits", 2)
    metrics.observe("run_seconds", 1, device="cpu:0")
    metrics.counter("submits")()
    found = metrics.snapshot()
    assert found.total("submits") == 5
    assert (found.number("run_seconds"), found.total("run_seconds")) == (3, 1.75)
    for wrong in (metrics.counter("run_seconds"), lambda: metrics.timer("submits")(1.0), metrics.counter("a-b")):
        with pytest.raises(PluginError, match="HY1040"):
            wrong()


def test_several_series_are_fed_at_once() -> None:
    metrics = Metrics()
    put = metrics.several(("network_sent_bytes", "network_received_bytes"), "network_wait_seconds", network="n")
    put(0.5, (3, 0))
    put(0.25, ())
    put(0.25, (4, 1))
    found = metrics.snapshot()
    assert (found.number("network_wait_seconds", network="n"), found.total("network_wait_seconds")) == (3, 1.0)
    assert (found.total("network_sent_bytes"), found.total("network_received_bytes", network="n")) == (7, 1)
    metrics.count("network_sent_bytes", network="n")
    assert metrics.snapshot().total("network_sent_bytes") == 8
    with pytest.raises(PluginError, match="HY1040"):
        metrics.several(("submits",), "executes")(0.5, (1,))


def test_a_snapshot_stays_as_it_was_and_two_have_a_difference() -> None:
    metrics = Metrics()
    metrics.count("submits", 3)
    metrics.observe("run_seconds", 1.0, device="a")
    metrics.gauge("queued", lambda: metrics.snapshot() and 1)  # may ask for metrics itself
    del metrics._gauges["queued", ()]
    level = [4.0]
    metrics.gauge("queued", lambda: level[0])
    before = metrics.snapshot()
    metrics.count("submits", 1)
    metrics.observe("run_seconds", 0.5, device="a")
    metrics.observe("run_seconds", 0.25, device="b")
    level[0] = 1.0
    after = metrics.snapshot()
    assert before.total("submits") == 3
    between = after - before
    assert (between.total("submits"), between.total("queued")) == (1, 1)
    assert (between.number("run_seconds"), between.total("run_seconds")) == (2, 0.75)
    assert (between.number("run_seconds", device="a"), between.total("run_seconds", device="a")) == (1, 0.5)
    assert repr(after - after) == "queued  1"
    for wrong in (lambda: before - after, lambda: after - Metrics().snapshot()):
        with pytest.raises(PluginError, match="no earlier snapshot of the same Instance") as caught:
            wrong()
        assert caught.value.code == "HY1041"
    with pytest.raises(TypeError):
        after.values["submits", ()] = 1  # type: ignore[index]


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (lambda m: m.count("submits", -1), "the counter 'submits' only grows, and not by -1"),
        (lambda m: m.count("submits", math.nan), "not by nan"),
        (lambda m: m.observe("run_seconds", -0.1), "of times, and -0.1 is none"),
        (lambda m: m.observe("run_seconds", math.inf), "inf is none"),
        (lambda m: m.observe("submits", 1), "'submits' is a counter, and was used as a histogram"),
        (lambda m: m.count("run_seconds"), "'run_seconds' is a histogram, and was used as a counter"),
        (lambda m: (m.count("mine"), m.observe("mine", 1)), "'mine' is a counter, and was used as a histogram"),
        (lambda m: (m.observe("mine", 1), m.count("mine")), "'mine' is a histogram, and was used as a counter"),
        (lambda m: m.count("a b"), "'a b' is no name"),
        (lambda m: m.count("ä"), "'ä' is no name"),
        (lambda m: m.count("submits", le="1"), "'le' is no name"),
        (lambda m: m.gauge("mine_total", lambda: 1), "'mine_total' ends as the text for Prometheus ends names"),
        (lambda m: m.snapshot().total("submit"), "nothing is counted as 'submit'"),
    ],
)
def test_what_is_no_metric_is_refused(wrong: Any, text: str) -> None:
    with pytest.raises(PluginError, match=re.escape(text)) as caught:
        wrong(Metrics())
    assert caught.value.code == "HY1040"


def test_a_name_that_is_nearly_right_is_suggested() -> None:
    with pytest.raises(PluginError) as caught:
        Metrics().snapshot().number("compile_second")
    assert caught.value.hints == ("did you mean compile_seconds?",)


def test_no_label_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SERIES", 10)
    metrics = Metrics()
    for number in range(100):
        metrics.count("mine", 1, value=str(number))
        metrics.observe("other", 0.0, value=str(number))
    found = metrics.snapshot()
    assert (found.total("mine"), found.number("other")) == (100, 100)
    assert found.total("mine", value="other") == 90
    assert len(found.values) == 22
    assert len(metrics._written) == 10


def test_a_gauge_that_fails_is_left_out_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    metrics = Metrics()
    metrics.gauge("broken", lambda: 1 / 0)
    forget = metrics.gauge("queued", lambda: 1)
    metrics.gauge("queued", lambda: 2)
    forget()  # of one that another took the place of
    found = metrics.snapshot()
    assert [name for name, _ in found.values] == ["queued"]
    assert found.total("queued") == 2
    assert [r.getMessage() for r in caplog.records] == [
        "the gauge broken cannot be read: ZeroDivisionError: division by zero"
    ]


def test_gauges_that_come_and_go_leave_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SERIES", 10)
    metrics = Metrics()
    for number in range(100):
        metrics.gauge("queued", lambda: 1, executor=str(number))()
    metrics.gauge("queued", lambda: 1, executor="mine")
    assert metrics.snapshot().total("queued", executor="mine") == 1


def test_numbers_of_numpy_are_numbers() -> None:
    metrics = Metrics()
    metrics.count("transfer_bytes", np.int64(5))  # pyright: ignore[reportArgumentType]  it is what users have
    metrics.observe("run_seconds", np.float64(0.5))
    found = metrics.snapshot()
    json.dumps(found.json())
    assert parsed(found.openmetrics())["hyperion_transfer_bytes"][1] == {("hyperion_transfer_bytes_total", ()): 5}


def test_threads_lose_nothing(in_threads: Any) -> None:
    metrics = Metrics()

    def work() -> None:
        for _ in range(500):
            metrics.count("submits")
            metrics.observe("queue_seconds", 0.5, device="cpu:0")

    in_threads(work, 8)
    found = metrics.snapshot()
    assert (found.total("submits"), found.total("queue_seconds")) == (4000, 2000.0)


def test_openmetrics_reads_back() -> None:
    metrics = Metrics()
    strange = 'a"b\\c\nd\ud800é'
    metrics.count("transfer_bytes", 1.5, source=strange)
    metrics.count("mine")
    for seconds in (0.0, 0.002, 1e6):
        metrics.observe("run_seconds", seconds, device="cpu:0")
        metrics.observe("run_seconds", seconds, device="cpu:1")
    for name, value in (("queued", math.inf), ("open_devices", -math.inf), ("free_bytes", math.nan)):
        metrics.gauge(name, lambda value=value: value)
    text = metrics.snapshot().openmetrics()
    found = parsed(text)
    assert {name: kind for name, (kind, _) in found.items()} == {
        "hyperion_free_bytes": "gauge",
        "hyperion_mine": "counter",
        "hyperion_open_devices": "gauge",
        "hyperion_queued": "gauge",
        "hyperion_run_seconds": "histogram",
        "hyperion_transfer_bytes": "counter",
    }
    ((_, labels), value), = found["hyperion_transfer_bytes"][1].items()  # fmt: skip
    assert labels == (("source", 'a\\"b\\\\c\\nd\\\\ud800é'),)
    assert value == 1.5
    assert found["hyperion_run_seconds"][1]["hyperion_run_seconds_count", (("device", "cpu:1"),)] == 3
    assert found["hyperion_queued"][1] == {("hyperion_queued", ()): math.inf}
    assert math.isnan(next(iter(found["hyperion_free_bytes"][1].values())))
    assert parsed(Metrics().snapshot().openmetrics()) == {}


def test_json_reads_back() -> None:
    metrics = Metrics()
    metrics.observe("run_seconds", 0.5, device="cpu:0")
    metrics.gauge("queued", lambda: math.nan)
    found = json.loads(json.dumps(metrics.snapshot().json(), allow_nan=False))
    assert found["bounds"] == list(BOUNDS)
    assert found["metrics"]["queued"] == {"kind": "gauge", "series": [{"labels": {}, "value": "nan"}]}
    (series,) = found["metrics"]["run_seconds"]["series"]
    assert (series["number"], series["total"], sum(series["buckets"])) == (1, 0.5, 1)


@pytest.mark.parametrize("name", FAMILIES)
def test_names_are_as_the_formats_ask(name: str) -> None:
    family = FAMILIES[name]
    assert name.isidentifier()
    assert not name.endswith(("_total", "_count", "_sum", "_bucket"))
    assert (family.kind == "histogram") == name.endswith("_seconds")
    assert "\n" not in family.help


def total(xs: list[int]) -> int:
    s = 0
    for x in xs:
        s += x
    return s


def test_an_instance_counts_its_work_though_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    xs = np.arange(10)
    with hp.Instance() as instance:
        assert repr(instance.metrics) == "open_devices  0"
        assert hp.jit(total, instance=instance)(xs) == 45
        first = instance.metrics
        assert first.number("compile_seconds", outcome="done") == 1
        assert first.number("derive_seconds", outcome="derived") == 1
        assert first.number("frontend_seconds") == 1
        assert first.number("codegen_seconds", outcome="done") == 1
        assert first.number("check_seconds") > 0
        assert first.total("compile_seconds") >= first.total("derive_seconds") > first.total("check_seconds") > 0
        assert first.total("cache_misses", cache="theorems") == 1
        assert first.total("cache_misses", cache="code") > 0
        assert first.total("cache_hits", cache="theorems") == 0
    monkeypatch.setattr(checking, "_answers", checking._Answers())  # as in another process
    with hp.Instance() as again:
        assert hp.jit(total, instance=again)(xs) == 45
        second = again.metrics
        assert second.number("derive_seconds", outcome="library") == 1
        assert second.total("cache_hits", cache="theorems") == 1
        assert second.total("cache_hits", cache="code") > 0
        assert second.total("cache_hits", cache="verdicts") >= 1
        with pytest.raises(TypeCheckError):
            again.compile("func", frontend="ir")
        with pytest.raises(DeviceError):
            again.compile(INC, frontend="ir", token=Token(report=lambda progress: 1 / 0))
        assert (again.metrics - second).number("compile_seconds", outcome="HY6001") == 1
        assert (again.metrics - second).number("derive_seconds", outcome="HY5020") == 1
        parsed(again.metrics.openmetrics())
    assert isinstance(second, Snapshot)


def test_code_as_it_was_written_and_module_files_are_told_apart() -> None:
    with hp.Instance(config={"derive": False}) as instance:
        kept = instance.compile(INC, frontend="ir").to_bytes()
        assert instance.load(kept)["inc"](41) == 42
        found = instance.metrics
    assert found.number("derive_seconds", outcome="as written") == 1
    assert found.number("load_seconds", outcome="done") == 1
    assert found.number("compile_seconds") == 2  # the loaded function's, on its first use


def test_devices_that_are_open_are_counted_and_the_loss_of_one_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with hp.Instance() as instance:
        instance.device("cpu:0")
        assert instance.metrics.total("open_devices") == 1
        instance.tell(Event("device.lost", "cpu:0 is lost", {"device": "cpu:0"}))
    assert [r.levelname for r in caplog.records] == ["WARNING"]
    assert instance.metrics.total("open_devices") == 0


def test_faults_of_plugins_are_counted(make_plugin: Any) -> None:
    def raises(event: Event) -> None:
        raise RuntimeError("mine")

    with hp.Instance(plugins=["auto", make_plugin("faulty", hyperion_on_event=raises)]) as instance:
        instance.compile(INC, frontend="ir")
        assert instance.metrics.total("plugin_faults", plugin="faulty") == instance.metrics.total("plugin_faults") > 1


class Lanes:
    """Gauges that come and go."""

    def __init__(self, *samples: Any) -> None:  # Any: also what no gauge can be
        self.samples = samples


def test_gauges_of_an_owner_add_up_and_go_with_it() -> None:
    metrics = Metrics()
    one, two = Lanes(("queued_calls", {"device": "a"}, 2), ("queued_calls", {"device": "b"}, 1)), Lanes()
    two.samples = (("queued_calls", {"device": "a"}, 3.5), ("mine", {}, np.int64(7)))
    for owner in (one, two):
        metrics.collect(owner, lambda own: own.samples)
    metrics.gauge("queued_calls", lambda: 10, device="a")
    found = metrics.snapshot()
    assert (found.total("queued_calls", device="a"), found.total("queued_calls", device="b")) == (15.5, 1)
    assert found.total("mine") == 7
    assert parsed(found.openmetrics())["hyperion_mine"][0] == "gauge"
    assert (found - found).total("queued_calls") == 16.5
    del one, owner
    assert metrics.snapshot().total("queued_calls") == 13.5
    assert found.total("queued_calls") == 16.5


@pytest.mark.parametrize(
    ("sample", "said"),
    [
        (("a b", {}, 1), "'a b' is no name for a metric or a label"),
        (("submits", {}, 1), "'submits' is a counter, and was used as a gauge"),
        (("mine", {"le": "1"}, 1), "'le' is no name"),
        (("mine", {}, "much"), "ValueError: could not convert"),
        (("mine", {}), "ValueError: not enough values"),
    ],
)
def test_gauges_that_are_none_are_left_out_with_all_of_their_owner(
    sample: Any, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    metrics = Metrics()
    owners = Lanes(("other", {}, 1), sample), Lanes(("good", {}, 1))
    for owner in owners:
        metrics.collect(owner, lambda own: own.samples)
    assert [name for name, _ in metrics.snapshot().values] == ["good"]
    (record,) = caplog.records
    assert said in record.getMessage()


def test_no_gauge_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SERIES", 10)
    metrics, owner = Metrics(), Lanes(*(("mine", {"n": str(n)}, 1) for n in range(100)))
    metrics.collect(owner, lambda own: own.samples)
    for _ in range(2):
        found = metrics.snapshot()
        assert (len(found.values), found.total("mine"), found.total("mine", n="other")) == (11, 100, 90)


def test_what_instances_count_adds_up() -> None:
    with module.gathered() as both:
        one, two = Metrics(), Metrics()
    Metrics()
    assert both == [one, two]
    for metrics, times in ((one, 1), (two, 2)):
        metrics.count("submits", times)
        metrics.observe("run_seconds", times, device="a")
        metrics.gauge("open_devices", lambda times=times: times)
        metrics.gauge("process_array_bytes", lambda times=times: 100 * times)
    two.count("executes")
    found = one.snapshot() + two.snapshot()
    assert (found.total("submits"), found.total("executes"), found.total("open_devices")) == (3, 1, 3)
    assert (found.number("run_seconds"), found.total("run_seconds")) == (2, 3)
    assert found.total("process_array_bytes") == 200  # both told of the same bytes
    parsed(found.openmetrics())
    one.count("mine")
    two.observe("mine", 1)
    with pytest.raises(PluginError, match="HY1040: 'mine' is a counter in one Instance and a histogram in the other"):
        one.snapshot() + two.snapshot()


def test_a_device_that_cannot_measure_itself_disturbs_nobody(
    make_plugin: Any, caplog: pytest.LogCaptureFixture
) -> None:
    from hyperion.testing.written_functions import WrittenDevice

    class Device(WrittenDevice):
        def gauges(self) -> Any:
            if self.info.address == "written:0":
                raise OSError("no sensor")
            yield "device_watts", {"device": self.info.address}, 90
            yield "shared_bytes", {}, 7

    class Driver:
        kind = "written"
        devices = describe = together = list

        def open(self, address: str, options: object) -> Device:
            return Device(address)

    with hp.Instance(plugins=[make_plugin("one", hyperion_devices=lambda: {"written": Driver})]) as instance:
        for number in range(3):
            instance.device(f"written:{number}")
        found = instance.metrics
        assert (found.total("open_devices"), found.total("device_watts", device="written:2")) == (3, 90)
        assert found.total("shared_bytes") == 7  # two tell of the same
        assert [r.getMessage() for r in caplog.records] == [
            "the gauges of written:0 cannot be read: OSError: no sensor"
        ]
