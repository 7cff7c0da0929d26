"""Records as they come from the broker: unpacked whatever they hold."""
