"""HTTP: pages for people, an API for programs; both only translate between requests and services."""
