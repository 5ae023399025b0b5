"""Connections: bytes of HTTP/1.1 in and out, each state of a connection within a bound of its own.

It knows nothing of photos. An ASGI application is served, and hot answers are sent from
memory by a short way in front of it.
"""
