"""PIT and coverage: calibrated forecasts look it, for any kind of distribution."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import scipy.stats
from matplotlib.colors import to_hex

from sklearn_negloss.distributions import (
    EmpiricalDistribution,
    NegativeBinomial,
    Normal,
    Poisson,
    QuantileGrid,
)
from sklearn_negloss.inspection import CoverageDisplay, PITDisplay
from sklearn_negloss.inspection._calibration import (
    bin_band,
    central_coverage,
    coverage_band,
    mean_cdf,
)

LEVELS = np.linspace(0.025, 0.975, 39)
N = 2000


def calibrated(kind, rng):
    """Return what happened, and the forecast that it was drawn from."""
    if kind == "normal":
        mu = rng.normal(size=N)
        return rng.normal(mu, 0.3), Normal(mu, 0.3)
    if kind == "poisson":
        mu = rng.uniform(0.2, 4.0, N)
        return rng.poisson(mu), Poisson(mu)
    if kind == "negative binomial":
        dist = NegativeBinomial.from_moments(rng.uniform(0.5, 3.0, N), 3.0)
        return dist.rvs(1), dist
    if kind == "ensemble of few":
        draws = rng.gamma(2.0, size=(N, 6))
        return draws[:, 0], EmpiricalDistribution(draws[:, 1:])
    if kind == "ensemble with ties":
        draws = rng.poisson(1.5, size=(N, 9))
        return draws[:, 0], EmpiricalDistribution(draws[:, 1:])
    if kind == "grid":
        mu = rng.normal(size=N)
        values = mu[:, None] + scipy.stats.norm.ppf(LEVELS)
        return rng.normal(mu), QuantileGrid(LEVELS, values)
    loc = rng.normal(size=N)
    return rng.gumbel(loc, 2.0), scipy.stats.gumbel_r(loc, 2.0)


KINDS = (
    "normal",
    "poisson",
    "negative binomial",
    "ensemble of few",
    "ensemble with ties",
    "grid",
    "gumbel of scipy",
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("randomized", [False, True])
def test_pit_of_calibrated_forecasts_is_flat(kind, randomized, rng):
    y, dist = calibrated(kind, rng)
    display = PITDisplay.from_predictions(
        y, dist, randomized=randomized, random_state=0, confidence=0.999
    )
    assert not display.outside_.any()
    assert display.heights_.mean() == pytest.approx(1.0)


@pytest.mark.parametrize("kind", KINDS)
def test_coverage_of_calibrated_forecasts_is_nominal(kind, rng):
    y, dist = calibrated(kind, rng)
    display = CoverageDisplay.from_predictions(y, dist, confidence=0.999)
    low, high = display.band_
    assert (display.empirical >= low).all()
    assert (display.empirical <= high).all()
    assert display.width.shape == display.nominal.shape
    assert (np.diff(display.width) >= 0).all()


def test_coverage_of_the_exact_normal():
    # One y at each quantile: as exact as n samples can be.
    n = 10_000
    y = scipy.stats.norm.ppf((np.arange(n) + 0.5) / n)
    display = CoverageDisplay.from_predictions(y, mu=0.0, sigma=1.0)
    np.testing.assert_allclose(display.empirical, display.nominal, atol=1 / n)
    exact = 2.0 * scipy.stats.norm.ppf((1.0 + display.nominal) / 2.0)
    np.testing.assert_allclose(display.width, exact, rtol=1e-12)
    twice = CoverageDisplay.from_predictions(y, mu=0.0, sigma=2.0)
    wanted = 2.0 * scipy.stats.norm.cdf(exact) - 1.0
    np.testing.assert_allclose(twice.empirical, wanted, atol=1 / n)


def test_coverage_is_that_of_the_intervals_themselves(rng):
    y, mu = rng.normal(size=300), rng.normal(size=300)
    display = CoverageDisplay.from_predictions(y, mu=mu, sigma=1.3)
    for nominal, empirical in zip(display.nominal, display.empirical, strict=True):
        lower, upper = Normal(mu, 1.3).interval(nominal)
        held = np.mean((lower < y) & (y <= upper))
        assert empirical == pytest.approx(held)


@pytest.mark.parametrize(
    ("sigma", "mu", "shape"),
    [(0.5, 0.0, "bowl"), (2.0, 0.0, "hump"), (1.0, -1.0, "slope")],
)
def test_shapes_mean_what_the_docstring_says(sigma, mu, shape, rng):
    display = PITDisplay.from_predictions(rng.normal(size=N), mu=mu, sigma=sigma)
    left, middle, right = display.heights_[[0, 5, 9]]
    assert {
        "bowl": left > 1.5 > middle < right,
        "hump": left < 0.5 < 1.3 < middle > right,
        "slope": left < middle < right,
    }[shape]
    assert display.outside_.any()


def test_what_lies_beyond_the_support_is_counted():
    y = [-1.0, 0.5, 2.0, 3.0]
    display = PITDisplay.from_predictions(y, scipy.stats.uniform(0, 1), n_bins=4)
    np.testing.assert_allclose(display.heights_, [1.0, 1.0, 0.0, 2.0])


def test_a_step_is_spread_evenly():
    lower, upper, weight = np.array([0.2]), np.array([0.6]), np.ones(1)
    at = np.array([0.1, 0.2, 0.3, 0.6, 0.7])
    np.testing.assert_allclose(
        mean_cdf(lower, upper, weight, at), [0, 0, 0.25, 1, 1], atol=1e-15
    )
    np.testing.assert_allclose(
        central_coverage(lower, upper, weight, np.array([0.2, 0.6])), [0.5, 1.0]
    )


def test_nonrandomized_is_the_mean_of_randomized(rng):
    y, dist = calibrated("poisson", rng)
    display = PITDisplay.from_predictions(y, dist)
    spread = display.heights_
    drawn = [
        display.plot(randomized=True, random_state=seed).heights_ for seed in range(15)
    ]
    plt.close("all")
    np.testing.assert_allclose(np.mean(drawn, axis=0), spread, atol=0.06)


def test_an_ensemble_gives_its_rank_histogram(rng):
    draws = rng.normal(size=(500, 5))
    display = PITDisplay.from_predictions(
        draws[:, 0], EmpiricalDistribution(draws[:, 1:]), n_bins=5
    )
    ranks = (draws[:, 1:] < draws[:, :1]).sum(axis=1)
    expected = np.bincount(ranks, minlength=5) / 100
    np.testing.assert_allclose(display.heights_, expected)


def test_beyond_its_outer_levels_a_grid_says_nothing():
    dist = QuantileGrid([0.2, 0.8], [[0.0, 1.0], [0.0, 1.0]])
    display = PITDisplay.from_predictions([-9.0, 9.0], dist, n_bins=10)
    np.testing.assert_allclose(display.heights_, [2.5, 2.5, *[0] * 6, 2.5, 2.5])


def test_shared_scales_hold_the_taller_histogram():
    _, (left, right) = plt.subplots(1, 2, sharey=True)
    y = np.random.default_rng(0).normal(size=200)
    tall = PITDisplay.from_predictions(y, mu=0.0, sigma=9.0, ax=left)
    PITDisplay.from_predictions(y, mu=0.0, sigma=1.0, ax=right)
    assert left.get_ylim()[1] > tall.heights_.max()


@pytest.mark.parametrize("band", ["simultaneous", "pointwise"])
def test_bands_hold_calibrated_forecasts_as_often_as_they_say(band):
    rng, n, trials = np.random.default_rng(5), 200, 600
    pit = rng.uniform(size=(trials, n))
    heights = np.stack([np.histogram(p, 10, (0, 1))[0] / n * 10 for p in pit])
    low, high = bin_band(n, 10, 0.9, band)
    inside = (heights >= low - 1e-9) & (heights <= high + 1e-9)
    nominal = np.arange(1, 20) / 20
    covered = np.abs(2 * pit - 1)[:, :, None] <= nominal
    below, above = coverage_band(nominal, n, 0.9, band)
    curve = covered.mean(axis=1)
    within = (curve >= below - 1e-9) & (curve <= above + 1e-9)
    for held in (inside, within):
        share = held.all(axis=1).mean() if band == "simultaneous" else held.mean()
        assert 0.88 < share < 0.97  # binomial counts jump, so a little above 0.9


def test_displays_share_axes():
    rng = np.random.default_rng(0)
    y = rng.normal(size=200)
    one = CoverageDisplay.from_predictions(y, mu=0.0, sigma=1.0, name="one")
    two = CoverageDisplay.from_predictions(y, mu=0.0, sigma=2.0, name="two", ax=one.ax_)
    assert one.inset_ is two.inset_
    assert len(one.inset_.get_lines()) == 2
    assert one.inset_.get_ylim()[1] > two.width.max()
    labels = one.ax_.get_legend_handles_labels()[1]
    assert labels == ["90 % band", "one", "two"]
    assert one.line_.get_linestyle() != two.line_.get_linestyle()
    assert one.line_.get_color() != two.line_.get_color()


@pytest.mark.parametrize("sigma", [0.1, 1.0, 8.0])
def test_the_inset_keeps_out_of_the_way_of_the_curve(sigma):
    y = np.random.default_rng(0).normal(size=200)
    display = CoverageDisplay.from_predictions(y, mu=0.0, sigma=sigma)
    display.figure_.draw_without_rendering()
    to_axes = display.ax_.transAxes.inverted()
    for box in (display.inset_.get_window_extent(), _legend_box(display)):
        place = box.transformed(to_axes)
        x, share = display.nominal, display.empirical
        inside = (x > place.x0) & (x < place.x1)
        assert not ((share > place.y0) & (share < place.y1) & inside).any()


def _legend_box(display):
    return display.ax_.get_legend().get_window_extent()


def test_without_quantiles_there_is_no_inset():
    class CdfOnly:
        def cdf(self, x):
            return scipy.stats.norm.cdf(x)

        def mean(self):
            return 0.0

        def std(self):
            return 1.0

    display = CoverageDisplay.from_predictions([0.0, 1.0], CdfOnly())
    assert display.width is None
    assert display.inset_ is None


def test_bars_outside_are_hatched_and_users_have_their_way():
    y = np.random.default_rng(0).normal(size=500)
    display = PITDisplay.from_predictions(
        y, mu=0.0, sigma=0.5, bar_kwargs={"fc": "k", "lw": 3}
    )
    hatched = [bar.get_hatch() is not None for bar in display.bars_]
    assert hatched == display.outside_.tolist()
    calm = next(b for b, out in zip(display.bars_, hatched, strict=True) if not out)
    assert to_hex(calm.get_facecolor()) == "#000000"
    assert calm.get_linewidth() == 3


# -- what is refused -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"band": "wide"}, "band must be one of 'simultaneous', 'pointwise'"),
        ({"confidence": 1.0}, r"confidence must be in \(0, 1\)"),
        ({"n_bins": 1}, "n_bins must be a whole number of at least 2"),
        ({"n_bins": 10.0}, "n_bins must be a whole number"),
    ],
)
def test_options_are_checked(options, words):
    with pytest.raises(ValueError, match=words):
        PITDisplay.from_predictions([0.0, 1.0], mu=0.0, sigma=1.0, **options)
    if "n_bins" not in options:
        with pytest.raises(ValueError, match=words):
            CoverageDisplay.from_predictions([0.0, 1.0], mu=0.0, sigma=1.0, **options)


def test_numbers_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match=r"lower must be in \[0, 1\]"):
        PITDisplay(lower=[1.2])
    with pytest.raises(ValueError, match=r"upper must be in \[0, 1\]"):
        PITDisplay(lower=[0.2], upper=[-0.1])
    with pytest.raises(ValueError, match=r"empirical must be in \[0, 1\]"):
        CoverageDisplay(nominal=[0.5], empirical=[1.5], n_effective=10)

    class Broken:
        def cdf(self, x):
            return np.full(np.shape(x), 1.5)

        def mean(self):
            return 0.0

        def std(self):
            return 1.0

    with pytest.raises(ValueError, match=r"dist.cdf\(y_true\) must be in \[0, 1\]"):
        PITDisplay.from_predictions([0.0], Broken())
