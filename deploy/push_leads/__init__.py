"""Pushing a file of leads through the public batch API, as any partner could."""

from deploy.push_leads.push import push_file

__all__ = ["push_file"]
