"""What the command line says when something does not work."""


class Trouble(Exception):
    """One line that says what is wrong and what to do."""
