"""Channels: everything that comes in from outside, and everything the outside hears from us."""
