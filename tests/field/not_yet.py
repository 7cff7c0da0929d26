"""Cases that the engine does not meet yet. Each fails as soon as it is mended: strike it off then."""

NOT_YET: frozenset[str] = frozenset()
