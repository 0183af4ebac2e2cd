"""Published figures: the ledger, what its digits can stand for, and the audit of every relation between them."""
