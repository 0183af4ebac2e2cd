"""What if: interventions on indicators and operations, carried through fitted models; not causal effects."""
