// What the page says of real files is what the command line says of them.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeBrowser, commandLine, commandLineOn, download, drop, expectations, fixture, judge, open, report, text, verdict } from "./harness.mjs";

after(closeBrowser);

const TIMEOUT = { timeout: 600_000 };

test("every fixture gets the verdict that its manifest expects, and the command line's report to the byte", TIMEOUT, async (t) => {
  const expected = expectations();
  assert.ok(expected.length > 50);
  const { page, errors } = await open(t);
  for (const { path, verdict: wanted } of expected) {
    const file = fixture(path);
    const given = await judge(page, file);
    if (wanted) assert.equal(given, wanted, path);
    assert.equal(await download(page, report(page, file.name)), commandLine(path), path);
    await page.getByRole("button", { name: `Remove: ${file.name}`, exact: true }).click();
  }
  assert.deepEqual(errors, []);
});

for (const part of ["first", "second"]) test(`a large file, which two workers of the ${part} part share, gets the command line's report, whichever signature is bad`, TIMEOUT, async (t) => {
  const line = (path) => JSON.stringify(JSON.parse(fixture(path).bytes));
  const [good, bad] = [line("heso/valid/l0.json"), line("heso/invalid/signature-changed.json")];
  const lines = Array.from({ length: 400 }, (_, index) => good.replace("Summarise claim", index % 2 ? "Summarise claim" : "Summarise  claim"));
  const files = { "all-good.jsonl": Array(400).fill(good), "first-bad.jsonl": [bad, ...Array(399).fill(good)], "half-changed.jsonl": lines };
  const { page, errors } = await open(t);
  // Once the second part was needed, it verifies everything.
  if (part === "second") await judge(page, fixture("thessor/fips-204.zip"));
  const verdicts = [];
  for (const [name, content] of Object.entries(files)) {
    const bytes = Buffer.from(content.join("\n"));
    assert.ok(bytes.length > 300_000);
    verdicts.push(await judge(page, { name, bytes }));
    const expected = commandLineOn(bytes).replace(/"artifact":\{"name":"[^"]*"/, `"artifact":{"name":"${name}"`);
    assert.equal(await download(page, report(page, name)), expected, name);
  }
  assert.deepEqual(verdicts, ["valid", "invalid", "invalid"]);
  assert.deepEqual(errors, []);
});

test("every sample of the gallery, with what belongs to it, is valid as made and invalid as altered", TIMEOUT, async (t) => {
  const { page, errors } = await open(t);
  const buttons = page.locator("[data-assay-sample]");
  const verdicts = [];
  for (let index = 0; index < (await buttons.count()); index++) {
    const name = await buttons.nth(index).getAttribute("data-assay-sample");
    await buttons.nth(index).click();
    await verdict(page, name);
    await supplyOwn(page, report(page, name));
    verdicts.push(await verdict(page, name));
    await page.getByRole("button", { name: `Remove: ${name}`, exact: true }).click();
  }
  assert.ok(verdicts.length >= 8, `${verdicts.length} samples`);
  assert.deepEqual(verdicts, verdicts.map((_, index) => (index % 2 ? "invalid" : "valid")));
  assert.deepEqual(errors, []);
});

/** Answers every question for which the gallery has what belongs to the sample. */
async function supplyOwn(page, article) {
  const own = article.getByRole("button", { name: /^Use the sample’s own/, includeHidden: true });
  for (let left = await own.count(); left > 0; left--) {
    await article.locator("details.asks").evaluate((details) => (details.open = true));
    await own.first().click();
    await page.waitForFunction((left) => document.querySelectorAll("[data-verdict] .own").length < left, left);
  }
}

test("several files at once each get a report, the newest first and in their order", async (t) => {
  const { page } = await open(t);
  const good = fixture("thessor/good.zip");
  const files = [good, fixture("thessor/altered.zip"), text("noise.bin", "\u0000\u0001\u0002"), text("empty.json", "")];
  await drop(page, files);
  for (const { name } of files) await report(page, name).waitFor();
  const all = await page.locator("[data-assay-report]").evaluateAll((found) => found.map(({ dataset }) => [dataset.file, dataset.verdict]));
  assert.deepEqual(all, [["good.zip", "valid"], ["altered.zip", "invalid"], ["noise.bin", "refused"], ["empty.json", "refused"]]);
});

test("a pinned key turns the verdict as the key turns out", async (t) => {
  const { page } = await open(t);
  const good = fixture("thessor/good.zip");
  const { signers: [{ public_key: key }] } = JSON.parse(commandLine("thessor/good.zip"));
  const other = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
  const pin = async (text) => {
    await page.getByLabel("Public key to pin").fill(text);
    await page.getByRole("button", { name: "Pin this key" }).click();
  };
  assert.equal(await judge(page, good), "valid");
  const pinned = report(page, good.name).locator("[data-pinned]").first();
  assert.equal(await pinned.getAttribute("data-pinned"), "null");

  await pin("not a key");
  await page.locator("#pin-error").filter({ hasText: "not a public key" }).waitFor();

  await pin(key.toUpperCase());
  await page.locator('[data-verdict="valid"] [data-pinned="true"]').first().waitFor();
  assert.equal(await download(page, report(page, good.name)), commandLine("thessor/good.zip", "--key", key));

  await page.getByRole("button", { name: /^Remove the pinned key/ }).click();
  await page.locator('[data-verdict="valid"] [data-pinned="null"]').first().waitFor();

  await pin(other);
  await page.locator('[data-verdict="invalid"] [data-pinned="false"]').first().waitFor();
  const report2 = JSON.parse(await download(page, report(page, good.name)));
  assert.equal(report2.reason, "KEY_MISMATCH");
});

test("bad input gets a refusal that names the reason, never a panic, an empty box or a valid verdict", async (t) => {
  const { page, errors } = await open(t);
  const zip = fixture("thessor/good.zip").bytes;
  const refused = [
    text("empty.json", ""),
    text("blank.json", " \n\t"),
    { name: "noise.bin", bytes: Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 167 + 43) % 256)) },
    text("truncated.json", '{"schema_version": "2.0", "content": {"act'),
    { name: "truncated.zip", bytes: zip.subarray(0, zip.length >> 1) },
    text("deep.json", "[".repeat(100_000) + "]".repeat(100_000)),
    text("deep-object.json", '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000)),
    text("number.json", `{"n": ${"9".repeat(1_000_000)}}`),
    { name: "utf8.json", bytes: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]) },
    text("surrogate.json", '{"a": "\\ud800"}'),
    text("nan.json", '{"a": NaN}'),
    text("duplicate.json", '{"a": 1, "a": 2}'),
    text("unknown.json", '{"hello": "world"}'),
    text("picture.png", "\u0089PNG\r\n"),
  ];
  for (const file of refused) {
    assert.equal(await judge(page, file), "refused", file.name);
    const said = await report(page, file.name).locator(".summary").innerText();
    assert.match(said, /\.$|\)$/, file.name);
    assert.ok(said.length > 20, `${file.name}: ${said}`);
  }
  assert.deepEqual(errors, []);
});
