// The picture as data, and text made fit to be shown. Text of a workflow reaches the page as text nodes and attributes only.
const picture = JSON.parse(document.getElementById("data").textContent);
const {jobs, boxes, edges, pieces} = picture;
const SOURCE = 0, TARGET = 1, CRITICAL = 2, TURNED = 3, MERGED = 4, PIECES = 5;
const entering = jobs.map(() => []), leaving = jobs.map(() => []); // places in edges
edges.forEach((edge, place) => { leaving[edge[SOURCE]].push(place); entering[edge[TARGET]].push(place); });
const numberOf = new Map(jobs.map((job, number) => [job.id, number]));
const dependencies = (number) => entering[number].map((place) => edges[place][SOURCE]);
const dependents = (number) => leaving[number].map((place) => edges[place][TARGET]);

// All jobs before and after one, through others too, and the edges between them.
const relations = (number) => {
  const found = {jobs: new Set([number]), edges: new Set()};
  for (const [links, end] of [[entering, SOURCE], [leaving, TARGET]]) {
    const seen = new Set([number]), left = [number];
    while (left.length) {
      for (const place of links[left.pop()]) {
        found.edges.add(place);
        const other = edges[place][end];
        if (!seen.has(other)) { seen.add(other); found.jobs.add(other); left.push(other); }
      }
    }
  }
  return found;
};

// Control characters and marks that turn the direction of writing are spelled out: nothing hides in a name.
const spelled = (letter) => `⟨U+${letter.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`;
const plain = (text) => String(text).replace(/[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, spelled);
const oneLine = (text) => plain(String(text).replace(/\r\n|[\n\r\u2028\u2029]/g, "↵").replace(/\t/g, " "));
const brief = (text, most = 300) => { const said = oneLine(text); return said.length > most ? `${said.slice(0, most)}…` : said; };
const count = (number, one, many = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

const seconds = (value) => {
  if (value < 0.0005) return "0 s";
  if (value < 1) return `${Math.round(value * 1000)} ms`;
  if (value < 59.95) return `${+value.toFixed(1)} s`;
  const whole = Math.round(value), units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const first = units.findIndex(([size]) => whole >= size);
  const [[large, name], [small, next] = [1, ""]] = units.slice(first);
  const rest = Math.floor((whole % large) / small);
  return `${Math.floor(whole / large)} ${name}${rest && next ? ` ${rest} ${next}` : ""}`;
};

const make = (tag, attributes = {}, ...inside) => fill(document.createElement(tag), attributes, inside);
const draw = (tag, attributes = {}, ...inside) => fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, inside);
const fill = (element, attributes, inside) => {
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined && value !== false) element.setAttribute(name, value);
  element.append(...inside);
  return element;
};
