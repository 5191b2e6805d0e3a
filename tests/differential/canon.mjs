// Prints random JSON texts with their canonical forms as JavaScript makes them, which is how RFC 8785 defines them.
// One case a line: dialect, the text's hex, the form's hex, tab-separated.

let state = 0x9e3779b97f4a7c15n;
const next = () => {
  state ^= (state << 13n) & 0xffffffffffffffffn;
  state ^= state >> 7n;
  state ^= (state << 17n) & 0xffffffffffffffffn;
  return state;
};
const below = (bound) => Number(next() % BigInt(bound));
const pick = (list) => list[below(list.length)];

const view = new DataView(new ArrayBuffer(8));
const double = () => {
  view.setBigUint64(0, next());
  const any = view.getFloat64(0);
  return Number.isFinite(any) ? any : 0;
};
const number = () => pick([double, () => below(2 ** 32) / 2 ** below(40), () => (2 ** 50 + below(2 ** 50)) + pick([0.25, 0.5, 0.75]), () => 10 ** (below(60) - 30), () => -below(2 ** 45)])();

const letters = ['a', 'A', '"', '\\', '\b', '\n', '\u0000', '\u001f', '\u007f', '\u00e9', '\u2028', '\ufeff', '\ue000', '\uffff', '\u{1f600}', '\u{10ffff}', '<', '/'];
const string = () => Array.from({ length: below(6) }, () => pick(letters)).join('');

const value = (depth) => {
  switch (below(depth ? 6 : 4)) {
    case 0: return pick([null, true, false]);
    case 1: case 2: return number();
    case 3: return string();
    case 4: return Array.from({ length: below(5) }, () => value(depth - 1));
    default: return new Map(Array.from({ length: below(6) }, () => [string(), value(depth - 1)]));
  }
};

// Numbers are written with an exponent, so that none is an integer too long to be exact.
const text = (value) => {
  if (typeof value === 'number') return value.toExponential();
  if (Array.isArray(value)) return `[${value.map(text).join(' ,')}]`;
  if (value instanceof Map) return `{ ${[...value].map(([key, inner]) => `${JSON.stringify(key)}: ${text(inner)}`).join(',')}}`;
  return JSON.stringify(value);
};
const form = (value) => {
  if (Array.isArray(value)) return `[${value.map(form).join(',')}]`;
  if (value instanceof Map) return `{${[...value.keys()].sort().map((key) => `${JSON.stringify(key)}:${form(value.get(key))}`).join(',')}}`;
  return JSON.stringify(value);
};

const hex = (text) => Buffer.from(text, 'utf8').toString('hex');
const lines = [];
for (let n = 0; n < 12000; n++) {
  const any = n % 2 ? value(4) : number();
  lines.push(`rfc8785\t${hex(text(any))}\t${hex(form(any))}`);
}
console.log(lines.join('\n'));
