"""Spans that are sent to a collector by OTLP over HTTP, in the background; loaded only where there is a collector.

Settings are the standard variables of OpenTelemetry: OTEL_EXPORTER_OTLP_HEADERS, OTEL_SERVICE_NAME,
OTEL_TRACES_SAMPLER and so on.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode, format_trace_id
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from grader.tracing import Attributes, Tell, Tracing

NAME = "OTEL_SERVICE_NAME"
TIMEOUT = "OTEL_EXPORTER_OTLP_TIMEOUT"
LONGEST_SECONDS = 5.0
"""So long a collector may be silent, where the variable does not say otherwise; stopping waits for one batch."""
CALLER = TraceContextTextMapPropagator()


class Telemetry(Tracing):
    """Records spans and has them sent; what a collector does not take in time is dropped."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("grader")

    @contextmanager
    def span(
        self,
        name: str,
        attributes: Attributes,
        *,
        began: int | None = None,
        came_with: Mapping[str, str] | None = None,
    ) -> Iterator[Tell]:
        """A span in the one in progress, or in that of the caller; lines of the log in it have the trace's id.

        Of an error the span has the name alone: its words may hold what somebody typed.
        """
        context = None if came_with is None else CALLER.extract(came_with)
        kind = SpanKind.INTERNAL if came_with is None else SpanKind.SERVER
        with self._tracer.start_as_current_span(
            name, context, kind, attributes, start_time=began, record_exception=False, set_status_on_exception=False
        ) as span:
            trace_id = format_trace_id(span.get_span_context().trace_id)
            try:
                with structlog.contextvars.bound_contextvars(trace_id=trace_id):
                    yield span.set_attributes
            except Exception as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def open_tracing() -> Telemetry:
    """What sends spans to where the variables say, from a thread of its own."""
    resource = Resource.create({} if os.environ.get(NAME) else {SERVICE_NAME: "grader"})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    timeout = None if os.environ.get(TIMEOUT) else LONGEST_SECONDS
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=timeout)))
    return Telemetry(provider)
