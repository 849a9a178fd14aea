"""Whether spans are recorded: where the environment names a collector, else nothing of OpenTelemetry is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from grader.errors import ConfigError
from grader.loading import later
from grader.tracing import Tracing

if TYPE_CHECKING:
    from grader.telemetry import open_tracing
else:
    open_tracing = later("grader.telemetry:open_tracing")

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
"""The standard variables that say where spans go; the others of that standard hold as well."""
MISSING = "{} is set, but the packages for it are missing. Install grader[telemetry], or take the variable away."
NO_URL = "{} is wrong. It is a URL such as http://collector:4318."


def start_tracing(environ: Mapping[str, str]) -> Tracing:
    """What records spans where these variables name a collector, else what does not.

    ConfigError where the packages for it are missing, or the collector has no address that could be one.
    """
    for variable in ENDPOINTS:
        if given := environ.get(variable):
            if not given.startswith(("http://", "https://")):
                raise ConfigError(NO_URL.format(variable), variable)
            try:
                return open_tracing()
            except ModuleNotFoundError as error:
                if not (error.name or "").startswith("opentelemetry"):
                    raise
                raise ConfigError(MISSING.format(variable), variable) from None
    return Tracing()
