"""The published language: what each service announces, one module per emitting service."""
