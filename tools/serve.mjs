// Serves a folder on this machine only, exactly as it lies there: nothing is injected, compressed or cached.
// Usage: node tools/serve.mjs [FOLDER]   (PORT=8080, or the next free port when PORT is not set)
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".jsonl": "application/x-ndjson",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".tar": "application/x-tar",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
  ".zip": "application/zip",
};

/** A server for `folder` below the path `base`, which begins and ends with a slash. */
export function site(folder, base = "/") {
  const root = resolve(folder);
  return createServer(async (request, response) => {
    const refuse = (status) => response.writeHead(status, { "content-type": "text/plain" }).end(`${status}\n`);
    if (request.method !== "GET" && request.method !== "HEAD") return refuse(405);
    let path;
    try {
      path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    } catch {
      return refuse(400);
    }
    if (!path.startsWith(base)) return refuse(404);
    let file = join(root, path.slice(base.length));
    if (file !== root && !file.startsWith(root + sep)) return refuse(404);
    try {
      if ((await stat(file)).isDirectory()) file = join(file, "index.html");
      const { size } = await stat(file);
      const type = TYPES[extname(file)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type, "content-length": size, "cache-control": "no-cache" });
    } catch {
      return refuse(404);
    }
    if (request.method === "HEAD") return response.end();
    createReadStream(file).on("error", () => response.destroy()).pipe(response);
  });
}

/** Listens on `port`, or with `search` on the first free one from there; gives the port. */
export function listen(server, port, search = false) {
  return new Promise((done, failed) => {
    server.once("error", (error) => {
      if (error.code === "EADDRINUSE" && search && port < 65535) done(listen(server, port + 1, true));
      else failed(error);
    });
    server.listen(port, "127.0.0.1", () => done(server.address().port));
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const folder = process.argv[2] ?? "dist";
  const wanted = process.env.PORT;
  try {
    const port = await listen(site(folder), Number(wanted || 8080), !wanted);
    console.log(`Serving ${folder}/ at http://localhost:${port}/ until Ctrl-C.`);
  } catch (error) {
    console.error(`Cannot serve on port ${wanted}: ${error.message}`);
    process.exit(1);
  }
}
