"""The microservice chassis: one noun per file, no CRM word in it."""
