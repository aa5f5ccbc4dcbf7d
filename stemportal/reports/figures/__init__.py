"""The figures: what each is, how it is counted, what is hidden, and the rows behind it."""
