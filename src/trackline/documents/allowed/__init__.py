"""What a customer may see, said once for the page, the plan's and the review's copies for them, and what the API answers."""
