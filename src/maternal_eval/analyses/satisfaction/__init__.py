"""Satisfaction by life stage: a cumulative model of ordinal answers, fitted to counts by cell."""
