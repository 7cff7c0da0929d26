"""From scans to frames on faulty ways: what devices, gateways and networks make of readings."""
