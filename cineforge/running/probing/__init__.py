"""Pure modules run for a plan, and what they made kept until a run takes it."""
