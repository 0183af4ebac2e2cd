"""Which cells of respondents may be published, and what an attacker can work out from those that are."""
