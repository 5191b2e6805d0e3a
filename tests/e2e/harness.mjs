// Opens the built site in headless Chromium, from a plain static server below a sub-path, and records what it does.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { listen, site } from "../../tools/serve.mjs";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const fixtures = join(root, "tests/fixtures");
export const dist = join(root, "dist");
const BASE = "/some/where/else/";
const program = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug", "assay");

/** A file of the fixtures as { name, bytes }. */
export const fixture = (path) => ({ name: path.split("/").pop(), bytes: readFileSync(join(fixtures, path)) });
export const text = (name, content) => ({ name, bytes: Buffer.from(content) });

/** Every fixture with the verdict that its manifest expects, unless that is with something supplied: [{ path, verdict }]. */
export function expectations() {
  return readdirSync(fixtures).flatMap((system) => {
    const manifest = join(fixtures, system, "manifest.json");
    if (!existsSync(manifest)) return [];
    const listed = JSON.parse(readFileSync(manifest, "utf8"));
    const supplied = (fixture) => ["with", "set", "key", "payload_key"].some((name) => name in { ...fixture, ...fixture.given });
    return (listed.fixtures ?? listed.files)
      .filter(({ file }) => statSync(join(fixtures, system, file)).isFile())
      .map((fixture) => ({ path: `${system}/${fixture.file}`, verdict: supplied(fixture) || fixture.given?.beside ? null : fixture.verdict }));
  });
}

/** What the command line prints with --json for one file of the fixtures. */
export const commandLine = (path, ...options) => commandLineOnPath(join(fixtures, path), ...options);

/** What the command line prints with --json for a file or folder anywhere. */
export function commandLineOnPath(path, ...options) {
  const run = spawnSync(program, ["verify", "--json", ...options, path], { encoding: "utf8", maxBuffer: 1 << 28 });
  if (run.error) throw run.error;
  return run.stdout.trimEnd();
}

/** What the command line prints with --json for bytes that no fixture holds. */
export function commandLineOn(bytes) {
  const run = spawnSync(program, ["verify", "--json", "-"], { input: bytes, encoding: "utf8", maxBuffer: 1 << 28 });
  if (run.error) throw run.error;
  return run.stdout.trimEnd();
}

let browser;

/** The one browser of this file's tests; `closeBrowser` ends it. */
async function launch() {
  browser ??= await chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    // Chromium's sandbox does not start for root; the tests open nothing but this site.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  return browser;
}

export async function closeBrowser() {
  await browser?.close();
  browser = undefined;
}

/**
 * Opens the page for as long as the test `t` runs, `script` run in it beforehand. Gives { page, context, base, network, errors,
 * violations }: the requests to the network as { method, url, body }, console and script errors as texts, and the policy's violations.
 */
export async function open(t, { folder = dist, ready = true, script, ...options } = {}) {
  const server = site(folder, BASE);
  const port = await listen(server, 0);
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  const base = `http://127.0.0.1:${port}${BASE}`;
  // Without smooth scrolling, which every click would wait for.
  const context = await (await launch()).newContext({ reducedMotion: "reduce", ...options });
  t.after(() => context.close());
  const requests = [];
  const errors = [];
  context.on("request", (request) => requests.push({ method: request.method(), url: request.url(), body: request.postData() }));
  context.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  context.on("weberror", (error) => errors.push(String(error.error())));
  if (script) await context.addInitScript(script);
  await context.addInitScript(() => {
    globalThis.policyViolations = [];
    addEventListener("securitypolicyviolation", (event) => globalThis.policyViolations.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(base);
  if (ready) await page.locator("input[type=file]").first().waitFor({ state: "attached" });
  const violations = () => page.evaluate(() => globalThis.policyViolations);
  // Workers, which run what the page has in memory, show up as `blob:` addresses.
  const network = () => requests.filter(({ url }) => !/^(blob|data):/.test(url));
  return { page, context, base, network, errors, violations };
}

/** A copy of the site with one of its files changed, opened. */
export async function tampered(t, isIt, change, options) {
  const folder = mkdtempSync(join(tmpdir(), "assay-site-"));
  cpSync(dist, folder, { recursive: true });
  const name = join(folder, readdirSync(folder, { recursive: true }).find(isIt));
  writeFileSync(name, change(readFileSync(name)));
  t.after(() => rmSync(folder, { recursive: true }));
  return open(t, { folder, ready: false, ...options });
}

/** Begins to use the page, as any visitor does by moving, and waits until it has loaded its second part. */
export async function useSecondPart(page) {
  await page.keyboard.press("Shift");
  await page.waitForFunction(() => published.isComplete());
}

/** Stands in for a test in scripts that are none: `end` ends what `open` began. */
export function scope() {
  const ends = [];
  return {
    after: (end) => ends.push(end),
    end: async () => {
      for (const end of ends) await end();
      await closeBrowser();
    },
  };
}

/** Drops files on an element, as a person would with the mouse. */
export async function drop(page, files, target = "body") {
  const items = files.map(({ name, bytes }) => ({ name, base64: bytes.toString("base64") }));
  const transfer = await page.evaluateHandle((items) => {
    const transfer = new DataTransfer();
    for (const { name, base64 } of items) {
      transfer.items.add(new File([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))], name));
    }
    return transfer;
  }, items);
  for (const event of ["dragenter", "dragover", "drop"]) {
    await page.dispatchEvent(target, event, { dataTransfer: transfer });
  }
  await transfer.dispose();
}

/** The report on a file of this name, once its verdict is known. */
export function report(page, name) {
  return page.locator(`[data-assay-report][data-verdict][data-file="${name}"]`).first();
}

export async function verdict(page, name) {
  const found = report(page, name);
  await found.waitFor();
  return found.getAttribute("data-verdict");
}

/** Drops one file and gives its verdict. */
export async function judge(page, file) {
  await drop(page, [file]);
  return verdict(page, file.name);
}

/** The JSON that the report's download button saves. */
export async function download(page, article) {
  const [saved] = await Promise.all([page.waitForEvent("download"), article.locator("[data-assay-download]").click()]);
  return readFileSync(await saved.path(), "utf8");
}
