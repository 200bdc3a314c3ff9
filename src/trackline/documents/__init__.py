"""Documents from live data: plan, review deck, briefs, and what a customer sees of them."""
