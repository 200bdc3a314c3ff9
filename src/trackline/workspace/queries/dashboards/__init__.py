"""Dashboards as pages show them: what an address asks for, tiles drawn, what can be chosen of one."""
