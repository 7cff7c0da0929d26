"""Shared shell parts: settings, clock, Kafka, PostgreSQL, telemetry."""
