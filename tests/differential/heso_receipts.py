"""Asks heso's own core and Assay for their verdicts on seeded random alterations of real receipts and chains.

    python tests/differential/heso_receipts.py --assay target/release/assay [--cases 2000] [--seed 1]

Every disagreement is printed with its artifact, and the exit status is 1. The only differences allowed are the
classes of docs/strictness.md, which `stricter` recognises from the artifact alone, and the parts of the standard
that Assay says it does not verify yet (`unsupported`), where it must not say valid.
"""

import argparse
import base64
import collections
import copy
import json
import math
import random
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "fixtures" / "heso"))
import make  # noqa: E402
from heso import _core as core  # noqa: E402

BATCH = 400


# What heso says.

def receipt_outcome(data):
    said = core.verify_action_receipt(data)
    return said["kind"], said.get("trust_level")


def chain_outcome(data):
    try:
        said = core.verify_action_receipt_chain(data)
        return said["kind"], said.get("seq", said.get("length"))
    except core.HesoVerifyError:
        return "Malformed", None


# Where Assay differs on purpose, told from the artifact alone.

class Duplicate(Exception):
    pass


def unique(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise Duplicate
    return dict(pairs)


def is_inexact(lexeme):
    try:
        return int(float(lexeme)) != int(lexeme)
    except OverflowError:
        return False


def as_the_core_reads(content):
    """What is left of a content when the core has read it, or None where it cannot."""
    try:
        text = json.dumps({**content, "action_hash": "x"})
        return json.loads(bytes(core.action_canonical_bytes(text.encode())), parse_int=float)
    except Exception:
        return None


def receipt_classes(receipt):
    """The stricter classes of one parsed receipt."""
    found = set()
    if isinstance(receipt, list):
        return {"list for object"}
    if not isinstance(receipt, dict):
        return found
    entries = receipt.get("signatures")
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, list):
            found.add("list for object")
        elif isinstance(entry, dict) and set(entry) - {"algorithm", "key_id", "public_key", "signature"}:
            found.add("unsigned member")
    content = receipt.get("content")
    if isinstance(content, list):
        found.add("list for object")
    if isinstance(content, dict):
        read = as_the_core_reads(content)
        stands = {key: value for key, value in content.items() if key != "action_hash"}
        if read is not None and read != json.loads(json.dumps(stands), parse_int=float):
            found.add("part that the core reads over")
    return found


def stricter(data):
    """The stricter classes that the artifact falls into; empty when the two must agree."""
    found, integers = set(), []
    try:
        text = data.decode()
        parsed = json.loads(text, object_pairs_hook=unique, parse_int=lambda lexeme: integers.append(lexeme) or int(lexeme))
    except Duplicate:
        return {"duplicate key"}
    except (ValueError, RecursionError):
        return found
    if any(map(is_inexact, integers)):
        found.add("inexact integer")
    try:
        json.dumps(parsed, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        found.add("lone surrogate")
    for receipt in parsed if isinstance(parsed, list) else [parsed]:
        found |= receipt_classes(receipt)
    return found


def unsupported(data):
    """Whether the artifact calls for a rule that Assay says it does not verify yet."""
    try:
        parsed = json.loads(data)
    except ValueError:
        return False
    for receipt in parsed if isinstance(parsed, list) else [parsed]:
        content = receipt.get("content") if isinstance(receipt, dict) else None
        if not isinstance(content, dict):
            continue
        if content.get("kind", "action") != "action" or content.get("time_anchor") or content.get("multi_approval") is not None:
            return True
        tags = re.match(r"heso-action/v(\d+)\+", str(receipt.get("alg"))), re.match(r"heso-action/(\d+)\.", str(content.get("action_version")))
        if all(tags) and tags[0][1] == tags[1][1] != "2":
            return True
    return False


# Alterations.

def paths(value, prefix=()):
    yield prefix
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in list(items):
        yield from paths(below, prefix + (key,))


def at(value, path):
    for step in path:
        value = value[step]
    return value


NAMES = ["smuggled", "target_host", "result_hash", "error", "domain", "session_id", "seq", "prev_receipt_hash", "redaction", "approver_decision",
         "nonce", "kind", "anchor_policy", "sla_minutes", "merkle_root", "transparency", "plat_hash", "metrics", "mandate", "ert", "", "é", "\U0001f600"]
VALUES = [None, True, False, 0, 1, -1, 1.5, 1e21, 2**53 + 1, 2**64, 10**400, "", "x", "L1", "required", "action", "completed", "suspended", "payment",
          "approved", "block", "\u2028", "\U0001f600 \x7f", [], {}, [[]], [1, None], {"a": {"b": None}}, {"_sd": "ab" * 32}]


def edit(rng, tree):
    """One edit of a tree; gives the edited copy and the edit's name."""
    tree = copy.deepcopy(tree)
    path = rng.choice([p for p in paths(tree) if p])
    parent, last = at(tree, path[:-1]), path[-1]
    old = parent[last]
    kind = rng.choice(["delete", "replace", "alter", "alter", "add", "rename", "order", "wrap"])
    if kind == "delete":
        del parent[last]
    elif kind == "replace":
        parent[last] = copy.deepcopy(rng.choice(VALUES))
    elif kind == "add":
        place = old if isinstance(old, dict) else parent
        if isinstance(place, dict):
            place[rng.choice(NAMES)] = copy.deepcopy(rng.choice(VALUES))
        else:
            place.insert(rng.randrange(len(place) + 1), copy.deepcopy(rng.choice(VALUES + list(place))))
    elif kind == "rename" and isinstance(parent, dict):
        parent[rng.choice(NAMES + [last.upper(), last + " "])] = parent.pop(last)
    elif kind == "order":
        if isinstance(old, list):
            rng.shuffle(old)
        elif isinstance(parent, dict):
            items = list(parent.items())
            rng.shuffle(items)
            parent.clear()
            parent.update(items)
    elif kind == "wrap":
        parent[last] = rng.choice([[old], {"value": old}, list(old.values()) if isinstance(old, dict) else [old]])
    elif isinstance(old, str):
        place = rng.randrange(len(old) + 1)
        parent[last] = rng.choice([old[:place] + rng.choice(["", "A", "=", " ", "\n", "0", "é"]) + old[place + 1:], old.upper(), old.swapcase(), old + rng.choice(" \n=A"), old[:-1]])
    elif isinstance(old, bool):
        parent[last] = not old
    elif isinstance(old, (int, float)):
        parent[last] = rng.choice([old + 1, -old, float(old), old * 2**53 + 1, str(old), 0])
    return tree, kind


def written(rng, tree):
    """The tree as text, in one of the ways that writers of JSON have."""
    text = json.dumps(tree, ensure_ascii=rng.random() < 0.5, indent=rng.choice([None, None, 1]), separators=rng.choice([None, (",", ":")]))
    return text.encode("utf-8", "surrogatepass")


def respelt(rng, data):
    """The same JSON value, mostly, in another spelling."""
    text = data.decode()
    kind = rng.choice(["number", "escape", "space"])
    if kind == "number":
        return re.sub(r"(?<=[:\[,])(\d+)(?=[,}\]])", lambda m: rng.choice([m[1] + ".0", m[1] + "e0", m[1] + "0E-1", m[1], "-" + m[1]]), text).encode()
    if kind == "escape":
        found = [m.start() for m in re.finditer(r"(?<=[a-z])[a-z](?=[a-z])", text)]
        place = rng.choice(found)
        return (text[:place] + f"\\u{ord(text[place]):04x}" + text[place + 1:]).encode()
    return re.sub(r"(?<=[:{\[,])(?=[\"\d{\[])", lambda m: rng.choice(["", "", " ", "\t", "\r\n "]), text).encode()


def bytewise(rng, data):
    data = bytearray(data)
    place = rng.randrange(len(data))
    kind = rng.choice(["flip", "flip", "flip", "drop", "insert", "cut", "twice", "mark", "after", "swap word", "key twice"])
    if kind == "flip":
        data[place] ^= 1 << rng.randrange(8)
    elif kind == "drop":
        del data[place]
    elif kind == "insert":
        data.insert(place, rng.choice(b' \n"\\{}[],:01aA=\x00\xff'))
    elif kind == "cut":
        del data[place:]
    elif kind == "twice":
        end = rng.randrange(place, min(len(data), place + 40))
        data[end:end] = data[place:end]
    elif kind == "mark":
        data[0:0] = b"\xef\xbb\xbf"
    elif kind == "after":
        data += rng.choice([b" ", b"\n", b"\0", b"x", b"{}", b",", b"\n\n"])
    elif kind == "swap word":
        old, new = rng.choice([(b"true", b"True"), (b"1", b"NaN"), (b"0", b"1e999"), (b"L0", b"L1"), (b"v2", b"v1"), (b"2.0", b"2.1"), (b"operator", b"approver"), (b"Ed25519", b"ed25519"), (b"allow", b"block")])
        data = bytearray(bytes(data).replace(old, new, 1))
    else:
        found = list(re.finditer(rb'"[a-z_]+": ?("[^"]*"|\d+)', bytes(data)))
        if found:
            one = rng.choice(found)
            data[one.start():one.start()] = one[0] + b","
    return bytes(data), kind


def resigned(rng, receipt):
    """An edited content under new signatures, over what the file says or over what the core reads."""
    content, kind = receipt["content"], "none"
    for _ in range(rng.randrange(1, 3)):
        content, kind = edit(rng, content)
    approver = make.APPROVER_SEED if len(receipt["signatures"]) > 1 else None
    if rng.random() < 0.15:
        approver = rng.choice([None, make.APPROVER_SEED, make.OPERATOR_SEED])
    if rng.random() < 0.15:
        content["trust_level"] = rng.choice(["L0", "L1"])
    over = rng.choice(["file", "core"])
    text = None
    try:
        if over == "core":
            text = bytes(core.action_canonical_bytes(json.dumps({**content, "action_hash": "x"}).encode()))
        else:
            text = make.canonical(content)
    except Exception:
        return {**receipt, "content": content}, f"{kind}, not signed"
    signed = make.sign({}, approver=approver)
    roles = [("operator", make.OPERATOR_SEED, make.ACTION_DOMAIN)] + ([("approver", approver, make.APPROVAL_DOMAIN)] if approver else [])
    for entry, (_, seed, domain) in zip(signed["signatures"], roles):
        entry["signature"] = base64.b64encode(make.private(seed).sign(domain + text)).decode()
    signed["content"] = {**content, "action_hash": core.blake3_hash(text)}
    if rng.random() < 0.1:
        signed["signatures"] = edit(rng, signed["signatures"])[0]
    return signed, f"{kind}, signed over what the {over} says"


def rich():
    """A receipt with every optional part that the core names."""
    body = make.payment()
    body["action"].update(domain="payment", action="authorize_payment", result_hash="ef" * 32, error="declined", mandate=make.mandate("valid"),
                          ert={"observed_facts": {"host": "api.stripe.com", "method": "POST", "argv_tokens": ["a"], "row_count_estimate": 3, "is_payment": True},
                               "resource_class": "payment", "effect": "spend", "egress": "crosses_trust_boundary", "observability": "wire", "taxonomy_hash": "9f" * 32})
    body.update(nonce="n", session_id="s", seq=0, kind="action", attestation={"kind": "k", "evidence": "e", "bound_field": "b", "collateral": ["c"]},
                guardrail={"findings": [{"category": "jailbreak", "surface": {"argument": {"path": "payee"}}, "pattern_id": "p", "severity": "suspicious"}], "decision": "block"},
                key_rotation={"role": "producer", "outgoing_public_key": "o", "incoming_public_key": "i"},
                metrics={"duration_ms": 3, "status": "ok", "tokens_in": 5, "token_source": "estimated"},
                redaction={"mode": "commit_and_reveal", "markers": [{"field_path": "payee", "algorithm": "salted-blake3/v1", "commitment": "ab" * 32}], "merkle_root": "cd" * 32})
    return make.sign(body)


def number(rng):
    """A number as some writer of JSON might spell it."""
    double = struct.unpack(">d", rng.randbytes(8))[0]
    return rng.choice([
        repr(double) if math.isfinite(double) else "0",
        f"{rng.randrange(-10**6, 10**6)}.{rng.randrange(10**13)}",
        f"{rng.randrange(2**50, 2**53)}.{rng.choice('1234567')}",
        f"0.{rng.randrange(10**25):025}",
        f"{rng.randrange(10)}.{rng.randrange(10**18)}e{rng.randrange(-320, 300)}",
        f"{rng.randrange(10**18)}E{rng.randrange(-30, 30):+}",
        str(rng.randrange(-2**53, 2**53)),
        rng.choice(["1e21", "1e-6", "1e-7", "5e-324", "-0", "-0.0", "0e5", "1.0", "100000000000000000000", "9007199254740992", "1e23"]),
    ])


def of_numbers(rng):
    """A receipt over many numbers, spelt as they are, with the hash and the signature that the core makes of them."""
    body = make.content(action_hash="")
    body["action"]["fields"] = {"numbers": "@", "\ue000": 1, "\U0001f600": 2, "\uffff": 3}
    text = make.dumps(body).replace('"@"', "[" + ",".join(number(rng) for _ in range(40)) + "]")
    signed = json.loads(bytes(core.sign_action_content(core.key_from_seed(make.OPERATOR_SEED), text.encode())))
    whole = make.dumps({**signed, "content": "@"})
    return whole.replace('"@"', text.replace('"action_hash":""', f'"action_hash":"{signed["content"]["action_hash"]}"')).encode()


def one_receipt(rng, bases):
    receipt = rng.choice(bases)
    how = rng.choice(["edit", "edit", "bytes", "bytes", "resign", "resign", "resign", "spelling", "numbers"])
    if how == "numbers":
        return of_numbers(rng), "numbers"
    if how == "edit":
        tree, kind = edit(rng, receipt)
        return written(rng, tree), f"edit: {kind}"
    if how == "bytes":
        data, kind = bytewise(rng, written(rng, receipt))
        return data, f"bytes: {kind}"
    if how == "resign":
        tree, kind = resigned(rng, receipt)
        return written(rng, tree), f"re-sign: {kind}"
    return respelt(rng, written(rng, receipt)), "spelling"


def one_chain(rng):
    links = make.chain("s", rng.randrange(1, 6), approved=(1,))
    other = make.chain("t", 2)
    names = []
    for _ in range(rng.randrange(0, 3)):
        kind = rng.choice(["drop", "swap", "repeat", "foreign", "alone", "edit", "relink", "rekey", "kind"])
        names.append(kind)
        place = rng.randrange(len(links)) if links else 0
        if not links:
            break
        if kind == "drop":
            del links[place]
        elif kind == "swap":
            to = rng.randrange(len(links))
            links[place], links[to] = links[to], links[place]
        elif kind == "repeat":
            links.insert(place, links[place])
        elif kind == "foreign":
            links.insert(place, rng.choice(other))
        elif kind == "alone":
            links.insert(place, make.sign(make.content()))
        elif kind == "edit":
            links[place] = edit(rng, links[place])[0]
        else:
            content = copy.deepcopy(links[place].get("content"))
            if isinstance(content, dict):
                if kind == "relink":
                    member = rng.choice(["seq", "session_id", "prev_receipt_hash"])
                    if rng.random() < 0.3:
                        content.pop(member, None)
                    else:
                        content[member] = rng.choice({"seq": [0, 1, 2, 2**53, 9], "session_id": ["s", "t", ""], "prev_receipt_hash": ["", "ab" * 32, "AB" * 32]}[member])
                elif kind == "kind":
                    content["kind"] = rng.choice(["completed", "action", "suspended"])
                seeds = (make.OTHER_SEED,) if kind == "rekey" else (make.OPERATOR_SEED,)
                approver = make.APPROVER_SEED if content.get("trust_level") == "L1" else None
                try:
                    links[place] = make.sign(content, *seeds, approver)
                except Exception:
                    pass
    return links, "chain: " + "+".join(names)


def one_file(rng):
    """Lines of several sessions and receipts outside any, some edited, some moved."""
    receipts = []
    for session in rng.sample(["s", "t", "u"], rng.randrange(1, 4)):
        receipts.append([(session, link) for link in make.chain(session, rng.randrange(1, 4), approved=(1,))])
    receipts.append([(None, make.sign(make.content())) for _ in range(rng.randrange(0, 2))])
    merged = []
    while any(receipts):
        merged.append(rng.choice([queue for queue in receipts if queue]).pop(0))
    for _ in range(rng.randrange(0, 3)):
        place = rng.randrange(len(merged))
        kind = rng.choice(["drop", "swap", "repeat", "edit"])
        if kind == "drop" and len(merged) > 1:
            del merged[place]
        elif kind == "swap":
            to = rng.randrange(len(merged))
            merged[place], merged[to] = merged[to], merged[place]
        elif kind == "repeat":
            merged.insert(place, merged[place])
        elif kind == "edit":
            edited = edit(rng, merged[place][1])[0]
            content = edited.get("content")
            session = content.get("session_id") if isinstance(content, dict) else None
            merged[place] = (session if isinstance(session, str) else None, edited)
    lines = [json.dumps(receipt, ensure_ascii=rng.random() < 0.5).encode() for _, receipt in merged]
    ends = rng.choice([b"\n", b"\r\n", b"\n\n"])
    return ends.join(lines) + rng.choice([b"", ends]), [(session, line) for (session, _), line in zip(merged, lines)]


def file_outcomes(lines):
    """What heso says of each session, in the order of their first receipts, and of each receipt outside any."""
    if len(lines) == 1:
        return {}, [receipt_outcome(lines[0][1])[0]]
    sessions = {}
    for session, line in lines:
        if session is not None:
            sessions.setdefault(session, []).append(line)
    alone = [receipt_outcome(line)[0] for session, line in lines if session is None]
    return {session: chain_outcome(b"[" + b",".join(each) + b"]")[0] for session, each in sessions.items()}, alone


# The comparison.

def judge(said, found, classes, beyond):
    """Why the two disagree, or None."""
    verdict = found["verdict"]
    outcome = (found.get("peer") or {}).get("outcome")
    kind, extra = said
    if verdict == "refused":
        return None if kind == "Malformed" or classes else f"refused, heso says {kind}"
    if classes:
        return None if verdict == "invalid" else f"{sorted(classes)} must be invalid"
    if beyond:
        return None if verdict in ("indeterminate", "invalid") else "unsupported must not be valid"
    if (kind == "Valid") != (verdict == "valid") or verdict == "indeterminate":
        return f"heso says {kind}, Assay {verdict}"
    if kind != outcome:
        return f"heso says {kind}, Assay reports {outcome}"
    peer = found["peer"]
    if kind == "Valid" and "trust_level" in peer and peer["trust_level"] != extra:
        return f"heso derives {extra}, Assay {peer['trust_level']}"
    if extra is not None and "trust_level" not in peer and extra != peer.get("length", peer.get("seq")):
        return f"heso names {extra}, Assay {peer}"
    return None


def judge_file(lines, found):
    """Why the two disagree about a file of several sessions, or None."""
    sessions, alone = file_outcomes(lines)
    classes = set().union(*(stricter(line) for _, line in lines))
    beyond = any(unsupported(line) for _, line in lines)
    verdict, peer = found["verdict"], found.get("peer") or {}
    outcomes = list(sessions.values()) + alone
    holds = all(outcome == "Valid" for outcome in outcomes)
    if classes or beyond:
        return None if verdict != "valid" else f"{sorted(classes) or 'unsupported'} must not be valid"
    if verdict != ("valid" if holds else "invalid"):
        return f"heso says {sessions} {alone}, Assay {verdict}"
    told = {each["session_id"]: each["outcome"] for each in peer.get("sessions", [])}
    if told and told != sessions:
        return f"heso says {sessions}, Assay {told}"
    if peer["outcome"] not in (outcomes if not holds else ["Valid"]) or (not holds and peer["outcome"] == "Valid"):
        return f"heso says {sessions} {alone}, Assay {peer}"
    return None


def ask(binary, folder, cases):
    names = []
    for number, case in enumerate(cases):
        name = folder / f"{number}.json"
        name.write_bytes(case[0])
        names.append(str(name))
    done = subprocess.run([binary, "verify", "--json", *names], capture_output=True, text=True, check=False)
    reports = [json.loads(line) for line in done.stdout.split("\n") if line]
    assert len(reports) == len(cases), done.stderr
    return reports


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--assay", required=True)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    destroyed, committed = make.redacted()
    bases = [make.vendor_sign(make.content()), make.vendor_l1(), destroyed, committed, rich(), make.pipeline()[0], make.sign(make.content(session_id="s", seq=0))]
    tally, disagreements = collections.Counter(), 0
    left = options.cases
    with tempfile.TemporaryDirectory() as folder:
        while left > 0:
            cases = []
            for _ in range(min(BATCH, left)):
                how = rng.random()
                if how < 0.15:
                    data, said = one_file(rng)
                    name = "file"
                elif how < 0.4:
                    links, name = one_chain(rng)
                    data = written(rng, links)
                    if rng.random() < 0.15:
                        data, more = bytewise(rng, data)
                        name += f", bytes: {more}"
                    said = chain_outcome(data) if data.lstrip()[:1] == b"[" else ("Malformed", None)
                else:
                    data, name = one_receipt(rng, bases)
                    said = receipt_outcome(data)
                cases.append((data, name, said))
            left -= len(cases)
            for (data, name, said), found in zip(cases, ask(options.assay, Path(folder), cases)):
                if name == "file":
                    tally[("file of sessions", found["verdict"])] += 1
                    wrong = judge_file(said, found)
                else:
                    classes, beyond = stricter(data), unsupported(data)
                    tally[(said[0], "; ".join(sorted(classes)) or ("unsupported" if beyond else ""))] += 1
                    wrong = judge(said, found, classes, beyond)
                if wrong:
                    disagreements += 1
                    print(f"DISAGREEMENT ({name}): {wrong}\n  {found['summary']}\n  {data!r}")
    for (kind, classes), count in sorted(tally.items()):
        print(f"{count:7} {kind:24} {classes}")
    print(f"{sum(tally.values())} cases compared, {disagreements} disagreements")
    return 1 if disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
