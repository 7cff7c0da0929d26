"""Models of the networks: what every point reads without faults, and when it is scanned."""
