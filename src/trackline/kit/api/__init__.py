"""What endpoints of every room share: reading a request, shaping an answer, describing an operation.

Rooms declare their endpoints in `api.py` on a ninja router; `delivery/api` assembles them, checks who calls and how
often, and turns every failure into a problem (RFC 9457). Records need no code: their endpoints come from the registry.
"""
