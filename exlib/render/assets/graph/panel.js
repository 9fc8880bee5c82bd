// Everything known of a job, beside the drawing. The address names the job, so that a link opens on it.
const panel = document.getElementById("panel");
const MOST = 100; // links of a list before one asks for the rest
let open = -1;

const told = (name, ...value) => make("div", {}, make("dt", {}, name), make("dd", {}, ...value));
const part = (name, ...inside) => make("section", {}, make("h3", {}, name), ...inside);
const chips = (names) => make("p", {class: "names"}, ...names.flatMap((name) => [make("code", {}, plain(name)), " "]));
const link = (number) => {
  const job = jobs[number], look = picture.looks[job.status];
  const go = make("button", {type: "button", class: "link", "data-status": look && job.status, title: plain(job.id)}, make("i", {"aria-hidden": true}, look ? look[0] : "·"), make("bdi", {}, brief(job.id)));
  go.addEventListener("click", () => { show(number); });
  go.addEventListener("pointerenter", () => soon(number, 120));
  go.addEventListener("pointerleave", () => soon(-1, 90));
  return make("li", {}, go);
};
const list = (items, build) => {
  const found = make("ul", {class: "links"}, ...items.slice(0, MOST).map(build));
  if (items.length > MOST) {
    const more = make("button", {type: "button", class: "more"}, `and ${(items.length - MOST).toLocaleString("en")} more`);
    more.addEventListener("click", () => { more.parentNode.remove(); found.append(...items.slice(MOST).map(build)); });
    found.append(make("li", {}, more));
  }
  return found;
};
const ran = (job, known) => {
  const look = picture.looks[job.status];
  const facts = [
    known.duration != null && `took ${seconds(known.duration)}`, known.attempts > 1 && `${known.attempts} attempts`,
    known.started && `started ${plain(known.started).replace(/^(\S+)T/, "$1 ").replace(/\.\d+/, "")}`,
  ].filter(Boolean);
  if (!job.status && !facts.length && !known.reason) return [];
  const line = make("p", {class: "ended"});
  if (job.status) line.append(make("span", {class: "chip", "data-status": look && job.status}, look ? `${look[0]} ${job.status}` : plain(job.status)), " ");
  if (known.reason) line.append(make("b", {}, plain(known.reason)));
  return [line, ...(facts.length ? [make("p", {class: "facts"}, facts.join(" · "))] : [])];
};
const figuresOf = (job, known) => {
  const found = [
    known.typical != null && told("usually takes", seconds(known.typical)), known.start != null && told("can start after", seconds(known.start)),
    known.slack != null && told("slack", known.slack ? seconds(known.slack) : "none"), told("level", String(job.level)),
    "timeout" in known && told("timeout", known.timeout == null ? "none" : seconds(known.timeout)), known.retries > 0 && told("retries", String(known.retries)),
  ].filter(Boolean);
  return make("dl", {}, ...found);
};
const build = (number) => {
  const job = jobs[number], known = job.detail || {}, before = dependencies(number), after = dependents(number);
  const close = make("button", {type: "button", class: "close", "aria-label": "Close details", title: "Close (Escape)"}, "✕");
  close.addEventListener("click", () => hide());
  const heading = make("h2", {tabindex: -1}, make("bdi", {}, plain(job.id)));
  const title = job.title && job.title !== job.id ? [make("p", {class: "called"}, plain(job.title))] : [];
  const parts = [make("div", {class: "head"}, heading, close), ...title];
  if (known.description) parts.push(make("p", {class: "description"}, plain(known.description)));
  parts.push(...ran(job, known));
  if (job.critical) parts.push(make("p", {class: "on-path"}, "On the critical path: if it is late, everything is."));
  if (known.command) parts.push(part("Command", make("pre", {tabindex: 0}, plain(known.command))));
  parts.push(figuresOf(job, known));
  if (job.members) parts.push(part(count(job.members.length, "job"), list(job.members, (name) => make("li", {}, make("bdi", {}, plain(name))))));
  if (before.length) parts.push(part(`Depends on ${count(before.length, "job")}`, list(before, link)));
  if (after.length) parts.push(part(`Needed by ${count(after.length, "job")}`, list(after, link)));
  for (const [key, name] of [["checks", "Checks"], ["waits", "Waits for"], ["env", "Variables"], ["tags", "Tags"]]) if (known[key]?.length) parts.push(part(name, chips(known[key])));
  if (known.tail) parts.push(part("End of its log", make("pre", {class: "tail", tabindex: 0}, plain(known.tail))));
  if (known.log) parts.push(make("p", {class: "path"}, make("code", {}, plain(known.log))));
  return parts;
};
const address = (text) => { try { history.replaceState(null, "", text); } catch { /* some browsers keep files from it */ } };
const show = (number, {focus = false, centred = false} = {}) => {
  shapes[open]?.classList.remove("open");
  open = number;
  shapes[number].classList.add("open");
  panel.replaceChildren(...build(number));
  panel.hidden = false;
  panel.scrollTop = 0;
  current(number);
  reveal(number, centred);
  address(`#job=${encodeURIComponent(jobs[number].id.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd"))}`);
  if (focus) panel.querySelector("h2").focus({preventScroll: true});
};
const hide = () => {
  if (open < 0) return;
  const number = open, inside = panel.contains(document.activeElement);
  shapes[open].classList.remove("open");
  open = -1;
  panel.hidden = true;
  address(location.pathname + location.search);
  if (inside) shapes[number].focus({preventScroll: true});
  frame();
};
const follow = () => {
  const named = /^#job=(.*)$/s.exec(location.hash);
  if (!named) return;
  let id = named[1];
  try { id = decodeURIComponent(id); } catch { /* typed by hand: taken as it is */ }
  const number = numberOf.get(id);
  if (number !== undefined && number !== open) show(number, {centred: true});
};
boxLayer.addEventListener("click", (event) => { const number = jobAt(event.target); if (number >= 0 && !dragged) show(number); });
addEventListener("hashchange", follow);
