"""The mathematics, on plain arrays: no study, no files, no figures. What another project would import."""
