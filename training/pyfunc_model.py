"""The model as MLflow serves it: this file is logged as code, nothing is pickled.

`mlflow.pyfunc.load_model("models:/jiesu@champion").predict(frame)` gives one row of answers a
row of `frame`, whose column `text` is needed and whose context columns are optional. `triage`
and the data it reads text by are logged beside it; so is the calibration, in the model folder.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from mlflow.models import ModelSignature, set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext
from mlflow.types import ColSpec, DataType, Schema, TensorSpec
from mlflow.types.schema import AnyType

from triage.engine import Engine
from triage.records import Assessment
from triage.wire import CONTEXT_FIELDS, context_from

_BOOLEANS = {"visited_branch", "outlet_touchpoint"}
_NUMBERS = {"amount_cny", "prior_complaints_90d", "days_open", "transfers", "group_size"}
_EXAMPLE = ("信用卡年费说好免的，又扣了三百", "催收打到我单位了，再打我就向12378反映")
_TOLD = ("id", "line", "subline", "secondary", "nature", "signals", "escalation_band")
_CALIBRATED = ("line_set", "calibration_version")
_COVERAGE = "line_set_coverage"


class JiesuModel(PythonModel):
    """Assesses the rows of a table."""

    def load_context(self, context: PythonModelContext) -> None:
        """Open the logged model folder; the first start compiles, before anybody waits."""
        self.engine = Engine.load(Path(context.artifacts["model"]))
        self.engine.warm()

    def predict(
        self,
        context: PythonModelContext,  # noqa: ARG002 - the names are MLflow's
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> pd.DataFrame:
        """Assess n narratives.

        Parameters
        ----------
        model_input : DataFrame
            Column `text`; optional `id` and the context fields.

        Returns
        -------
        DataFrame
            n rows: `id`, `line`, `subline`, `probability`, `abstained`, `secondary`, `nature`,
            `signals`, `escalation_probability`, `escalation_band`, `model_version`; of a model
            that was calibrated also `line_set`, `line_set_coverage` and `calibration_version`,
            which are None otherwise.
        """
        frame = pd.DataFrame(model_input).replace({np.nan: None})
        records: list[dict[str, Any]] = frame.to_dict("records")  # type: ignore[assignment]
        answers = self.engine.assess(
            ["" if row.get("text") is None else str(row["text"]) for row in records],
            [context_from(row) for row in records],
        )
        table = pd.DataFrame(
            {
                "id": row.get("id"),
                "line": answer.line,
                "subline": answer.subline,
                "probability": answer.probability,
                "abstained": answer.abstained,
                "secondary": ",".join(answer.secondary),
                "nature": answer.nature,
                "signals": ",".join(dict.fromkeys(s.code for s in answer.signals)),
                "escalation_probability": answer.escalation.probability,
                "escalation_band": answer.escalation.band,
                "model_version": answer.model_version,
                **_calibrated(answer),
            }
            for row, answer in zip(records, answers, strict=True)
        )
        # What is not there stays None: as a string of pandas it would be served as NaN, which
        # is no JSON.
        words = table[[*_TOLD, *_CALIBRATED, _COVERAGE]].astype(object)
        return table.assign(**words.where(words.notna(), None))


def _calibrated(answer: Assessment) -> dict[str, Any]:
    told = answer.calibrated
    lines = None if told is None else told.lines
    return {
        "line_set": None if lines is None else ",".join(lines),
        _COVERAGE: None if told is None or lines is None else told.coverage,
        "calibration_version": None if told is None else told.version,
    }


def signature() -> ModelSignature:
    """What goes in and what comes out; only `text` must be there."""
    optional: list[ColSpec | TensorSpec] = [ColSpec(DataType.string, "id", required=False)]
    for field in CONTEXT_FIELDS:
        kind: DataType | AnyType = DataType.double if field in _NUMBERS else DataType.string
        if field in _BOOLEANS:
            # MLflow's server makes true or false of a missing boolean; "any" stays as it came.
            kind = AnyType()  # type: ignore[no-untyped-call]
        optional.append(ColSpec(kind, field, required=False))
    answers: list[ColSpec | TensorSpec] = [
        ColSpec(DataType.string, name, required=False) for name in (*_TOLD, *_CALIBRATED)
    ]
    answers += [
        ColSpec(DataType.double, _COVERAGE, required=False),
        ColSpec(DataType.double, "probability"),
        ColSpec(DataType.double, "escalation_probability"),
        ColSpec(DataType.boolean, "abstained"),
        ColSpec(DataType.string, "model_version"),
    ]
    return ModelSignature(
        inputs=Schema([ColSpec(DataType.string, "text"), *optional]), outputs=Schema(answers)
    )


def example() -> pd.DataFrame:
    """Two narratives, so that one answer for a whole table would be seen."""
    return pd.DataFrame({"text": list(_EXAMPLE)})


# MLflow executes this file when it loads the model; importing it as a module does nothing.
if __name__ != "training.pyfunc_model":
    set_model(JiesuModel())
