"""Simulation-based calibration: does the satisfaction model find what was put in?"""
