"""Arrays that the compiled densities and sums would misread are refused before they get there."""

import ctypes
from dataclasses import replace

import numpy as np
import pytest

from maternal_eval.core.errors import DiagnosticsError, InputError
from maternal_eval.methods.ordinal import density
from maternal_eval.methods.ordinal.factors import Factor, exchangeable_basis
from maternal_eval.methods.sensitivity.rank_kernel import SIBLINGS, composite_sums
from maternal_eval.methods.simplex_regression import density as stage_density
from maternal_eval.methods.simplex_regression.prior import StagePrior
from tests.kernels.small import model_of

STAGE = np.repeat(np.arange(3), 4)


def factor(**changes):
    return Factor(**({"name": "stage", "basis": exchangeable_basis(3), "level": STAGE, "scale": 1.0} | changes))


MODELS = {
    "counts negative": {"counts": np.full((12, 5), -1.0)},
    "counts not finite": {"counts": np.full((12, 5), np.nan)},
    "counts of one category": {"counts": np.ones((12, 1))},
    "counts of too few cells": {"counts": np.ones((11, 5))},
    "stage behind the last": {"stage": STAGE + 1},
    "stage negative": {"stage": STAGE - 1},
    "stage not whole": {"stage": STAGE + 0.5},
    "level behind the last": {"factors": (factor(level=STAGE + 1),)},
    "level negative": {"factors": (factor(level=STAGE - 1),)},
    "level of too few cells": {"factors": (factor(level=STAGE[:-1]),)},
    "basis not finite": {"factors": (factor(basis=np.full((3, 2), np.inf)),)},
    "scale zero": {"factors": (factor(scale=0.0),)},
    "scale negative": {"factors": (factor(scale=-1.0),)},
    "latent scale negative": {"scale_prior": -0.3},
    "degrees zero": {"degrees": 0.0},
    "unknown family": {"family_name": "loglog"},
}


@pytest.mark.parametrize("what", MODELS)
def test_a_model_whose_parts_do_not_fit_is_refused(what):
    with pytest.raises(InputError):
        model_of(**MODELS[what])


@pytest.mark.parametrize("function", ["log_density", "log_likelihood", "log_prior"])
@pytest.mark.parametrize("change", [-1, 1])
def test_a_vector_of_another_length_is_refused(function, change):
    model = model_of()
    with pytest.raises(InputError, match="x: wrong shape"):
        getattr(model, function)(np.zeros(len(model.names) + change))


def call(function, size, packed):
    x, out, value = np.zeros(size), np.empty(size), np.empty(1)
    pointers = [array.ctypes.data_as(ctypes.POINTER(ctypes.c_double)) for array in (x, out, value)]
    return function.ctypes(size, *pointers, packed.ctypes.data)


def test_the_c_functions_take_no_vector_of_another_length():
    model = model_of()
    function, packed = model.native()
    assert call(function, len(model.names), packed) == 0
    assert call(function, len(model.names) + 1, packed) == -1
    size, packed = packed_stage_weights()
    assert call(stage_density.native_log_density(), size, packed) == 0
    assert call(stage_density.native_log_density(), size - 1, packed) == -1


def test_a_packed_model_is_checked_too():
    basis, level, scale_basis, group, counts = model_of().arrays
    blocks = np.array([4, 6, 9, 11])
    density.pack(basis, level, scale_basis, group, counts, blocks, 3.0, 0)
    for wrong in (
        (basis, level + 5, scale_basis, group, counts, blocks),
        (basis, level, scale_basis, group - 1, counts, blocks),
        (basis, level, scale_basis, group, counts[:-1], blocks),
        (basis, level, scale_basis, group, counts, blocks + 2),
        (basis, level, scale_basis, group, counts, blocks[::-1]),
    ):
        with pytest.raises(InputError, match="do not belong together"):
            density.pack(*wrong, 3.0, 0)


STATIC, STARTS = np.array([0.3, 0.2, 0.5]), np.array([0, 2, 3])


def prior_of():
    return StagePrior.around(STATIC, STARTS, 2, False, shift=0.3, step_median=0.2)


def packed_stage_weights(**changes):
    prior = prior_of()
    size, (stages, indicators) = prior.size, (prior.stages, prior.indicators)
    arrays = {slot.name: getattr(prior, slot.name) for slot in stage_density.PRIOR} | {
        "theta_0": np.ones((stages, indicators)),
        "linear": np.zeros((stages, indicators)),
        "curvature": np.zeros((stages, indicators, indicators)),
        "origin": np.zeros(size),
        "root": np.eye(size),
        "centred": np.zeros(size),
    }
    return size, stage_density.pack((0.2, 0.8, 8.0, 0.75), arrays | changes)


@pytest.mark.parametrize("name", ["theta_0", "linear", "curvature", "origin", "root", "centred"])
def test_packed_stage_weights_are_checked(name):
    with pytest.raises(InputError, match=f"do not belong together: {name}"):
        packed_stage_weights(**{name: np.zeros((2, 7))})


def test_summaries_that_are_not_finite_have_not_converged():
    with pytest.raises(DiagnosticsError, match="not finite"):
        packed_stage_weights(linear=np.full((2, 3), np.nan))
    with pytest.raises(DiagnosticsError, match="not finite"):
        packed_stage_weights(origin=np.full(prior_of().size, np.inf))


PRIORS = {
    "dimension_start": np.array([0, 2, 4]),
    "freedom": np.ones(7),
    "shift_root": np.eye(4),
    "log_static": np.full(5, np.nan),
    "basis": np.full((2, 2), np.inf),
}


@pytest.mark.parametrize("name", PRIORS)
def test_a_prior_whose_arrays_do_not_fit_is_refused(name):
    with pytest.raises(InputError, match=f"belong together: .*{name}"):
        replace(prior_of(), **{name: PRIORS[name]})


@pytest.mark.parametrize("name", ["step_median", "step_spread", "slope_median", "slope_spread"])
@pytest.mark.parametrize("value", [0.0, -1.0, np.nan])
def test_medians_and_spreads_are_positive(name, value):
    with pytest.raises(InputError, match=name):
        replace(prior_of(), **{name: value})


SUMS = {
    "values": np.zeros((6, 3, 1)),
    "weights": np.full((4, 3), -0.1),
    "dimension": np.array([0, 2, 2]),
    "exponent": 0.0,
    "how": 7,
    "cell": np.array([0, 1, 2, 0, 0, 0]),
    "survey": np.full(6, np.nan),
    "cells": 0,
    "link_weights": np.ones((1, 5)),
    "link_products": np.ones((2, 6)),
}


@pytest.mark.parametrize("name", SUMS)
def test_sums_of_composites_refuse_what_they_would_misread(name):
    right = {
        "values": np.full((6, 3), 0.5),
        "weights": np.full((4, 3), 1 / 3),
        "dimension": np.array([0, 0, 1]),
        "exponent": 1.0,
        "how": SIBLINGS,
        "cell": np.array([0, 1, -1, 0, 1, 1]),
        "survey": np.ones(6),
        "cells": 2,
        "link_weights": np.ones((1, 6)),
        "link_products": np.ones((1, 6)),
    }
    np.testing.assert_allclose(composite_sums(**right).cells, [[1.0] * 4, [1.5] * 4])
    with pytest.raises(InputError, match=name):
        composite_sums(**(right | {name: SUMS[name]}))
