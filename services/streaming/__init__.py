"""The Faust shell of a service that keeps a state per key: consume, judge, emit, checkpoint."""
