// Ends the page's one script, after the generated glue and www/worker.js. Fetches what was published with the page, each file
// under its integrity value, starts the page, and is what the page asks for the rest (src/web/published.rs).
const published = typeof document !== "undefined" && (() => {
  const files = %FILES%;

  /** The file's response; throws an Error that says plainly why there is none. */
  const get = async (name) => {
    let response;
    try {
      // A sample's name stays when its content changes, so a kept copy is asked after.
      response = await fetch(name, { integrity: files[name], credentials: "omit", cache: name.startsWith("samples/") ? "no-cache" : "default" });
    } catch {
      throw new Error(navigator.onLine
        ? `The file ${name} could not be loaded, or its content is not what this page was published with.`
        : `This device is offline, and the file ${name} has not been loaded yet.`);
    }
    if (!response.ok) throw new Error(`The file ${name} is missing beside this page (the server answered ${response.status}).`);
    return response;
  };

  /** A part of the verifier as its workers need it: the address of their script, and the compiled module. */
  const program = async (script, module) => ({
    script: URL.createObjectURL(new Blob([script], { type: "text/javascript" })),
    module: await WebAssembly.compile(module),
  });

  let base;
  let complete;
  let isComplete = false;
  const fetchComplete = async () => {
    const [script, module] = await Promise.all([get("%COMPLETE_SCRIPT%"), get("%COMPLETE_MODULE%")]);
    const loaded = await program(await script.text(), await module.arrayBuffer());
    isComplete = true;
    return loaded;
  };

  const loads = {
    base: () => base,
    /** The second part, fetched once; after a failure the next call tries again. */
    complete: () => complete ??= fetchComplete().catch((error) => {
      complete = undefined;
      throw error;
    }),
    isComplete: () => isComplete,
    sample: async (name) => (await get(`samples/${name}`)).blob(),
  };

  // Whoever begins to use the page gets the second part ahead of need, so that the page then works without a network.
  const signs = ["pointermove", "pointerdown", "touchstart", "keydown", "focusin", "dragenter", "scroll"];
  const ahead = () => {
    if (navigator.connection?.saveData || !navigator.onLine) return;
    for (const sign of signs) removeEventListener(sign, ahead, true);
    loads.complete().catch(() => {});
  };

  const fail = (reason) => {
    document.getElementById("app").hidden = true;
    document.getElementById("failure-reason").textContent = reason;
    document.getElementById("failure").hidden = false;
  };

  const start = async () => {
    if (typeof WebAssembly !== "object" || typeof Worker !== "function") {
      return fail("This browser has no WebAssembly or no workers, or they are turned off. Any current Firefox, Chrome, Edge or Safari has both.");
    }
    let module;
    try {
      module = await (await get("%MODULE%")).arrayBuffer();
    } catch (error) {
      return fail(location.protocol === "file:"
        ? "Browsers do not load programs from a folder. Serve the site's folder from any web server, on this computer if you like, and open it from there."
        : `${error.message} Reload the page. If this stays, do not use this copy.`);
    }
    try {
      base = await program(document.getElementById("verifier").textContent, module);
    } catch (error) {
      return fail(`This browser cannot run the verifier. It needs WebAssembly with SIMD: Firefox 89, Chrome or Edge 91, Safari 16.4, or later. (${error})`);
    }
    try {
      await wasm_bindgen({ module_or_path: base.module });
    } catch (error) {
      return fail(`The verifier stopped while it was starting: ${error}`);
    }
    for (const sign of signs) addEventListener(sign, ahead, { capture: true, passive: true });
  };

  start();
  return loads;
})();
