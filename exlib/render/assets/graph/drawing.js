// The drawing: bands, edges, boxes. Boxes are there from the start, their text is written when it can be read.
const drawing = document.getElementById("drawing");
const MARGIN = 40, GUTTER = picture.bands.length && !picture.lying ? 110 : 0;
const world = {
  left: -MARGIN - GUTTER, top: -MARGIN - (picture.bands.length && picture.lying ? 30 : 0),
  right: picture.size[0] + MARGIN, bottom: picture.size[1] + MARGIN,
};
const shapes = []; // of each job its group, by number
const written = new Set(); // numbers of jobs whose text is there

// A curve that leaves and enters in the direction of the drawing, then straight through a row.
const curve = ([x0, y0, x1, y1, x2, y2]) => {
  const middle = picture.lying ? (x0 + x1) / 2 : (y0 + y1) / 2;
  const bent = x0 === x1 || y0 === y1 ? `L${x1} ${y1}` : picture.lying ? `C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}` : `C${x0} ${middle} ${x1} ${middle} ${x1} ${y1}`;
  return `M${x0} ${y0}${bent}${x1 === x2 && y1 === y2 ? "" : `L${x2} ${y2}`}`;
};
// Where an edge enters its box, and the way it comes: an arrowhead of two strokes' width.
const head = (edge) => {
  const way = edge[PIECES];
  if (!way.length) return "";
  const from = pieces[way[edge[TURNED] ? 0 : way.length - 1]];
  const [x, y] = edge[TURNED] ? from.slice(0, 2) : from.slice(4);
  const [fx, fy] = edge[TURNED] ? from.slice(4) : from.slice(0, 2);
  const s = picture.lying ? Math.sign(x - fx) || 1 : Math.sign(y - fy) || 1;
  return picture.lying ? `M${x} ${y}l${-9 * s} -4.5v9z` : `M${x} ${y}l-4.5 ${-9 * s}h9z`;
};
// A job that waits for itself: a ring at its side.
const loop = (number) => { const [x, y, w, h] = boxes[number]; return `M${x + w} ${y + h * 0.3}c26 -6 26 ${h * 0.4 + 12} 0 ${h * 0.4}`; };
const loopHead = (number) => { const [x, y, w, h] = boxes[number]; return `M${x + w} ${y + h * 0.7}l8 -6l2 8z`; };

// One path for what is near each other, so that what is out of sight is not painted and thousands of edges are few elements.
const tiles = (parts) => {
  const found = new Map();
  for (const [x, y, path] of parts) {
    const key = `${Math.floor(x / 1200)},${Math.floor(y / 1200)}`;
    found.has(key) ? found.get(key).push(path) : found.set(key, [path]);
  }
  return [...found.values()].map((paths) => draw("path", {d: paths.join("")}));
};
const lines = (places) => [...new Set(places.flatMap((place) => edges[place][PIECES]))];
const heads = (places) => {
  const found = new Map();
  for (const place of places) {
    const path = head(edges[place]), box = boxes[edges[place][TARGET]];
    if (path) found.set(path, [box[0], box[1], path]);
  }
  return [...found.values()];
};
const drawLines = (name, places) => draw("g", {class: `edges ${name}`}, ...tiles(lines(places).map((piece) => [pieces[piece][0], pieces[piece][1], curve(pieces[piece])])));
const drawHeads = (name, places) => draw("g", {class: `heads ${name}`}, ...tiles(heads(places)));

const drawBands = () => draw("g", {class: "bands", "aria-hidden": true}, ...picture.bands.flatMap(([level, start, end, many], number) => {
  const from = start - 24, size = end - start + 48;
  const place = picture.lying
    ? {x: from, y: world.top, width: size, height: world.bottom - world.top}
    : {x: world.left, y: from, width: world.right - world.left, height: size};
  const at = picture.lying ? {x: from + 10, y: world.top + 18} : {x: world.left + 14, y: (start + end) / 2 - 3};
  const name = draw("text", at, draw("tspan", {class: "level"}, `Level ${level}`), draw("tspan", {x: at.x, dy: "1.3em"}, count(many, "job")));
  return [draw("rect", {...place, class: number % 2 ? "odd" : "even"}), name];
}));

const describe = (number) => {
  const job = jobs[number];
  return [
    brief(job.title || job.id), job.status, job.critical && "on the critical path", job.members && count(job.members.length, "job"),
    count(entering[number].length, "dependency", "dependencies"), count(leaving[number].length, "dependent"),
  ].filter(Boolean).join(", ");
};
const drawJob = (number) => {
  const job = jobs[number], [x, y, w, h] = boxes[number], look = picture.looks[job.status];
  const group = draw("g", {
    class: `job${job.critical ? " critical" : ""}`, transform: `translate(${x} ${y})`, "data-number": number,
    "data-status": look && job.status, "data-outline": look && look[1], role: "button", tabindex: -1, "aria-label": describe(number),
  });
  if (job.critical) group.append(draw("rect", {class: "halo", x: -4, y: -4, width: w + 8, height: h + 8, rx: 11}));
  if (job.members) group.append(draw("rect", {class: "behind", x: 4, y: 4, width: w, height: h, rx: 8}));
  group.append(draw("rect", {class: "frame", width: w, height: h, rx: 8}));
  shapes[number] = group;
  return group;
};

// Text is cut where it is drawn, by what the letters at hand really measure; a name in its middle, since names differ at the end.
const ruler = document.createElement("canvas").getContext("2d");
const fitted = (text, room, font, middle) => {
  ruler.font = font;
  const short = brief(text);
  if (short === oneLine(text) && ruler.measureText(short).width <= room) return short;
  const letters = Array.from(oneLine(text)), most = Math.min(letters.length, 160);
  let low = 0, high = most;
  const cut = (keep) => {
    const tail = middle ? Math.floor(keep * 0.45) : 0;
    return `${letters.slice(0, keep - tail).join("")}…${tail ? letters.slice(-tail).join("") : ""}`;
  };
  while (low < high) {
    const keep = Math.ceil((low + high) / 2);
    if (ruler.measureText(cut(keep)).width <= room) low = keep; else high = keep - 1;
  }
  return cut(low);
};
const family = getComputedStyle(document.body).fontFamily;
const write = (number) => {
  const job = jobs[number], [, , w] = boxes[number], look = picture.looks[job.status], room = w - 24;
  const label = draw("g", {class: "label", "aria-hidden": true});
  if (look) label.append(draw("text", {class: "mark", x: 12, y: 22}, look[0]));
  const title = draw("text", {class: "title", x: look ? 32 : 12, y: 22}, fitted(job.title || job.id, room - (look ? 20 : 0), `600 13px ${family}`, true));
  label.append(title, ...(job.lines || []).map((line, row) => draw("text", {class: "line", x: 12, y: 39 + 15 * row}, fitted(line, room, `11px ${family}`, false))));
  shapes[number].append(label);
  written.add(number);
};
const unwrite = (number) => { shapes[number].querySelector(".label").remove(); written.delete(number); };
// The whole text, for whoever rests on a box.
const entitle = (number) => {
  const group = shapes[number], job = jobs[number];
  if (group.querySelector("title")) return;
  group.prepend(draw("title", {}, [plain(job.id), job.status, job.detail?.description && plain(job.detail.description), ...(job.lines || []).map(plain)].filter(Boolean).join("\n")));
};

const some = (test) => edges.map((_, place) => place).filter((place) => test(edges[place]));
const counted = some((edge) => edge[MERGED] > 1 && edge[PIECES].length).map((place) => {
  const [x0, y0, x1, y1] = pieces[edges[place][PIECES].at(-1)];
  return draw("text", {x: (x0 + x1) / 2, y: (y0 + y1) / 2 + 4}, `×${edges[place][MERGED]}`);
});
const litLines = draw("path"), litHeads = draw("path");
const kinds = {plain: some((edge) => !edge[TURNED]), turned: some((edge) => edge[TURNED]), critical: some((edge) => edge[CRITICAL])};
const loops = some((edge) => edge[SOURCE] === edge[TARGET]).map((place) => edges[place][SOURCE]);
const boxLayer = draw("g", {class: "jobs"}, ...jobs.map((_, number) => drawJob(number)));
// Arrowheads lie above the boxes, whose frames they touch, so that no ring around a box hides them.
drawing.append(
  drawBands(), ...Object.entries(kinds).map(([kind, places]) => drawLines(kind, places)), draw("g", {class: "edges turned"}, ...loops.map((number) => draw("path", {d: loop(number)}))),
  draw("g", {class: "edges lit"}, litLines), draw("g", {class: "counts", "aria-hidden": true}, ...counted), boxLayer,
  draw("g", {class: "heads turned"}, ...loops.map((number) => draw("path", {d: loopHead(number)}))),
  ...Object.entries(kinds).map(([kind, places]) => drawHeads(kind, places)), draw("g", {class: "heads lit"}, litHeads),
);
const span = {width: world.right - world.left, height: world.bottom - world.top};
drawing.setAttribute("viewBox", `${world.left} ${world.top} ${span.width} ${span.height}`);
drawing.setAttribute("width", span.width);
drawing.setAttribute("height", span.height);
