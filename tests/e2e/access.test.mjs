// The page for everyone: keyboard, small screens, both colour schemes, paper, and the rules of WCAG 2.2 that a machine can check.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, test } from "node:test";
import { closeBrowser, drop, fixture, judge, open, report, text, verdict } from "./harness.mjs";

after(closeBrowser);

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const good = fixture("thessor/good.zip");
const altered = fixture("thessor/altered.zip");
const sealed = fixture("complianceguard/sealed.json");
const packets = ["direct/payload.json", "packets/good.json"].map((path) => fixture(`thessor/${path}`));

async function faults(page) {
  // As a script of the page it would be stopped by the policy.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(" ")}`);
}

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing wrong in any state (${colorScheme})`, { timeout: 120_000 }, async (t) => {
    const { page } = await open(t, { colorScheme });
    assert.deepEqual(await faults(page), [], "empty");
    assert.equal(await judge(page, good), "valid");
    assert.deepEqual(await faults(page), [], "valid");
    assert.equal(await judge(page, altered), "invalid");
    assert.equal(await judge(page, text("noise.bin", "\u0001")), "refused");
    assert.deepEqual(await faults(page), [], "invalid and refused");
    const { key } = JSON.parse(fixture("complianceguard/manifest.json").bytes);
    assert.equal(await judge(page, sealed), "indeterminate");
    const field = report(page, sealed.name).locator('[data-assay-ask="payload_key"] input');
    await field.fill("no key");
    await field.press("Enter");
    await page.getByRole("alert").filter({ hasText: "not a key in hexadecimal" }).waitFor();
    assert.deepEqual(await faults(page), [], "questions, and an answer that is none");
    await field.fill(key);
    await field.press("Enter");
    await page.locator(".disclosed").waitFor();
    assert.deepEqual(await faults(page), [], "decrypted content");
    await page.getByLabel("Public key to pin").fill("no key");
    await page.getByRole("button", { name: "Pin this key" }).click();
    await page.locator("#pin-error").filter({ hasText: "not a public key" }).waitFor();
    assert.deepEqual(await faults(page), [], "a key that is none");
  });
}

test("the two colour schemes differ, and each keeps its own", async (t) => {
  const paper = async (colorScheme) => {
    const { page } = await open(t, { colorScheme });
    return page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor + getComputedStyle(document.body).backgroundColor);
  };
  assert.notEqual(await paper("light"), await paper("dark"));
});

for (const width of [320, 390, 768, 1280]) {
  test(`nothing has to be scrolled sideways at ${width} pixels`, async (t) => {
    const { page } = await open(t, { viewport: { width, height: 800 } });
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(await overflow(), 0, "empty");
    await drop(page, [good, altered, sealed, ...packets, text(`${"long-name-".repeat(20)}.json`, "{}")]);
    await verdict(page, good.name);
    await verdict(page, altered.name);
    await verdict(page, packets[1].name);
    assert.ok((await page.locator("[data-assay-ask]").count()) >= 8);
    await page.locator(".asks").evaluateAll((all) => all.forEach((asks) => { asks.open = true; }));
    assert.equal(await overflow(), 0, "with reports");
  });
}

test("everything can be done with the keyboard alone", async (t) => {
  const { page } = await open(t);
  /** Presses Tab until the focus is on what is sought, and checks on the way that it can be seen. */
  const tabTo = async (selector) => {
    for (let presses = 0; presses < 200; presses++) {
      await page.keyboard.press("Tab");
      if (await page.evaluate((selector) => document.activeElement?.matches(selector), selector)) return;
    }
    assert.fail(`${selector} is not reached by Tab`);
  };
  // Listening from the start: Chromium is told to hand choosers over only then, and takes a moment.
  const chosen = page.waitForEvent("filechooser");
  await tabTo("input[type=file]");
  await page.keyboard.press("Enter");
  await (await chosen).setFiles({ name: good.name, mimeType: "application/zip", buffer: good.bytes });
  assert.equal(await verdict(page, good.name), "valid");
  // The focus has gone to the report, so that a screen reader reads it.
  await page.waitForFunction(() => document.activeElement?.closest("[data-assay-report]"));

  await tabTo("[data-assay-download]");
  const [saved] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  assert.equal(JSON.parse(readFileSync(await saved.path(), "utf8")).verdict, "valid");

  await page.keyboard.press("Shift+Tab");
  await tabTo("#pin");
  await page.keyboard.type("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  await tabTo("button[type=submit]");
  await page.keyboard.press("Enter");
  await page.locator('[data-verdict="invalid"]').waitFor();

  await tabTo("[data-assay-sample]");
  const name = await page.evaluate(() => document.activeElement.dataset.assaySample);
  await page.keyboard.press("Enter");
  await report(page, name).waitFor();
});

test("what has the focus shows it", async (t) => {
  const { page } = await open(t);
  const invisible = [];
  for (let presses = 0; presses < 30; presses++) {
    await page.keyboard.press("Tab");
    const seen = await page.evaluate(() => {
      const focused = document.activeElement;
      if (!focused || focused === document.body) return null;
      const marked = [focused, focused.closest("label")].filter(Boolean).map((element) => getComputedStyle(element));
      const ring = marked.some(({ outlineStyle, outlineWidth, boxShadow }) => (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none");
      return ring ? null : focused.outerHTML.slice(0, 80);
    });
    if (seen) invisible.push(seen);
  }
  assert.deepEqual(invisible, []);
});

test("the verdict is announced, and is told by a word and a mark and not by colour alone", async (t) => {
  const { page } = await open(t);
  assert.equal(await judge(page, altered), "invalid");
  const article = report(page, altered.name);
  assert.match(await article.locator("header").innerText(), /Invalid/);
  assert.ok((await article.locator("header svg").count()) > 0);
  await page.getByRole("status").filter({ hasText: altered.name }).waitFor({ state: "attached" });
});

test("on paper the report is whole and the tools are gone", async (t) => {
  const { page } = await open(t);
  assert.equal(await judge(page, altered), "invalid");
  await page.emulateMedia({ media: "print" });
  await report(page, altered.name).waitFor();
  assert.equal(await page.locator("[data-assay-download]").isVisible(), false);
  assert.equal(await page.locator("input[type=file]").first().isVisible(), false);
  assert.ok(await report(page, altered.name).locator('[data-status="fail"]').first().isVisible());
});
