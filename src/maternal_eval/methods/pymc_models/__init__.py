"""Every Bayesian model of the analyses as a PyMC model that can be read, changed and fitted.

The analyses fit compiled densities, for which nothing has to be compiled per data set. Here the same models stand as
graphs: named variables, named dimensions, priors named as in ``[model]`` of study.toml. PyMC is imported when a model
is built and not before. Tests hold density and gradient of each against the compiled one.
"""
