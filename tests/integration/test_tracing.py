"""Traces: one for a request and all that follows from it, in whichever process, and none unless asked for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.contract.exports_world import config, segment, source
from tests.support.bells import RecordingDispatcher
from tests.support.databases import FakeClock, copy_of, make_template
from tests.support.media import make_av
from tests.support.receivers import Receiver, receiving
from tests.support.server import Server, running_server, wait_until
from videocraft import telemetry
from videocraft.core.jobs import JobsService, registry, submit
from videocraft.core.jobs.context import JobContext
from videocraft.core.jobs.runner import Worker
from videocraft.core.storage.traffic import Traffic
from videocraft.errors import NotFound
from videocraft.settings import Settings
from videocraft.telemetry import is_wanted

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE, PARENT = CALLER.split("-")[1:3]


def environment_of(collector: Receiver) -> dict[str, str]:
    """OTEL_* variables as an operator sets them."""
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{collector.host}", "OTEL_BSP_SCHEDULE_DELAY": "50"}


class Spans:
    """What a collector has received, decoded."""

    def __init__(self, collector: Receiver) -> None:
        self.all: list[tuple[str, Span]] = []
        for path, headers, body in collector.received:
            assert path == "/v1/traces"
            assert headers["content-type"] == "application/x-protobuf"
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                facts = attributes(resource.resource)
                assert facts["service.name"] == "videocraft"
                spans = [span for scope in resource.scope_spans for span in scope.spans]
                self.all += [(facts["videocraft.part"], span) for span in spans]

    def one(self, name: str) -> tuple[str, Span]:
        """The only span of that name, and the part of the product that it comes from."""
        (found,) = [(part, span) for part, span in self.all if span.name == name]
        return found

    def path_to(self, span: Span) -> list[str]:
        """The names from the request down to a span."""
        by_id = {each.span_id: each for _, each in self.all}
        names = [span.name]
        while (parent := by_id.get(span.parent_span_id)) is not None:
            span = parent
            names.insert(0, span.name)
        return names


def attributes(of: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in of.attributes}


def run_export(server: Server, wanted: dict[str, Any], **headers: str) -> dict[str, Any]:
    created = server.http.post("/api/export", json=wanted, headers=headers)
    assert created.status_code == 200, created.text
    address = f"/api/export/{created.json()['jobId']}/status"
    ends = {"completed", "failed"}
    wait_until(lambda: server.http.get(address).json()["status"] in ends, 60, "the end of the export")
    return dict(server.http.get(address).json())


def test_a_request_and_its_job_are_one_trace(tmp_path: Path) -> None:
    with receiving() as collector:
        with running_server(tmp_path / "data", environment=environment_of(collector)) as server:
            make_av(server.media / "a.mp4", seconds=2)
            wanted = config(sources=[source("a.mp4")], segments=[segment(0, 0.3, 1.4)])
            ended = run_export(server, wanted, traceparent=CALLER, **{"x-request-id": "from-a-test"})
            assert ended["status"] == "completed", ended
            server.http.get("/live")
            link = "/files/none?expires=1&signature=hush-hush"
            server.http.get(link)
        spans = Spans(collector)
    assert all(b"hush-hush" not in body for _, _, body in collector.received)
    assert not [span for _, span in spans.all if "/live" in span.name]

    part, create = spans.one("POST /api/export")
    assert (part, create.trace_id.hex(), create.parent_span_id.hex()) == ("server", TRACE, PARENT)
    assert create.kind == Span.SpanKind.SPAN_KIND_SERVER
    facts = attributes(create)
    assert (facts["http.response.status_code"], facts["request.id"]) == (200, "from-a-test")
    probes = [spans.path_to(span) for part, span in spans.all if (part, span.name) == ("server", "probe")]
    assert probes == [["POST /api/export", "probe"]]

    part, job = spans.one("job exports.export")
    assert (part, job.trace_id.hex(), job.kind) == ("worker", TRACE, Span.SpanKind.SPAN_KIND_CONSUMER)
    facts = attributes(job)
    assert (facts["job.kind"], facts["job.epoch"], facts["request.id"]) == (
        "exports.export",
        1,
        "from-a-test",
    )
    for stage in ("sound", "edges"):
        _, span = spans.one(f"stage {stage}")
        assert attributes(span)["stage.cache"] == "miss"
    runs = [span for _, span in spans.all if span.name == "ffmpeg"]
    paths = {" > ".join(spans.path_to(run)) for run in runs if run.trace_id.hex() == TRACE}
    assert "POST /api/export > job exports.export > stage sound > ffmpeg" in paths
    assert "POST /api/export > job exports.export > stage edges > ffmpeg" in paths
    assert {attributes(run)["process.exit_code"] for run in runs} == {0}
    for _, span in spans.all:
        assert span.status.code != Status.STATUS_CODE_ERROR


@pytest.fixture
def finished(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """The spans that this process has finished."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry._State, "tracer", provider.get_tracer("test"))
    return exporter


def test_a_failed_job_is_a_failed_span_below_its_request(
    finished: InMemorySpanExporter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_handlers", {})

    @registry.handler("test.fails")
    def fails(payload: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
        assert payload == {"given": 1}
        raise NotFound("There is no such thing", code="GONE")

    database = copy_of(make_template(tmp_path), tmp_path, FakeClock())
    dispatcher = RecordingDispatcher()
    with telemetry.span("request"), JobsService(database, dispatcher).transaction() as session:
        submit(session, family="test", kind="test.fails", payload={"given": 1})
    storage = Mock(name="storage", traffic=Traffic())
    worker = Worker(Settings(data_dir=tmp_path), database, storage, dispatcher, "w")
    with worker.opened():
        assert worker.answer()
    database.dispose()
    job, request = sorted(finished.get_finished_spans(), key=lambda span: span.name)
    assert job.parent is not None
    assert job.parent.span_id == request.context.span_id
    assert not job.status.is_ok
    assert (job.attributes or {})["error.type"] == "GONE"
    # What the user wrote, or was told, stays out of it.
    assert not job.events


def test_an_error_marks_its_span_and_goes_on(finished: InMemorySpanExporter) -> None:
    with pytest.raises(KeyError), telemetry.span("stage"):
        raise KeyError("hush")
    (span,) = finished.get_finished_spans()
    assert not span.status.is_ok
    assert dict(span.attributes or {}) == {"error.type": "KeyError"}
    assert "hush" not in span.to_json()


@pytest.mark.slow
def test_a_collector_that_is_away_costs_nothing_but_its_spans(tmp_path: Path) -> None:
    nowhere = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_BSP_SCHEDULE_DELAY": "50"}
    # Leaving the block fails if the server does not stop by itself.
    with running_server(tmp_path / "data", workers=0, environment=nowhere) as server:
        assert server.http.get("/api/v1/nothing").status_code == 404
        assert server.http.get("/ready").status_code == 200


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "video"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "console"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, False),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, False),
    ],
)
def test_only_the_standard_variables_turn_it_on(environment: dict[str, str], wanted: bool) -> None:
    assert is_wanted(environment) is wanted


def python(code: str, environment: dict[str, str]) -> str:
    """What a fresh interpreter prints."""
    paths = {"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=paths | environment
    )
    return done.stdout + done.stderr


def test_off_it_imports_nothing() -> None:
    code = """
import sys
from videocraft import telemetry
from videocraft.media import ffmpeg, probe
telemetry.start("worker")
with telemetry.span("a"), telemetry.continued({"traceparent": "x"}, "b", {}) as span:
    assert span is None and telemetry.carrier() is None and not telemetry.is_on()
telemetry.stop()
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""
    assert python(code, {}).strip() == "[]"


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER=zipkin: there are otlp, console and none"),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            "OTEL_EXPORTER_OTLP_PROTOCOL=grpc: there is http/protobuf",
        ),
    ],
)
def test_what_can_not_be_done_is_told_and_stops_nothing(environment: dict[str, str], told: str) -> None:
    code = 'from videocraft import telemetry; telemetry.start("server"); print(telemetry.is_on())'
    said = python(code, environment)
    assert told in said
    assert "False" in said


def test_without_the_packages_it_says_what_to_install() -> None:
    code = """
import sys
sys.modules["opentelemetry.sdk.trace"] = None
from videocraft import telemetry
telemetry.start("server")
print(telemetry.is_on())
"""
    said = python(code, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"})
    assert "pip install 'videocraft[otel]'" in said
    assert "False" in said
