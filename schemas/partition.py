"""Where a station's records go. Every producer sets the partition explicitly from here,

because the default partitioners of client libraries disagree with each other.
"""

import zlib

EVENT_PARTITIONS = 16
"""Partitions of ``events`` and of all topics keyed by station. Fixed for good."""
DISTRICT_PARTITIONS = 4
"""Partitions of topics keyed by district code."""


def partition_of(station: str) -> int:
    """The ``events`` partition of a station (CRC-32 of its UTF-8 name, modulo 16)."""
    return zlib.crc32(station.encode()) % EVENT_PARTITIONS


def district_partition_of(district_code: str) -> int:
    """The ``alerts`` partition of a district."""
    return zlib.crc32(district_code.encode()) % DISTRICT_PARTITIONS


def control_key(partition: int) -> str:
    """The key of control records (genesis, tick, plan) of a partition, e.g. ``_p3``."""
    return f"_p{partition}"
