"""How a command says that it cannot do what it was asked for."""


class CommandError(Exception):
    """Ends the command with exit code 1; the message is one line that says what to do."""
