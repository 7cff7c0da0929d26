"""The pure engine: ``step(state, event, plan) -> effects``. No clock, no chance, no I/O."""
