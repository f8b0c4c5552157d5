"""What webhooks are told of an assessment."""

from __future__ import annotations

from typing import Any

from service.store.records import Facts, Standing


def assessment_facts(
    answer: Facts, standing: Standing, decision_id: int, reason: str
) -> dict[str, Any]:
    """Give what webhooks are told of an assessment: codes, numbers and moments."""
    calibrated = {name: answer[name] for name in ("calibration_version",) if name in answer}
    return {
        "assessment_id": decision_id,
        "reason": reason,
        "model_version": answer["model_version"],
        "policy_version": answer["policy_version"],
        "rules_version": answer["rules_version"],
        **calibrated,
        "nature": standing.nature,
        "line": standing.line,
        "subline": standing.subline,
        "secondary": answer["secondary"],
        "probability": standing.probability,
        "abstained": standing.abstained,
        "signals": list(dict.fromkeys(signal["code"] for signal in answer["signals"])),
        "band": standing.band,
        "risk": standing.risk,
        "flags": standing.flags,
        "state": standing.state,
        "repeat_of": answer["repeat_of"],
        "owner_level": standing.owner_level,
        "owner_unit": standing.owner_unit,
        "barred_from_outlet": standing.barred,
        "next_action": standing.next_action,
        "next_due": standing.next_due,
        "duties": [duty["code"] for duty in answer["duties"]],
    }
