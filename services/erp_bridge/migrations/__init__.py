"""The tables of the bridge, version by version; how they are run: ``chassis/migrate.py``."""
