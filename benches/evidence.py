"""Makes the evidence that is measured, with the vendors' own packages: a chain of 10,000 HESO receipts and a Thessor export of 2,000
decisions. Every seed and clock is fixed, so the files are the same each time.

    python benches/evidence.py FOLDER

Beside them it writes unpacked.json, the bytes of each when unpacked.
"""

import json
import pathlib
import sys

from heso import _core as heso

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "tests/fixtures/thessor"))
from packages import Package, pack  # noqa: E402

RECEIPTS, DECISIONS = 10_000, 2_000
SEED = bytes(range(32))


def chain(length):
    """A session whose receipts the vendor's core signed and linked."""
    key = heso.key_from_seed(SEED)
    operator, previous, receipts = None, None, []
    for seq in range(length):
        content = {
            "action_version": "heso-action/2.0",
            "captured_at": "2026-03-02T{:02}:{:02}:{:02}Z".format(seq // 3600, seq // 60 % 60, seq % 60),
            "agent_identity": operator or "agent",
            "action": {
                "verb": "llm_call",
                "tool_name": "openai.chat.completions",
                "target_host": "api.openai.com",
                "workflow": "claims-triage",
                "account": "acct_municipal",
                "fields": {"model": "gpt-4o", "prompt": "Summarise claim 2026-{} für Frau Ångström".format(seq), "temperature": 0.2, "max_tokens": 1000},
            },
            "policy": {
                "rule_id": "llm.allow",
                "rule_display": "model calls are allowed",
                "matched_conditions": [{"field": "verb", "op": "eq", "value": "llm_call"}],
                "decision_path": "allow",
            },
            "trust_level": "L0",
            "session_id": "bench",
            "seq": seq,
            "action_hash": "",
        }
        if previous:
            content["prev_receipt_hash"] = heso.link_hash(json.dumps(previous).encode())
        receipt = json.loads(bytes(heso.sign_action_content(key, json.dumps(content).encode())))
        operator = receipt["signatures"][0]["public_key"]
        previous = receipt["content"]
        receipts.append(receipt)
    return receipts


def sealed_at(i, decision):
    """One decision a second: a checkpoint's leaves are in the order of these times."""
    decision["created_at"] = "2026-06-01T{:02}:{:02}:{:02}.250000+00:00".format(i // 3600, i // 60 % 60, i % 60)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    receipts = chain(RECEIPTS)
    compact = [json.dumps(receipt, separators=(",", ":"), ensure_ascii=False) for receipt in receipts]
    (folder / "chain.json").write_text("[" + ",\n".join(compact) + "]\n")
    package = Package(decisions=DECISIONS, full=True, decision=sealed_at).files
    (folder / "export.zip").write_bytes(pack(package))
    unpacked = {"chain.json": (folder / "chain.json").stat().st_size, "export.zip": sum(map(len, package.values()))}
    (folder / "unpacked.json").write_text(json.dumps(unpacked))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
