"""The name of the monitor's consumer group."""


def group_of(namespace: str) -> str:
    """Its committed offsets are for tools that show the lag; reading begins where checkpoints say."""
    return f"{namespace}.monitor"
