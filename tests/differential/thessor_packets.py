"""Asks the vendor's verifier and ours about hundreds of altered audit packets, and compares verdicts and every check by name.

    python tests/differential/thessor_packets.py [--cases 1000] [--seed 1] [--assay target/release/assay] [--keep FOLDER]

The vendor has no command for a packet; its checks of a decision in an export are asked instead. What it does not look at (the records beside the
decision) is held to how the case was made: a record that was sealed after the change holds, one that was changed after it was sealed does not.
Needs thessor==0.4.0 and cryptography. Prints how many were compared, by outcome; every disagreement is saved, named and fatal.
"""

import argparse
import collections
import copy
import json
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/fixtures/thessor/packets"))

from packets import (  # noqa: E402
    SIGNATURES, HASHES, FILED, Packet, Signer, SmallOrderSigner, ascii_canonicalize, attestations, canonicalize, fields, non_canonical, sha256, v3, v4,
)
from thessor.verifier import _Report, _verify_decision  # noqa: E402
from thessor_packages import UNREADABLE, Mutator  # noqa: E402

BATCH = 200
FILE = "case.json"
# Checks that the reference does not make, and what part of a packet each looks at.
OURS = {
    "replay_decision", "replay_signature", "rationale_decision", "rationale_hash", "rationale_signature", "attestation_hash",
    "attestation_signature", "counts", "sensitivity", "specificity", "cause", "outcome_hash", "outcome_signature", "leaf", "inclusion", "root",
    "uncovered_members",
}
RECORDS = {"replay": "replay", "rationale": "rationale", "population_context": "population"}


def content(record, names):
    """What a record says under the names that the specification has."""
    return canonicalize({k: record[k] for k in names if record.get(k) is not None})


def case(seed):
    """One altered packet: its bytes, what was done to it, and what has to come of the records beside the decision."""
    rng = random.Random(seed)
    mutator = Mutator(rng)
    notes, hooks, expected = [], {}, {}
    made = {
        "full": rng.random() < 0.7, "rule": rng.choice(["bytes", "bytes", "bytes", "digest"]), "sealed": rng.choice(["content", "filed", "whole"]),
        "signer": SmallOrderSigner() if rng.random() < 0.02 else Signer(), "export": rng.random() < 0.95,
        "checkpoint": rng.choice(["only", "only", "bare", None, (1, 4, sha256(b"root"))]),
    }
    shape = rng.choice(["v4", "v4", "v4", "v3", "flat", "flat", "v2"])
    if shape != "v4":
        attested = rng.choice([None, attestations()])
        raw = v3(0, attested, rng.random() < 0.8)
        made.update(raw=raw, version="v2" if shape == "v2" else "v3", chain=False)
        if shape == "v2":
            raw["schema_version"] = "v2"
        if shape == "flat":
            made["flat"] = {"schema_version": "v3", **fields(), **({"attestations": {**attested, "model_card_url": "x"}} if attested else {})}
        if rng.random() < 0.1:
            made["strip"] = ascii_canonicalize

    def hook(stage):
        def run(document):
            before = copy.deepcopy(document)
            notes.append("{}: {}".format(stage, mutator.edit(document)))
            name = stage.removeprefix("signed_")
            if name in RECORDS:
                try:
                    added = {SIGNATURES[name], HASHES[name], *FILED[name]}
                    names = [k for k in before if k not in added]
                    same = content(before, names) == content(document, names)
                except Exception:
                    same = None
                weak = isinstance(made["signer"], SmallOrderSigner)
                expected[name] = stage == name if same is False and not weak else None
        return run

    kind = rng.choice(["none", "stage", "stage", "stage", "stage", "stage", "text", "signature"])
    if kind == "stage":
        stages = ["envelope", "decision", "packet", "packet", "signed"]
        if made["full"]:
            stages += [*RECORDS, *("signed_" + name for name in RECORDS), "consequences"]
        if made["checkpoint"] not in (None, "bare"):
            stages += ["unsigned_checkpoint", "signed_checkpoint"]
        stage = rng.choice(stages)
        hooks[stage] = hook(stage)
    elif kind == "signature":
        other = Signer(9)
        change = rng.choice(["upper", "lead", "tail", "inner", "scalar", "truncate", "other key"])
        member = rng.choice(["decision", "export"])

        def resign(document):
            name = "signature" if member == "decision" else "export_signature"
            if name not in document:
                return
            value = document[name]
            if change == "other key" and member == "export":
                document["public_key_hex"] = other.public_hex
                return other.seal(document, name)
            document[name] = {
                "upper": value.upper(), "lead": "\n" + value, "tail": value + " ", "inner": value[:2] + "\t" + value[2:],
                "scalar": non_canonical(value), "truncate": value[:-2], "other key": other.sign(canonicalize(document.get("raw_envelope", {}))),
            }[change]
        hooks["decision" if member == "decision" else "signed"] = resign
        notes.append("{} of {}".format(change, member))
    try:
        packet = Packet(**made, **hooks).packet
        data = json.dumps(packet, indent=rng.choice([None, 2]), ensure_ascii=rng.random() < 0.5).encode()
    except Exception as error:
        # The change cannot be expressed: the issuer's own functions leave with an exception.
        return case("{}/{}".format(seed, type(error).__name__))
    if kind == "text":
        if rng.random() < 0.5:
            data, style = mutator.respell(data)
            notes.append("respelled as " + style)
        else:
            at = rng.randrange(len(data))
            data = data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]
            notes.append("bit at {}".format(at))
    return data, "{} {}: {}".format(shape, kind, "; ".join(notes)), expected


def oracle(data):
    """The vendor's outcome: its checks, or the exception it left with."""
    report = _Report()
    try:
        packet = json.loads(data.decode("utf-8"))
    except Exception as error:
        report.fail("decision:" + FILE, str(error))
    else:
        try:
            decision = packet.get("decision") or {}
            key = packet.get("public_key_hex") or decision.get("public_key_hex")
            _verify_decision(packet, FILE, Everything(decision.get("canonical_hash")), key, report)
        except Exception as error:
            return None, type(error).__name__
    checks = [(c["check"], c["ok"]) for c in report.checks if not c["check"].endswith(":indexed")]
    return {"checks": checks, "passed": all(ok is not False for _, ok in checks)}, None


class Everything:
    """An index that has the packet's own hash for every decision."""

    def __init__(self, value):
        self.value = value

    def get(self, _):
        return self.value


def compare(result, raised, report, expected):
    """(class of agreement, or None; what disagrees)."""
    verdict = report["verdict"]
    passed = result is not None and result["passed"]
    failed = [c for c in report["checks"] if c["status"] == "fail"]
    ids = {c["id"] for c in report["checks"]}
    if verdict == "refused":
        code = report["refusal"]["code"]
        if any(cause in report["summary"] for cause in UNREADABLE):
            return "stricter: unreadable here", None
        return (None, "refused with {} what the vendor accepts".format(code)) if passed else ("refused here, not accepted there", None)
    peer = report["peer"]
    for name, holds in expected.items():
        of_record = {SIGNATURES[name], HASHES[name]} - {None}
        broken = of_record & {c["id"] for c in failed}
        made = of_record & {c["id"] for c in report["checks"] if c["status"] in ("pass", "fail")}
        if holds is True and broken:
            return None, "{} was sealed after the change, and fails here: {}".format(name, broken)
        if holds is False and made and verdict == "valid":
            return None, "{} was changed after it was sealed, and holds here".format(name)
    if raised:
        if peer["passed"] is not False or not peer.get("stopped"):
            return None, "the vendor's verifier raised {}, and the peer does not say so".format(raised)
        return (None, "valid, where the vendor raised " + raised) if verdict == "valid" else (verdict + ", the vendor raised " + raised, None)
    words = " ".join(c["detail"] for c in failed)
    if any(cause in words for cause in UNREADABLE):
        return "stricter: unreadable here", None
    theirs = result["checks"]
    ours = [(c["check"], c["ok"]) for c in peer["checks"]]
    if peer.get("stopped"):
        return None, "stopped, and the vendor's verifier did not: " + words
    if ours != theirs or peer["passed"] != passed:
        return None, "checks differ: theirs {}, ours {}".format([c for c in theirs if c not in ours], [c for c in ours if c not in theirs])
    if verdict == "valid" and not passed:
        refused = [name for name, ok in theirs if ok is False]
        details = " ".join(c["detail"] for c in report["checks"])
        if refused == ["decision:" + FILE] and "Recomputed over the" in details:
            return "valid by the specification: fields side by side", None
        if "ASCII white space only" in details:
            return "valid by the specification: ASCII white space", None
        if all(name.endswith(":signature") for name in refused) and "signed_text" in ids:
            return "valid by the specification: signed over the digest", None
        return None, "valid here, refused there: {}".format(refused)
    if passed and verdict == "invalid":
        open_ones = [c for c in failed if "The vendor's verifier accepts it" not in c["detail"] and c["id"] not in OURS and not (
            c["id"] == "signature" and c["subject"].startswith("checkpoint:")) and not (
            c["id"] == "readable" and "where an object should stand" in c["detail"])]
        if open_ones:
            return None, "invalid here, accepted there: {}".format([c["detail"] for c in open_ones])
        return "beyond the vendor's checks: {}".format(failed[0]["id"]), None
    if passed and verdict == "indeterminate":
        return "undecided for want of: {}".format(report["summary"][48:110]), None
    return verdict + " both", None


def main():
    """Runs the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--assay", default=str(ROOT / "target/release/assay"))
    parser.add_argument("--keep", default=str(ROOT / "target/disagreements/thessor-packets"))
    arguments = parser.parse_args()
    outcomes, wrong = collections.Counter(), []
    for start in range(0, arguments.cases, BATCH):
        with tempfile.TemporaryDirectory() as folder:
            cases = []
            for number in range(start, min(start + BATCH, arguments.cases)):
                path = pathlib.Path(folder) / str(number) / FILE
                path.parent.mkdir()
                data, what, expected = case("{}:{}".format(arguments.seed, number))
                path.write_bytes(data)
                cases.append((path, data, what, expected))
            command = [arguments.assay, "verify", "--json", "--full", *(str(path) for path, *_ in cases)]
            run = subprocess.run(command, capture_output=True)
            lines = run.stdout.splitlines()
            if len(lines) != len(cases):
                sys.exit("{} reports for {} files: {}".format(len(lines), len(cases), run.stderr.decode()[-500:]))
            for (path, data, what, expected), line in zip(cases, lines):
                name, problem = compare(*oracle(data), json.loads(line), expected)
                outcomes[name or "DISAGREEMENT"] += 1
                if problem:
                    target = pathlib.Path(arguments.keep) / "{}-{}.json".format(arguments.seed, path.parent.name)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(data)
                    wrong.append((target, what, problem))
    for target, what, problem in wrong[:30]:
        print("{}\n    {}\n    {}".format(target, what, problem))
    for name, count in sorted(outcomes.items(), key=lambda item: -item[1]):
        print("{:6} {}".format(count, name))
    print("{} cases compared, {} disagreements".format(sum(outcomes.values()), len(wrong)))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
