"""Every mail about the newsletter, one function each. Call them in the transaction of the fact they tell of."""
