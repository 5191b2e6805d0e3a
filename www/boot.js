// Follows the generated glue in the page's one script. The workers run the same text, so the one hash in the
// content security policy covers them too. The page fetches the module once, under its integrity value.
(() => {
  const module = { file: "%MODULE_FILE%", integrity: "%MODULE_INTEGRITY%" };

  if (typeof document === "undefined") {
    // A worker: its first message is the compiled module. A rejection is rethrown so that the page's `error` listener hears it.
    const start = ({ data }) => wasm_bindgen({ module_or_path: data }).catch((error) => setTimeout(() => { throw error; }));
    addEventListener("message", start, { once: true });
    return;
  }

  const fail = (reason) => {
    document.getElementById("app").hidden = true;
    document.getElementById("failure-reason").textContent = reason;
    document.getElementById("failure").hidden = false;
  };

  const load = async () => {
    if (typeof WebAssembly !== "object" || typeof Worker !== "function") {
      return fail("This browser has no WebAssembly or no workers, or they are turned off. Any current Firefox, Chrome, Edge or Safari has both.");
    }
    let bytes;
    try {
      const response = await fetch(module.file, { integrity: module.integrity, credentials: "omit" });
      if (!response.ok) {
        return fail(`The file ${module.file} is missing beside this page (the server answered ${response.status}).`);
      }
      bytes = await response.arrayBuffer();
    } catch {
      return fail(location.protocol === "file:"
        ? "Browsers do not load programs from a folder. Serve the site's folder from any web server, on this computer if you like, and open it from there."
        : `The file ${module.file} could not be loaded, or its content is not what this page was published with. Reload the page. If this stays, do not use this copy.`);
    }
    let compiled;
    try {
      compiled = await WebAssembly.compile(bytes);
    } catch (error) {
      return fail(`This browser cannot run the verifier. It needs WebAssembly with SIMD: Firefox 89, Chrome or Edge 91, Safari 16.4, or later. (${error})`);
    }
    try {
      await wasm_bindgen({ module_or_path: compiled });
    } catch (error) {
      fail(`The verifier stopped while it was starting: ${error}`);
    }
  };

  load();
})();
