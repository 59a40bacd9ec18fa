"""Every continuous family hits the moments it is asked for, or says why it cannot."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_negloss.distributions._families import Laplace, Logistic, Normal, StudentT
from sklearn_negloss.distributions._positive import Gamma, LogNormal

MOMENT_FAMILIES = {
    "normal": Normal.from_moments,
    "laplace": Laplace.from_moments,
    "logistic": Logistic.from_moments,
    "student-t": StudentT.from_moments,
    "student-t of few df": partial(StudentT.from_moments, df=2.5),
    "log-normal": LogNormal.from_moments,
    "gamma": Gamma.from_moments,
}
each_from_moments = pytest.mark.parametrize(
    "from_moments", MOMENT_FAMILIES.values(), ids=MOMENT_FAMILIES
)


@each_from_moments
def test_from_moments_recovers_mean_and_standard_deviation(from_moments):
    mu, sigma = np.array(
        [(m, s) for m in (1e-3, 1.0, 50.0, 1e6) for s in (1e-3, 0.7, 1e4)]
    ).T
    dist = from_moments(mu, sigma)
    assert_allclose(dist.mean(), mu, rtol=1e-12)
    assert_allclose(dist.std(), sigma, rtol=1e-12)
    assert_allclose(dist.var(), sigma**2, rtol=1e-12)


@each_from_moments
def test_from_moments_takes_one_number_for_all(from_moments):
    dist = from_moments(np.array([1.0, 2.0]), 0.5)
    assert dist.shape == (2,)
    assert_allclose(dist.std(), 0.5)


@each_from_moments
@pytest.mark.parametrize("sigma", [0.0, -1.0])
def test_from_moments_refuses_a_sigma_that_is_not_positive(from_moments, sigma):
    with pytest.raises(
        ValueError, match=r"^sigma must be strictly positive; got .*1 of 2"
    ):
        from_moments([1.0, 2.0], [1.0, sigma])


@each_from_moments
def test_from_moments_refuses_shapes_that_would_broadcast(from_moments):
    with pytest.raises(ValueError, match=r"one shape; got mu \(2,\), sigma \(2, 1\)"):
        from_moments(np.ones(2), np.ones((2, 1)))


@pytest.mark.parametrize("family", [LogNormal, Gamma])
def test_positive_families_refuse_a_mean_that_is_not_positive(family):
    message = (
        r"^mu must be strictly positive; got -1 at index 1 \(1 of 2 values\); .*Normal"
    )
    with pytest.raises(ValueError, match=message):
        family.from_moments([1.0, -1.0], 1.0)


def test_student_t_refuses_moments_without_a_finite_variance():
    message = r"^df must be greater than 2; got 2 \(1 of 1 values\); .* directly\.$"
    with pytest.raises(ValueError, match=message):
        StudentT.from_moments(0.0, 1.0, df=2.0)


def test_student_t_moments_follow_df():
    dist = StudentT([0.5, 1.0, 1.5, 2.0, 4.0], loc=3.0, scale=2.0)
    assert_array_equal(dist.mean(), [np.nan, np.nan, 3.0, 3.0, 3.0])
    assert_array_equal(dist.var(), [np.nan, np.nan, np.inf, np.inf, 8.0])
