"""Who may open and change what: the people, the table, and the rules for addresses that other packages bring."""
