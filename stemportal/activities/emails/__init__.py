"""Mails about offers and those who stand behind them, one file per matter."""
