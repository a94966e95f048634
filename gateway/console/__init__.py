"""The console: web pages for people. Everything it knows it asks the public API, as the person who is looking."""
