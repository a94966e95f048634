"""Making a projection anew from the feed, beside the old one."""

from deploy.rebuild.run import rebuild_projection

__all__ = ["rebuild_projection"]
