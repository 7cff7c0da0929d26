"""The way of a record of ``events`` without any input or output: decode, verify, route, step, effects.

One for the monitor, for trying logs without a broker, and for whatever replays them.
"""
