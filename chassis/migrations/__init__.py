"""The chassis's own tables, version by version. ``versions/NNNN_what.py``; how they are run: ``chassis/migrate.py``."""
