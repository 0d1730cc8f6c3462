"""What is counted, named once. An instance owns its registry, so two bots in one process don't mix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Prometheus' text format, as https://prometheus.io/docs/instrumenting/exposition_formats/ names it."""
_BUCKETS = (5, 10, 20, 30, 60, 120, 180, 300, 600, 1200, 1800, 3600, 7200, 14400)


class Metrics:
    """Counters, gauges and histograms. Labels only ever hold words of ours, never what somebody sent."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._ended = self._counter("generations_ended", "Generations at rest", "provider", "status")
        self._requests = self._counter(
            "provider_requests", "Calls to providers by outcome", "provider", "call", "outcome"
        )
        self._polls = self._counter("polls", "Times a provider was asked for a task", "provider")
        self._uncertain = self._counter("uncertain", "Submits whose outcome was unknown", "provider")
        self._accepted = self._counter("callbacks_accepted", "Callbacks with a genuine token", "provider")
        self._last_callbacks: dict[str, datetime] = {}
        self._called_at = Gauge(
            "matinee_last_callback_timestamp_seconds",
            "When a provider's last genuine callback came",
            ["provider"],
            registry=self.registry,
        )
        self._refused = self._counter("callbacks_refused", "Requests to callback paths with no genuine token")
        self._delivered = self._counter("deliveries", "Films brought to the people", "rung")
        self._generations = Gauge(
            "matinee_generations", "Generations in each state just now", ["status"], registry=self.registry
        )
        self._clock_off = Gauge(
            "matinee_clock_ahead_seconds",
            "How far this machine's clock is ahead of a provider's",
            ["provider"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "matinee_film_seconds",
            "Seconds from the command to the rendered film",
            ["provider"],
            buckets=_BUCKETS,
            registry=self.registry,
        )

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"matinee_{name}", meaning, labels, registry=self.registry)

    def ended(self, status: str, provider: str) -> None:
        """Count a generation that came to rest."""
        self._ended.labels(provider, status).inc()

    def requested(self, provider: str, call: str, outcome: str) -> None:
        """Count a call to a provider: `submit`, `fetch`, …, and `ok` or the error's class."""
        self._requests.labels(provider, call, outcome).inc()

    def polled(self, provider: str) -> None:
        """Count an ask."""
        self._polls.labels(provider).inc()

    def uncertain(self, provider: str) -> None:
        """Count a submit whose outcome is unknown."""
        self._uncertain.labels(provider).inc()

    def callbacks_accepted(self, provider: str, number: int, at: datetime) -> None:
        """Count callbacks with genuine tokens, and note when they came."""
        self._accepted.labels(provider).inc(number)
        self._called_at.labels(provider).set(at.timestamp())
        self._last_callbacks[provider] = at

    def last_callback(self, provider: str) -> datetime | None:
        """Return when a provider's last callback came to this process; None: never since its start."""
        return self._last_callbacks.get(provider)

    def clocks(self, ahead: Mapping[str, timedelta | None]) -> None:
        """Set how far our clock is ahead of each provider's, where that is known; negative: behind."""
        for provider, off in ahead.items():
            if off is not None:
                self._clock_off.labels(provider).set(off.total_seconds())

    def callback_refused(self) -> None:
        """Count a callback that was none."""
        self._refused.inc()

    def rendered(self, provider: str, took: timedelta) -> None:
        """Note how long a film took from its command on."""
        self._seconds.labels(provider).observe(took.total_seconds())

    def delivered(self, rung: str) -> None:
        """Count a film brought to its people."""
        self._delivered.labels(rung).inc()

    def standing(self, counts: Mapping[str, int]) -> None:
        """Set how many generations there are in each state; states that aren't named have none."""
        self._generations.clear()
        for status, number in counts.items():
            self._generations.labels(status).set(number)

    def page(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)
