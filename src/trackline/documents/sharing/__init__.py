"""The page a customer sees: links to it, what may stand on it, who opened it (PERM-07, PERM-08, PLAN-09)."""
