"""Makes a worker process green. Apart from nameko_host, so that nothing else is imported before it has run."""

import warnings


def green_process() -> None:
    """Make this process's blocking calls yield to each other (psycopg2's too). Call it before any other import."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import eventlet

    eventlet.monkey_patch()
