"""The Faust shell around the engine: consume, step, emit, checkpoint."""
