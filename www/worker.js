// Follows the generated glue in the script of either part of the verifier. In a worker, the first message is the compiled
// module. A rejection is rethrown so that the page's `error` listener hears it.
if (typeof document === "undefined") {
  const start = ({ data }) => wasm_bindgen({ module_or_path: data }).catch((error) => setTimeout(() => { throw error; }));
  addEventListener("message", start, { once: true });
}
