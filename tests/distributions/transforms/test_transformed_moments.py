"""Integrals of transformed distributions, against brute force and many digits."""

import warnings
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from scipy.integrate import IntegrationWarning, quad

from sklearn_negloss.distributions import Laplace, Normal, StudentT
from sklearn_negloss.distributions.transforms._maps import BoxCox, YeoJohnson
from tests.distributions.transforms.transformed_cases import (
    MAPS,
    chain,
    everywhere,
    silently,
)


def integral(dist, function=lambda y: 1.0):
    """Brute force: piecewise quadrature of one density between many quantiles."""
    levels = np.concatenate([10.0 ** np.arange(-13, -1), np.arange(1, 20) / 20])
    edges = [float(dist.ppf(q)) for q in (*levels, *(1 - levels[:12]))]
    if edges[0] < 0 < edges[-1]:
        edges.append(0.0)
    edges = np.unique(edges)
    # Rounding may hit the very end of a domain, where the density is infinite.

    def integrand(y):
        value = function(y) * float(dist.pdf(y))
        return value if np.isfinite(value) else 0.0

    return piecewise(integrand, edges)


def piecewise(function, edges):
    with warnings.catch_warnings():
        # An integrable pole at an end of the domain costs quad its last digits.
        warnings.simplefilter("ignore", IntegrationWarning)
        return sum(
            quad(function, a, b, epsrel=1e-11, epsabs=0, limit=200)[0]
            for a, b in pairwise(edges)
        )


# y goes to infinity at a finite z, too fast for a variance.
WITHOUT_STD = {"box-cox -0.5", "yeo-johnson 2.6", "yeo-johnson -0.5, scaled"}


@everywhere
def test_the_density_integrates_to_one_and_gives_moments_entropy_and_crps(name):
    dist = silently(Normal(0.3, 0.2), MAPS[name])
    assert integral(dist) == pytest.approx(1.0, abs=1e-7)
    assert np.isfinite(dist.std()) == (name not in WITHOUT_STD)
    if name not in WITHOUT_STD:
        mean = integral(dist, lambda y: y)
        assert dist.mean() == pytest.approx(mean, rel=1e-7)
        variance = integral(dist, lambda y: (y - mean) ** 2)
        assert dist.std() == pytest.approx(np.sqrt(variance), rel=1e-6)
        assert dist.var() == pytest.approx(variance, rel=1e-6)
    entropy = integral(dist, lambda y: -float(dist.logpdf(y)))
    assert dist.entropy() == pytest.approx(entropy, abs=1e-6)


@everywhere
@pytest.mark.parametrize("level", [1e-9, 0.05, 0.4, 0.97])
def test_the_crps_is_the_integral_of_the_squared_step_error(name, level):
    dist = silently(Normal(0.3, 0.2), MAPS[name])
    y = float(dist.ppf(level))
    levels = np.concatenate([10.0 ** np.arange(-12, -1), np.arange(1, 20) / 20])
    edges = np.unique([float(dist.ppf(q)) for q in (*levels, *(1 - levels[:11]))] + [y])
    below = piecewise(lambda x: float(dist.cdf(x)) ** 2, edges[edges <= y])
    above = piecewise(lambda x: float(dist.sf(x)) ** 2, edges[edges >= y])
    wanted = below + above
    assert dist.crps(y) == pytest.approx(wanted, rel=1e-7)


@pytest.mark.parametrize(
    ("loc", "lost"), [(2.0, 3.167124e-05), (0.0, 0.5), (-1.0, 0.977)]
)
def test_lost_mass_is_what_lies_outside_the_range(loc, lost):
    dist = silently(Normal(loc, 0.5), MAPS["sqrt"])
    assert dist.lost_mass == pytest.approx(lost, rel=1e-3)
    assert dist.cdf(0.0) == 0.0
    assert integral(dist) == pytest.approx(1.0, abs=1e-6)


# -- moments -------------------------------------------------------------------------


def mp_moments(pdf, inverse, points):
    """Mean and standard deviation by tanh-sinh quadrature with 30 digits."""
    with mpmath.workdps(30):
        mass = mpmath.quad(pdf, points)
        mean = mpmath.quad(lambda z: inverse(z) * pdf(z), points) / mass
        square = mpmath.quad(lambda z: (inverse(z) - mean) ** 2 * pdf(z), points) / mass
        return float(mean), float(mpmath.sqrt(square))


def mp_power(base, exponent):
    return mpmath.power(max(base, mpmath.mpf(10) ** -200), exponent)


@pytest.mark.parametrize(
    ("transform", "inverse", "loc", "scale", "corner"),
    [
        (MAPS["sqrt"], lambda z: z * z, 2.0, 0.5, 0.0),
        (MAPS["sqrt"], lambda z: z * z, -3.0, 1.0, 0.0),
        (MAPS["arcsinh"], mpmath.sinh, 5.0, 3.0, 0.0),
        (MAPS["logit"], lambda z: 1 / (1 + mpmath.exp(-z)), 0.1, 3.0, 0.0),
        (chain(BoxCox(0.5)), lambda z: mp_power(z / 2 + 1, 2), 0.2, 0.4, -2.0),
        (chain(BoxCox(2.0)), lambda z: mp_power(2 * z + 1, 0.5), 0.2, 0.4, -0.5),
        (
            chain(YeoJohnson(0.5)),
            lambda z: (
                (z / 2 + 1) ** 2 - 1
                if z >= 0
                else 1 - mp_power(1 - 1.5 * z, mpmath.mpf(2) / 3)
            ),
            -0.3,
            1.0,
            0.0,
        ),
        (
            chain(YeoJohnson(2.0)),
            lambda z: mpmath.sqrt(1 + 2 * z) - 1 if z >= 0 else 1 - mpmath.exp(-z),
            -1.0,
            2.0,
            0.0,
        ),
    ],
    ids=[
        "sqrt",
        "sqrt, most mass lost",
        "arcsinh",
        "logit",
        "box-cox 0.5",
        "box-cox 2",
        "yeo-johnson 0.5",
        "yeo-johnson 2",
    ],
)
def test_moments_equal_multi_precision_integrals(
    transform, inverse, loc, scale, corner
):
    dist = silently(Normal(loc, scale), transform)
    low = max(transform.range[0], loc - 30 * scale)
    steps = [loc + k * scale for k in range(-28, 31, 2)]
    points = sorted({low, *(p for p in (*steps, corner) if p > low)})
    mean, std = mp_moments(lambda z: mpmath.npdf(z, loc, scale), inverse, points)
    assert dist.mean() == pytest.approx(mean, rel=1e-9)
    assert dist.std() == pytest.approx(std, rel=1e-9)


def box_cox_moment(k, lmbda, loc, scale):
    """Mean of y^k by the substitution that removes the pole."""
    with mpmath.workdps(30):
        lmbda, loc, scale = mpmath.mpf(lmbda), mpmath.mpf(loc), mpmath.mpf(scale)
        end, power = -1 / lmbda, k / lmbda + 1
        points = [(scale * j / 4) ** power for j in range(81)]
        value = mpmath.quad(
            lambda u: mpmath.npdf(end - u ** (1 / power), loc, scale), points
        )
        mass = mpmath.ncdf((end - loc) / scale)
        return (-lmbda) ** (k / lmbda) / power * value / mass


@pytest.mark.parametrize("lmbda", [-1.02, -1.1, -1.5, -2.05, -3.0])
def test_moments_next_to_a_pole_equal_multi_precision_integrals(lmbda):
    dist = silently(Normal(0.1, 0.15), chain(BoxCox(lmbda)))
    first = box_cox_moment(1, lmbda, 0.1, 0.15)
    assert dist.mean() == pytest.approx(float(first), rel=1e-6)
    if lmbda < -2:
        second = box_cox_moment(2, lmbda, 0.1, 0.15)
        std = float(mpmath.sqrt(second - first**2))
        assert dist.std() == pytest.approx(std, rel=1e-6)
    else:
        assert dist.std() == np.inf


@pytest.mark.parametrize(
    ("base", "transform"),
    [
        (StudentT(5.0, 0.0, 1.0), MAPS["log"]),
        (StudentT(5.0, 0.0, 1.0), MAPS["arcsinh"]),
        (Laplace(0.0, 1.5), MAPS["log"]),
        (Normal(0.5, 0.8), chain(BoxCox(-0.7))),
        (Normal(0.5, 0.8), chain(BoxCox(-1.0))),
        (Normal(-0.5, 0.8), chain(YeoJohnson(2.8))),
    ],
    ids=[
        "t, log",
        "t, arcsinh",
        "laplace, log",
        "box-cox",
        "box-cox -1",
        "yeo-johnson",
    ],
)
def test_moments_that_do_not_exist_are_infinite_and_never_nan(base, transform):
    dist = silently(base, transform)
    assert np.isinf(dist.mean())
    assert np.isposinf(dist.std())
    assert np.isfinite(dist.ppf(0.5))


def test_a_mean_may_exist_without_a_standard_deviation():
    dist = silently(Laplace(0.0, 0.7), MAPS["log"])  # E exp(k z) exists for k < 1 / 0.7
    assert dist.mean() == pytest.approx(1 / (1 - 0.49), rel=1e-9)
    assert np.isposinf(dist.std())


def test_what_overflows_is_infinite_and_never_nan():
    dist = silently(Normal([800.0, 1.0, -800.0], 1.0), MAPS["log"])
    np.testing.assert_array_equal(np.isposinf(dist.mean()), [True, False, False])
    np.testing.assert_array_equal(np.isposinf(dist.std()), [True, False, False])
    np.testing.assert_allclose(dist.mean()[1], np.exp(1.5))
    assert dist.mean()[2] == 0.0
