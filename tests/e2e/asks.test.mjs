// What a report asks for: a key, files, identifiers. Each is dropped or typed under the verdict, which follows at once and is the
// command line's with the same options.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { closeBrowser, commandLine, download, drop, fixture, fixtures, judge, open, report, text, verdict } from "./harness.mjs";

after(closeBrowser);

const manifest = (system) => JSON.parse(readFileSync(join(fixtures, system, "manifest.json"), "utf8"));
const ask = (article, name) => article.locator(`[data-assay-ask="${name}"]`);

/** The place for an answer; where the verdict does not wait for one, the questions are folded away. */
async function unfolded(article, name) {
  const place = ask(article, name);
  await place.waitFor({ state: "attached" });
  if (!(await place.isVisible())) await article.locator(".asks summary").click();
  return place;
}

/** Types an answer, and waits for the report that follows. */
async function answer(page, file, name, value) {
  const place = await unfolded(report(page, file.name), name);
  await place.locator("textarea, input").fill(value);
  await place.getByRole("button", { name: "Verify with it" }).click();
  return followed(page, file, name);
}

/** The verdict once something that was supplied is listed. */
async function followed(page, file, name) {
  await report(page, file.name).locator(`[data-assay-supplied="${name}"]`).first().waitFor();
  return verdict(page, file.name);
}

async function takeBack(page, file, name) {
  await report(page, file.name).locator(`[data-assay-supplied="${name}"] button`).first().click();
  await ask(report(page, file.name), name).waitFor({ state: "attached" });
  return verdict(page, file.name);
}

test("the key of an encrypted payload decides, is not shown again, and what it opens stays on the page", async (t) => {
  const { page, errors } = await open(t);
  const { key, other_key: other } = manifest("complianceguard");
  const path = "complianceguard/sealed.json";
  const sealed = fixture(path);
  assert.equal(await judge(page, sealed), "indeterminate");
  const article = report(page, sealed.name);

  const field = ask(article, "payload_key").locator("input");
  assert.equal(await field.getAttribute("type"), "password");
  assert.equal(await field.getAttribute("autocomplete"), "off");
  await field.fill("not a key");
  await ask(article, "payload_key").getByRole("button", { name: "Verify with it" }).click();
  await article.getByRole("alert").filter({ hasText: "not a key in hexadecimal" }).waitFor();
  assert.equal(await field.inputValue(), "", "the field keeps nothing");
  assert.equal(await verdict(page, sealed.name), "indeterminate");

  assert.equal(await answer(page, sealed, "payload_key", other), "invalid");
  assert.equal(await article.locator(".disclosed").count(), 0);
  assert.equal(await takeBack(page, sealed, "payload_key"), "indeterminate");

  assert.equal(await answer(page, sealed, "payload_key", key), "valid");
  assert.ok(!(await page.content()).includes(key), "the key is nowhere in the page");
  const shown = await article.locator(".disclosed").innerText();
  assert.match(shown, /only on this page/i);
  const { prompt: first } = JSON.parse(fixture("complianceguard/input.json").bytes);
  assert.ok(shown.includes(first), shown);

  const exported = await download(page, article);
  assert.equal(exported, commandLine(path, "--payload-key", key));
  assert.ok(!exported.includes(first));
  await article.getByLabel("Include the decrypted content").check();
  const disclosing = JSON.parse(await download(page, article));
  assert.ok(JSON.stringify(disclosing.disclosed).includes(first));
  delete disclosing.disclosed;
  assert.deepEqual(disclosing, JSON.parse(exported));
  assert.deepEqual(errors, []);
});

test("files that are dropped on what asks for them, or chosen there, are held against the evidence and are no evidence themselves", async (t) => {
  const { page } = await open(t);
  const path = "complianceguard/request.json";
  const request = fixture(path);
  const companions = ["input", "output", "metadata"];
  assert.equal(await judge(page, request), "indeterminate");
  const article = report(page, request.name);

  await drop(page, [fixture("complianceguard/input.json")], '[data-assay-ask="input"]');
  assert.equal(await followed(page, request, "input"), "indeterminate");
  for (const name of companions.slice(1)) {
    const { name: file, bytes } = fixture(`complianceguard/${name}.json`);
    await ask(article, name).locator("input[type=file]").first().setInputFiles({ name: file, mimeType: "application/json", buffer: bytes });
    await followed(page, request, name);
  }
  assert.equal(await verdict(page, request.name), "valid");
  assert.equal(await page.locator("[data-assay-report]").count(), 1);
  assert.match(await article.locator(".asks").innerText(), /Supplied: input\.json/);
  const options = companions.flatMap((name) => ["--with", `${name}=${join(fixtures, `complianceguard/${name}.json`)}`]);
  assert.equal(await download(page, article), commandLine(path, ...options));

  await takeBack(page, request, "output");
  await drop(page, [text("other.json", '{"another": "output"}')], '[data-assay-ask="output"]');
  assert.equal(await followed(page, request, "output"), "invalid");
});

test("a text that the evidence lacks: a wrong one fails, another takes its place", async (t) => {
  const { page } = await open(t);
  const stored = fixture("aegis/stored-page.json");
  assert.equal(await judge(page, stored), "indeterminate");
  assert.equal(await answer(page, stored, "user_id", "user-43"), "invalid");
  assert.equal(await takeBack(page, stored, "user_id"), "indeterminate");
  // The line feed of the Return key is no part of a name.
  assert.equal(await answer(page, stored, "user_id", "user-42\n"), "valid");
  assert.equal(await download(page, report(page, stored.name)), commandLine("aegis/stored-page.json", "--set", "user_id=user-42"));
});

test("an identifier of a person is compared and then nowhere to be found", async (t) => {
  const { page, context } = await open(t);
  const path = "thessor/packets/good.json";
  const packet = fixture(path);
  const patient = "MRN-00042";
  assert.equal(await judge(page, packet), "valid");
  const article = report(page, packet.name);
  assert.equal(await (await unfolded(article, "patient_id")).locator("input").getAttribute("type"), "password");
  assert.equal(await answer(page, packet, "patient_id", patient), "valid");
  assert.match(await article.locator('[data-assay-supplied="patient_id"]').innerText(), /not shown again/);
  assert.ok(!(await page.content()).includes(patient));
  const exported = await download(page, article);
  assert.equal(exported, commandLine(path, "--set", `patient_id=${patient}`));
  assert.ok(!exported.includes(patient));
  assert.deepEqual(await context.cookies(), []);
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);

  await takeBack(page, packet, "patient_id");
  assert.equal(await answer(page, packet, "patient_id", "MRN-00043"), "invalid");
});

test("a public key that a report asks for is pinned for its file alone, typed or in a file", async (t) => {
  const { page } = await open(t);
  const { public_key: key } = manifest("thoth");
  const path = "thoth/receipts.ndjson";
  const receipts = fixture(path);
  const other = fixture("thessor/good.zip");
  assert.equal(await judge(page, other), "valid");
  assert.equal(await judge(page, receipts), "indeterminate");
  const article = report(page, receipts.name);
  await ask(article, "key").locator("textarea").fill("no key");
  await ask(article, "key").getByRole("button", { name: "Verify with it" }).click();
  await article.getByRole("alert").filter({ hasText: "not a public key" }).waitFor();
  assert.equal(await answer(page, receipts, "key", key), "valid");
  assert.equal(await download(page, article), commandLine(path, "--key", key));
  assert.equal(await verdict(page, other.name), "valid");
  await page.locator('[data-assay-pins="0"]').waitFor();

  await takeBack(page, receipts, "key");
  await drop(page, [text("key.txt", key)], '[data-assay-ask="key"]');
  assert.equal(await followed(page, receipts, "key"), "valid");
});

test("what was supplied goes with the file when it is verified again, and goes away with it", async (t) => {
  const { page } = await open(t);
  const stored = fixture("aegis/stored-page.json");
  await judge(page, stored);
  await answer(page, stored, "user_id", "user-42");
  await page.getByLabel("Public key to pin").fill("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  await page.getByRole("button", { name: "Pin this key" }).click();
  await page.getByRole("button", { name: /^Remove the pinned key/ }).click();
  await page.locator('[data-assay-pins="0"]').waitFor();
  assert.equal(await verdict(page, stored.name), "valid");
  await page.getByRole("button", { name: `Remove: ${stored.name}` }).click();
  assert.equal(await judge(page, stored), "indeterminate");
});

test("after an answer the verdict is announced and the focus is on the report", async (t) => {
  const { page } = await open(t);
  const stored = fixture("aegis/stored-page.json");
  await judge(page, stored);
  const field = ask(report(page, stored.name), "user_id").locator("textarea");
  await field.focus();
  await page.keyboard.type("user-42");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await followed(page, stored, "user_id"), "valid");
  await page.getByRole("status").filter({ hasText: `${stored.name}: valid` }).waitFor({ state: "attached" });
  await page.waitForFunction(() => document.activeElement?.matches("[data-assay-report] h2"));
});
