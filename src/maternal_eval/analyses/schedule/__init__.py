"""Which stage weights should move: proposed only where the answers and the backtest agree, static otherwise."""
