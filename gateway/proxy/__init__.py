"""The public door: who asks, how often, and on to the service. An upstream is any ASGI app."""

from gateway.proxy.streaming import StreamingProxy

__all__ = ["StreamingProxy"]
