"""Chinese names of figures, for reports, notebooks and desk; metrics and card have codes."""

from __future__ import annotations

from collections.abc import Mapping

FIGURE_NAMES: Mapping[str, str] = {
    "accuracy": "业务线准确率",
    "macro_f1": "宏平均 F1",
    "coverage_95": "95% 准确率下的覆盖率",
    "ece": "校准误差 ECE",
    "given": "给出业务线的比例",
    "accuracy_given": "给出时的准确率",
    "leaf_accuracy": "细类准确率",
    "nature_accuracy": "诉求性质准确率",
    "signals_f1": "升级信号 micro-F1",
    "secondary_f1": "次要业务线 micro-F1",
    "risk_roc_auc": "升级风险 ROC-AUC",
    "risk_pr_auc": "升级风险 PR-AUC",
    "risk_ece": "升级风险 ECE",
    "risk_recall_5": "风险前 5% 召回",
    "risk_recall_10": "风险前 10% 召回",
    "risk_recall_20": "风险前 20% 召回",
}

# Of the model card alone: by cross-validation over the training rows.
CARD_NAMES: Mapping[str, str] = {
    "rows": "行数",
    "line_accuracy": FIGURE_NAMES["accuracy"],
    "line_macro_f1": FIGURE_NAMES["macro_f1"],
    "calibration_error": FIGURE_NAMES["ece"],
    "coverage_at_95": FIGURE_NAMES["coverage_95"],
    "abstained": "不给出业务线的比例",
    "nature_accuracy": FIGURE_NAMES["nature_accuracy"],
}

# Of the simulated year.
TOPS = (5, 10, 20)
SLICES: Mapping[str, str] = {
    "channel": "渠道",
    "customer_segment": "客群",
    "vulnerable": "特殊客群",
}
YEAR_NAMES: Mapping[str, str] = {
    "roc_auc": "ROC-AUC",
    "roc_auc_share": "ROC-AUC 占可达上限（均减 0.5）",
    "pr_auc": "PR-AUC",
    "ece": "校准误差 ECE",
    "brier": "Brier",
    **{f"recall_top_{top}": f"当日风险前 {top}% 召回" for top in TOPS},
}
