"""Shapes: does the outcome follow each indicator as its Kano class says, and which shape do the answers show?"""
