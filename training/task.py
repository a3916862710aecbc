"""What training does differently for classes and for numbers: `task_of` says which. Pure.

Outputs are those of `contract.schema.task`; actual values are class codes, or numbers.
"""

# ruff: noqa: ARG002  not each task uses all that a task is given

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict

from contract.errors import BadDataset, BadSetting
from contract.schema import Schema
from contract.schema.task import DEFAULT_RULE, DecisionRule, Floats
from training import evaluation
from training.regression import conformal_interval, r_squared, regression_scores
from training.settings import Estimator
from training.threshold import Costs, choose_threshold

Actual = NDArray[Any]
"""Class codes or numbers, shape (n,)."""

Splits = list[tuple[NDArray[np.intp], NDArray[np.intp]]]
"""Positions of the rows to fit and of those to validate, for each fold."""

FOLDS: Final = 5
MIN_ROWS: Final = 2 * FOLDS
"""Rows of each class, and of a numeric target. With fewer, a fold or one side of the split could
lack a class."""

NULL_CONFIDENCE: Final = 0.99
NULL_QUANTILE: Final = 2.576
"""Two-sided quantile of the normal distribution at `NULL_CONFIDENCE`."""


class Miscalibration(NamedTuple):
    """How far outputs are wrong on average.

    Attributes:
        name: of the gate's check.
        error: from 0.
        null_error: the error that outputs which are right on average exceed in 1 % of such rows.
        message: the error in words.
    """

    name: str
    error: float
    null_error: float
    message: str


class TrainingTask(Protocol):
    """What depends on the kind of target.

    Attributes:
        estimators: the built-in ones.
        loss: what `losses` are, in words.
        base_loss: that of a constant prediction, in words.
    """

    estimators: Sequence[Estimator]
    loss: str
    base_loss: str

    def encode(self, target: Any) -> Actual:
        """The actual values of a column."""

    def split(self, target: Any, folds: int, random_state: int) -> Splits:
        """Rows to fit and rows to validate, for each fold of rows with this target."""

    def out_of_fold(self, model: Any, rows: pd.DataFrame, target: Any, random_state: int) -> Floats:
        """Outputs of rows by models that were not fitted on them."""

    def losses(self, actual: Actual, outputs: Floats) -> Floats:
        """The loss of each row, shape (n,)."""

    def loss_unit(self, actual: Actual) -> float:
        """The loss that counts as 1 for the gate's thresholds."""

    def skill(self, actual: Actual, outputs: Floats) -> float:
        """Share of the loss of a constant prediction that the outputs save: at most 1."""

    def metrics(
        self, actual: Actual, outputs: Floats, rule: DecisionRule, costs: Costs
    ) -> Mapping[str, float]:
        """Scores of a version's run."""

    def calibration(self, actual: Actual, outputs: Floats) -> pd.DataFrame | None:
        """The calibration table; None of numbers."""

    def miscalibration(self, actual: Actual, outputs: Floats) -> Miscalibration:
        """How far outputs are wrong on average."""

    def choose_decision_rule(
        self, actual: Actual, outputs: Floats, costs: Costs, interval_level: float
    ) -> DecisionRule:
        """How outputs become predictions: a threshold or an interval, from held-out rows."""

    def reference_columns(self, outputs: Floats, rule: DecisionRule) -> Mapping[str, Any]:
        """The predictions in the reference set."""

    def has_enough_rows(self, target: pd.Series) -> bool:
        """Whether a model can be fitted and scored on rows with this target."""

    def check_rows(self, target: pd.Series, held_out: NDArray[np.bool_]) -> None:
        """Raises `BadDataset` if it cannot."""

    def check_settings(self, costs: Costs, class_weight: str) -> None:
        """Raises `BadSetting` for settings that do not fit the target."""

    def trial_rows(self, rows: pd.DataFrame, count: int) -> pd.DataFrame:
        """A few rows to try an estimator on: up to `count` of each class."""


def task_of(schema: Schema) -> TrainingTask:
    """The task of a schema's target."""
    return Regression(schema) if schema.task.numeric else Classification(schema)


class Classification:
    """See `TrainingTask`. The loss is the log loss."""

    estimators: Sequence[Estimator] = ("logistic", "random_forest", "hist_gradient_boosting")
    loss = "log loss"
    base_loss = "the base rate's log loss"

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._classes = schema.classes

    def encode(self, target: Any) -> Actual:
        """Class codes."""
        return self._classes.encode(target)

    def split(self, target: Any, folds: int, random_state: int) -> Splits:
        """Folds with the same shares of classes."""
        splitter = StratifiedKFold(folds, shuffle=True, random_state=random_state)
        return list(splitter.split(np.zeros(len(target)), target))

    def out_of_fold(self, model: Any, rows: pd.DataFrame, target: Any, random_state: int) -> Floats:
        """Probabilities."""
        probabilities = cross_val_predict(
            model, rows, target, cv=self.split(target, FOLDS, random_state), method="predict_proba"
        )
        return self._classes.arrange(probabilities, np.unique(target).tolist())

    def losses(self, actual: Actual, outputs: Floats) -> Floats:
        """Log losses."""
        return evaluation.log_losses(actual, outputs)

    def loss_unit(self, actual: Actual) -> float:
        """One nat."""
        return 1.0

    def skill(self, actual: Actual, outputs: Floats) -> float:
        """See `training.evaluation.skill`."""
        return evaluation.skill(actual, outputs)

    def metrics(
        self, actual: Actual, outputs: Floats, rule: DecisionRule, costs: Costs
    ) -> Mapping[str, float]:
        """The fields of `training.evaluation.Scores`; of two classes, threshold and cost too."""
        scores = evaluation.scores(actual, outputs, self._classes, rule.threshold)
        if self._classes.multiclass:
            return asdict(scores)
        cost = costs.of_rows(actual, outputs, rule.threshold)
        return {**asdict(scores), "threshold": rule.threshold, "cost": float(cost.mean())}

    def calibration(self, actual: Actual, outputs: Floats) -> pd.DataFrame | None:
        """See `training.evaluation.calibration_table`."""
        confidence, hits = evaluation.reported_confidence(actual, outputs, self._classes)
        return evaluation.calibration_table(hits, confidence)

    def miscalibration(self, actual: Actual, outputs: Floats) -> Miscalibration:
        """The expected calibration error."""
        confidence, hits = evaluation.reported_confidence(actual, outputs, self._classes)
        error = evaluation.calibration_error(evaluation.calibration_table(hits, confidence))
        null_error = evaluation.null_calibration_error(confidence, NULL_CONFIDENCE)
        return Miscalibration("calibration", error, null_error, f"calibration error of {error:.3f}")

    def choose_decision_rule(
        self, actual: Actual, outputs: Floats, costs: Costs, interval_level: float
    ) -> DecisionRule:
        """The decision threshold of two classes."""
        if self._classes.multiclass:
            return DEFAULT_RULE
        return DecisionRule(choose_threshold(actual, outputs, costs))

    def reference_columns(self, outputs: Floats, rule: DecisionRule) -> Mapping[str, Any]:
        """Class and probability."""
        classes = self._classes
        return {
            "prediction": classes.decode(classes.predict(outputs, rule.threshold)),
            "probability": classes.reported_probability(outputs),
        }

    def has_enough_rows(self, target: pd.Series) -> bool:
        """At least `MIN_ROWS` of each class."""
        return min(int((target == each).sum()) for each in self._classes.values) >= MIN_ROWS

    def check_rows(self, target: pd.Series, held_out: NDArray[np.bool_]) -> None:
        """All classes on both sides of the split, and enough rows of each."""
        name, (first, *others) = self._schema.target.name, self._classes.values
        if not self.has_enough_rows(target):
            counts = [f"{(target == first).sum()} rows with {name}={first}"]
            counts += [f"{(target == label).sum()} with {name}={label}" for label in others]
            raise BadDataset(
                f"the data set has {', '.join(counts[:-1])} and {counts[-1]}: "
                f"add rows, training needs at least {MIN_ROWS} of each class"
            )
        if min(target[held_out].nunique(), target[~held_out].nunique()) < len(self._classes):
            raise BadDataset(
                f"with a held-out share of {held_out.mean():.3g}, one side of the split lacks a "
                "class: add rows, or set INTENT_HELD_OUT_RATIO closer to 0.5"
            )

    def check_settings(self, costs: Costs, class_weight: str) -> None:
        """Costs are of two classes."""
        if self._classes.multiclass and not costs.equal:
            raise BadSetting(
                "INTENT_COST_FALSE_POSITIVE and INTENT_COST_FALSE_NEGATIVE choose the threshold of "
                f"two classes, and {self._schema.target.name} has {len(self._classes)}: unset them"
            )

    def trial_rows(self, rows: pd.DataFrame, count: int) -> pd.DataFrame:
        """The first rows of each class."""
        return rows.groupby(self._schema.target.name, sort=False).head(count)


class Regression:
    """See `TrainingTask`. The loss is the squared error."""

    estimators: Sequence[Estimator] = ("linear", "random_forest", "hist_gradient_boosting")
    loss = "squared error"
    base_loss = "the mean's squared error"

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def encode(self, target: Any) -> Actual:
        """Numbers."""
        return np.asarray(target, dtype=np.float64)

    def split(self, target: Any, folds: int, random_state: int) -> Splits:
        """Random folds."""
        splitter = KFold(folds, shuffle=True, random_state=random_state)
        return list(splitter.split(np.zeros(len(target))))

    def out_of_fold(self, model: Any, rows: pd.DataFrame, target: Any, random_state: int) -> Floats:
        """Numbers."""
        numbers = cross_val_predict(model, rows, target, cv=self.split(target, FOLDS, random_state))
        return np.asarray(numbers, dtype=np.float64)

    def losses(self, actual: Actual, outputs: Floats) -> Floats:
        """Squared errors, in the target's unit squared."""
        squares: Floats = (outputs - actual) ** 2
        return squares

    def loss_unit(self, actual: Actual) -> float:
        """The variance: the thresholds are shares of it, as R squared is."""
        return float(np.var(actual)) or 1.0

    def skill(self, actual: Actual, outputs: Floats) -> float:
        """R squared."""
        return r_squared(actual, outputs)

    def metrics(
        self, actual: Actual, outputs: Floats, rule: DecisionRule, costs: Costs
    ) -> Mapping[str, float]:
        """Those of `training.regression.regression_scores`, and the interval's margin."""
        scores = regression_scores(actual, outputs)
        interval = rule.interval
        return {**scores, "interval_margin": interval.margin} if interval else scores

    def calibration(self, actual: Actual, outputs: Floats) -> pd.DataFrame | None:
        """Numbers have none."""
        return None

    def miscalibration(self, actual: Actual, outputs: Floats) -> Miscalibration:
        """The mean error, in standard deviations of the target."""
        errors, deviation = outputs - actual, float(np.std(actual)) or 1.0
        bias = abs(float(errors.mean())) / deviation
        null_error = NULL_QUANTILE * float(errors.std()) / deviation / np.sqrt(len(errors))
        message = f"mean error of {bias:.3f} standard deviations of the target"
        return Miscalibration("bias", bias, float(null_error), message)

    def choose_decision_rule(
        self, actual: Actual, outputs: Floats, costs: Costs, interval_level: float
    ) -> DecisionRule:
        """The prediction interval."""
        return DecisionRule(interval=conformal_interval(actual, outputs, interval_level))

    def reference_columns(self, outputs: Floats, rule: DecisionRule) -> Mapping[str, Any]:
        """The number."""
        return {"prediction": outputs}

    def has_enough_rows(self, target: pd.Series) -> bool:
        """At least `MIN_ROWS`."""
        return len(target) >= MIN_ROWS

    def check_rows(self, target: pd.Series, held_out: NDArray[np.bool_]) -> None:
        """Enough rows on both sides of the split, and more than one value."""
        fitted, held = int((~held_out).sum()), int(held_out.sum())
        if min(fitted, held) < MIN_ROWS:
            raise BadDataset(
                f"the data set has {fitted} rows to fit and {held} held-out ones: add rows, "
                f"training needs at least {MIN_ROWS} of each"
            )
        if target.nunique() < 2:
            raise BadDataset(
                f"{self._schema.target.name} has the same value in every row: nothing can be "
                "learned from it"
            )

    def check_settings(self, costs: Costs, class_weight: str) -> None:
        """Costs and weights are of classes."""
        if not costs.equal or class_weight != "none":
            raise BadSetting(
                "INTENT_COST_FALSE_POSITIVE, INTENT_COST_FALSE_NEGATIVE and INTENT_CLASS_WEIGHT "
                f"are of classes, and {self._schema.target.name} is a number: unset them"
            )

    def trial_rows(self, rows: pd.DataFrame, count: int) -> pd.DataFrame:
        """The first rows."""
        return rows.head(count)
