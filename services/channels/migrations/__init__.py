"""The tables of channels, version by version; how they are run: ``chassis/migrate.py``."""
