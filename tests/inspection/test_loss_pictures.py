"""Decomposition and units: the bars add up, and the line crosses zero where it says."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sklearn_negloss import (
    decompose_nll,
    gaussian_nll_loss,
    information_gain_score,
    nll_loss,
)
from sklearn_negloss.distributions import (
    EmpiricalDistribution,
    Gamma,
    Laplace,
    Normal,
    Poisson,
)
from sklearn_negloss.inspection import LossDecompositionDisplay, LossUnitsDisplay


@pytest.fixture
def forecast(rng):
    mu, sigma = rng.normal(size=80), rng.uniform(0.2, 0.6, 80)
    return rng.normal(mu, sigma), mu, sigma


# -- the waterfall -------------------------------------------------------------------


def ends(bar):
    return bar.get_y(), bar.get_y() + bar.get_height()


@pytest.mark.parametrize("scale", [1.0, 0.01, 100.0])
@pytest.mark.parametrize("stretch", [0.3, 1.0, 4.0])
def test_bars_add_up_to_the_loss(forecast, scale, stretch):
    y, mu, sigma = (scale * array for array in forecast)
    display = LossDecompositionDisplay.from_predictions(y, mu=mu, sigma=stretch * sigma)
    units, gain, miscalibration, loss = display.bars_
    terms = decompose_nll(y, mu, stretch * sigma)
    assert loss.get_height() == pytest.approx(gaussian_nll_loss(y, mu, stretch * sigma))
    assert units.get_height() == pytest.approx(terms.units)
    assert gain.get_height() == pytest.approx(-terms.attainable_gain)
    assert miscalibration.get_height() == pytest.approx(terms.miscalibration)
    # Each bar starts where the one before ended.
    assert ends(gain)[0] == pytest.approx(ends(units)[1])
    assert ends(miscalibration)[0] == pytest.approx(ends(gain)[1])
    assert ends(miscalibration)[1] == pytest.approx(ends(loss)[1])


def test_numbers_are_written_on_the_bars(forecast):
    y, mu, sigma = (0.01 * array for array in forecast)
    display = LossDecompositionDisplay.from_predictions(y, mu=mu, sigma=sigma)
    terms = decompose_nll(y, mu, sigma)
    written = [t.get_text().replace("\N{MINUS SIGN}", "-") for t in display.texts_]
    assert written == [
        f"{terms.units:+.2f}",
        f"{-terms.attainable_gain:+.2f}",
        f"{terms.miscalibration:+.2f}",
        f"{terms.loss:.2f}",
    ]
    low, high = display.ax_.get_ylim()
    assert all(low < text.xy[1] < high for text in display.texts_)


def test_a_forecast_worse_than_a_constant_says_so(rng):
    y, mu = rng.normal(size=80), 3.0 * rng.normal(size=80)
    display = LossDecompositionDisplay.from_predictions(y, mu=mu, sigma=1.0)
    ticks = [text.get_text() for text in display.ax_.get_xticklabels()]
    assert ticks[1] == "attainable\ngain < 0"
    assert display.bars_[1].get_height() > 0


def test_other_families_are_taken_by_their_moments(forecast):
    y, mu, sigma = forecast
    of_laplace = LossDecompositionDisplay.from_predictions(
        y, Laplace.from_moments(mu, sigma)
    )
    wanted = decompose_nll(y, mu, sigma)
    np.testing.assert_allclose(of_laplace.decomposition, wanted, rtol=1e-12)


def test_a_loss_without_bounds_is_not_drawn():
    with pytest.raises(ValueError, match="decomposition must be finite"):
        LossDecompositionDisplay.from_predictions([0.0, 1.0], mu=[0.0, 1.0], sigma=1.0)
    with pytest.raises(ValueError, match="y_true must not be constant"):
        LossDecompositionDisplay.from_predictions([1.0, 1.0], mu=[0.0, 1.0], sigma=1.0)


# -- the loss in every unit ----------------------------------------------------------


def test_the_loss_is_zero_where_the_line_crosses(forecast):
    y, mu, sigma = forecast
    display = LossUnitsDisplay.from_predictions(y, mu=mu, sigma=sigma)
    k = display.zero_crossing
    assert gaussian_nll_loss(k * y, k * mu, k * sigma) == pytest.approx(0.0, abs=1e-12)


def test_both_lines_are_the_losses_of_scaled_data(forecast):
    y, mu, sigma = forecast
    display = LossUnitsDisplay.from_predictions(y, mu=mu, sigma=sigma)
    for k, loss in display.line_.get_xydata():
        assert gaussian_nll_loss(k * y, k * mu, k * sigma) == pytest.approx(loss)
    for k, loss in display.baseline_line_.get_xydata():
        scaled = k * y
        constant = gaussian_nll_loss(scaled, scaled.mean(), scaled.std())
        assert constant == pytest.approx(loss)
    assert display.gain == pytest.approx(information_gain_score(y, Normal(mu, sigma)))


def test_any_density_has_units(rng):
    y = rng.gamma(2.0, size=50)
    dist = Gamma.from_moments(np.full(50, 2.0), 1.4)
    display = LossUnitsDisplay.from_predictions(y, dist)
    k = display.zero_crossing
    scaled = Gamma.from_moments(np.full(50, 2.0 * k), 1.4 * k)
    assert display.loss == pytest.approx(nll_loss(y, dist))
    assert nll_loss(k * y, scaled) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("loss", [-2000.0, -99.0, 0.0, 99.0, 2000.0])
def test_losses_of_any_size_are_drawn(loss):
    display = LossUnitsDisplay(loss=loss, baseline_loss=1.4).plot()
    display.figure_.draw_without_rendering()
    crosses = any("the loss is 0" in word for word in words(display))
    assert crosses == (abs(loss) < 100)


def words(display):
    return [text.get_text() for text in display.ax_.texts]


def test_units_are_marked(forecast):
    y, mu, sigma = forecast
    units = {"m": 1, "mm": 1000}
    display = LossUnitsDisplay.from_predictions(y, mu=mu, sigma=sigma, units=units)
    loss = gaussian_nll_loss(y, mu, sigma)
    assert f"m: {loss:.2f}" in words(display)
    assert f"mm: {loss + math.log(1000):.2f}" in words(display)
    display.plot(units={"mm": 1000})
    assert f"your unit: {loss:.2f}" in words(display)
    low, high = display.ax_.get_xlim()
    assert low < 1 < 1000 < high


def test_what_has_no_unit_is_refused(rng):
    with pytest.raises(ValueError, match="must have a density"):
        LossUnitsDisplay.from_predictions([1, 2, 3], Poisson(2.0))
    with pytest.raises(TypeError, match="no density"):
        LossUnitsDisplay.from_predictions(
            [1.0, 2.0], EmpiricalDistribution(rng.normal(size=(2, 5)))
        )
    with pytest.raises(ValueError, match=r"got inf \(1 of 2 .* ruled out something"):
        LossUnitsDisplay.from_predictions([-1.0, 2.0], Gamma(2.0, 1.0))
    with pytest.raises(ValueError, match=r"units\['mm'\] must be strictly positive"):
        LossUnitsDisplay(loss=1.0, baseline_loss=2.0).plot(units={"mm": -1})
    with pytest.raises(ValueError, match="loss must be finite"):
        LossUnitsDisplay(loss=math.nan, baseline_loss=2.0)


def test_an_infinite_density_is_not_called_impossible():
    spiked = Gamma(0.5, 1.0)  # its density at 0 has no bound
    with pytest.raises(
        ValueError, match=r"got -inf \(1 of 3 .* an infinite density at"
    ):
        LossUnitsDisplay.from_predictions([0.0, 1.0, 2.0], spiked)
    # Both at once: neither hides behind the NaN that their mean is.
    with pytest.raises(ValueError, match="ruled out something"):
        LossUnitsDisplay.from_predictions([0.0, -1.0, 2.0], spiked)


@pytest.mark.parametrize("impossible", [0.0, -1.0])
def test_an_infinite_loss_without_weight_does_not_count(impossible):
    y, weight = [impossible, 1.0, 2.0], [0.0, 1.0, 1.0]
    display = LossUnitsDisplay.from_predictions(
        y, Gamma(0.5, 1.0), sample_weight=weight
    )
    assert display.loss == pytest.approx(nll_loss(y[1:], Gamma(0.5, 1.0)))


@pytest.mark.parametrize("units", [["m"], "m", {"m"}, 5, [], ""])
def test_units_are_a_dict(units):
    with pytest.raises(TypeError, match="units must be a dict of names and factors"):
        LossUnitsDisplay(loss=1.0, baseline_loss=2.0).plot(units=units)


@pytest.mark.parametrize("factor", [1e-320, 1e-300, 1e101, 1e308])
def test_units_beyond_floats_are_refused_before_anything_is_drawn(factor):
    _, ax = plt.subplots()
    with pytest.raises(ValueError, match=r"units\['a'\] must be in \[1e-100, 1e100\]"):
        LossUnitsDisplay(loss=1.0, baseline_loss=2.0).plot(ax, units={"a": factor})
    assert not ax.lines


@pytest.mark.parametrize("loss", [-99.0, 0.0, 99.0])
def test_units_up_to_the_bounds_are_drawn(loss):
    display = LossUnitsDisplay(loss=loss, baseline_loss=1.4)
    display.plot(units={"a": 1e-100, "b": 1e100}).figure_.draw_without_rendering()


def test_units_may_be_money(forecast):
    y, mu, sigma = forecast
    display = LossUnitsDisplay.from_predictions(
        y, mu=mu, sigma=sigma, units={"$": 1, "k$_^ $": 1e-3}
    )
    display.figure_.draw_without_rendering()
    assert any(r"k\$_^ \$" in word for word in words(display))
