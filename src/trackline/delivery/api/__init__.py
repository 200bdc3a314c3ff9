"""The REST API under `/api/v1/`: assembly of what the rooms and the registry offer, and its edge.

`edge` answers what no endpoint does and keeps every failure a problem; `auth` finds out who calls; `limits` how often;
`records` makes the endpoints of every record type; `schemas`, `examples` and `document` describe it all.
"""
