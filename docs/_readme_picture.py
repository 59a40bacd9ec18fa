"""The picture of the README: one forecast's loss in every unit of its target.

python docs/_readme_picture.py
"""

from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt
from sklearn.datasets import make_friedman1
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.model_selection import train_test_split

from sklearn_negloss.inspection import LossUnitsDisplay

# Text stays text, and the same picture is the same file.
mpl.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "sklearn-negloss"}

X, y = make_friedman1(600, noise=0.5, random_state=0)
X, X_test, y, y_test = train_test_split(X, y, random_state=0)
kernel = RBF() + WhiteKernel()
model = GaussianProcessRegressor(kernel, normalize_y=True, random_state=0).fit(X, y)
fig, ax = plt.subplots(figsize=(7.2, 4.0))
LossUnitsDisplay.from_estimator(model, X_test, y_test, name="a model", ax=ax)
path = Path(__file__).parent / "_static" / "units.svg"
fig.savefig(path, bbox_inches="tight", facecolor="white", metadata={"Date": None})
