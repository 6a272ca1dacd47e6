"""Traces for OpenTelemetry: request -> job -> stage -> FFmpeg, across processes and machines.

Off unless the standard ``OTEL_*`` variables ask for it, and then nothing is imported and every function here
returns at once. The packages come with ``pip install 'videocraft[otel]'``. Imports nothing of ours.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

STOP_SECONDS = 2.0
Attribute = str | int | float | bool

_NO_ATTRIBUTES: Mapping[str, Attribute] = {}
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class _State:
    """Of this process: what spans are made with, once ``start`` has found that they are wanted."""

    tracer: Tracer | None = None
    provider: Any = None


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Whether the environment names where traces are to go."""
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporter = environment.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    if exporter:
        return exporter != "none"
    return any(environment.get(name) for name in _ENDPOINTS)


def start(part: Literal["server", "worker"]) -> None:
    """Trace from now on, if the environment asks for it; what is wrong with its wishes is logged.

    Args:
        part: what this process is, for ``videocraft.part``.
    """
    if not is_wanted(os.environ):
        return
    import structlog

    log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)
    try:
        exporter = _exporter()
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        log.warning("no traces: pip install 'videocraft[otel]'", missing=error.name)
        return
    except ValueError as error:
        log.warning("no traces", reason=str(error))
        return
    from videocraft import __version__

    facts: dict[str, Attribute] = {"videocraft.part": part, "service.version": __version__}
    if "OTEL_SERVICE_NAME" not in os.environ and "service.name=" not in _resource_attributes():
        facts["service.name"] = "videocraft"
    # Sampling, limits, batches and their pauses are the SDK's to read from the environment.
    provider = TracerProvider(resource=Resource.create(facts), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _State.provider, _State.tracer = provider, provider.get_tracer("videocraft", __version__)
    log.info("traces are sent")


def stop() -> None:
    """Send what is left, as far as that takes ``STOP_SECONDS``, and trace no more."""
    provider, _State.provider, _State.tracer = _State.provider, None, None
    if provider is not None:
        # A collector that is away is tried again for ten seconds: so long no process waits for its end.
        sending = threading.Thread(target=provider.shutdown, daemon=True)
        sending.start()
        sending.join(STOP_SECONDS)


def is_on() -> bool:
    """Whether this process traces."""
    return _State.tracer is not None


def span(
    name: str, attributes: Mapping[str, Attribute] = _NO_ATTRIBUTES
) -> AbstractContextManager[Span | None]:
    """A span around the block, below the current one; None while nothing is traced."""
    if _State.tracer is None:
        return nullcontext()
    return _started(_State.tracer, name, attributes)


def carrier() -> dict[str, str] | None:
    """The current span in the form that ``continued`` takes it up in elsewhere; None while there is none."""
    if _State.tracer is None:
        return None
    from opentelemetry import propagate

    found: dict[str, str] = {}
    propagate.inject(found)
    return found or None


def continued(
    sent: Mapping[str, str] | None,
    name: str,
    attributes: Mapping[str, Attribute],
    kind: Literal["consumer", "server"] = "consumer",
) -> AbstractContextManager[Span | None]:
    """A span below one of another process.

    Args:
        sent: what ``carrier`` gave there; None begins a trace.
        kind: ``server`` for a request.
    """
    if _State.tracer is None:
        return nullcontext()
    return _started(_State.tracer, name, attributes, sent=sent or {}, kind=kind)


@contextmanager
def _started(
    tracer: Tracer,
    name: str,
    attributes: Mapping[str, Attribute],
    *,
    sent: Mapping[str, str] | None = None,
    kind: str = "internal",
) -> Iterator[Span]:
    from opentelemetry import propagate
    from opentelemetry.trace import SpanKind, StatusCode

    with tracer.start_as_current_span(
        name,
        context=None if sent is None else propagate.extract(sent),
        kind=SpanKind[kind.upper()],
        attributes=dict(attributes),
        # The texts of errors may hold what a user wrote; their kind and code are enough to find the log.
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        try:
            yield current
        except Exception as error:
            current.set_attribute("error.type", str(getattr(error, "code", type(error).__name__)))
            current.set_status(StatusCode.ERROR)
            raise


def fail(current: Span | None, kind: str) -> None:
    """Mark a span as failed, for those who don't raise."""
    if current is not None:
        from opentelemetry.trace import StatusCode

        current.set_attribute("error.type", kind)
        current.set_status(StatusCode.ERROR)


def _exporter() -> Any:
    """What sends spans.

    Raises:
        ImportError: its package is not installed.
        ValueError: the environment asks for one that there is none of.
    """
    wanted = os.environ.get("OTEL_TRACES_EXPORTER", "otlp").strip().lower()
    if wanted == "console":
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        return ConsoleSpanExporter()
    if wanted != "otlp":
        raise ValueError(f"OTEL_TRACES_EXPORTER={wanted}: there are otlp, console and none")
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", protocol).strip().lower()
    if protocol != "http/protobuf":
        raise ValueError(f"OTEL_EXPORTER_OTLP_PROTOCOL={protocol}: there is http/protobuf")
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter()


def _resource_attributes() -> str:
    return os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
