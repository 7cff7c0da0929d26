"""The live feed: consumes the alerts, watches its liveness, and streams to the page."""
