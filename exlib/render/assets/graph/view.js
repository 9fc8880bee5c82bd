// What part of the drawing is seen: one transform, moved by mouse, fingers, keys and buttons. Nothing is laid out anew.
const view = document.getElementById("view");
const READABLE = 0.36; // below, text is too small to be read and is not shown, only a status' mark, large
const TINY = 0.15; // below, marks cannot be told apart either
const marked = jobs.some((job) => picture.looks[job.status]);
const still = matchMedia("(prefers-reduced-motion: reduce)");
const sight = {scale: 1, x: 0, y: 0}; // the window's point of the drawing's left upper corner
let smallest = 0.02, drawn = 0, gliding = 0; // the next frames of two loops

const frame = () => { if (!drawn) drawn = requestAnimationFrame(() => { drawn = 0; apply(); }); };
const apply = () => {
  drawing.style.transform = `translate(${sight.x}px,${sight.y}px) scale(${sight.scale})`;
  const far = sight.scale < READABLE;
  for (const [name, on] of [["far", far], ["tiny", sight.scale < TINY]]) if (drawing.classList.contains(name) !== on) drawing.classList.toggle(name, on);
  // Lines keep a width that can be seen; steps, since each change has every line styled anew.
  const width = String(far ? Math.max(1.4, 2 ** Math.round(Math.log2(0.8 / sight.scale))) : 1.4);
  if (drawing.style.getPropertyValue("--width") !== width) drawing.style.setProperty("--width", width);
  if (!far || (marked && sight.scale >= TINY)) writeSeen();
  showMap();
};
const seen = () => ({
  left: -sight.x / sight.scale + world.left, top: -sight.y / sight.scale + world.top,
  right: (view.clientWidth - sight.x) / sight.scale + world.left, bottom: (view.clientHeight - sight.y) / sight.scale + world.top,
});
const writeSeen = () => {
  const {left, top, right, bottom} = seen(), beyond = 200;
  let most = 300; // a frame
  const inside = ([x, y, w, h]) => x + w > left - beyond && x < right + beyond && y + h > top - beyond && y < bottom + beyond;
  for (let number = 0; number < boxes.length; number++) {
    if (!written.has(number) && inside(boxes[number])) {
      if (!most--) { frame(); return; }
      write(number);
    }
  }
  if (written.size > 3000) for (const number of written) if (!inside(boxes[number])) unwrite(number);
};

const stay = () => { cancelAnimationFrame(gliding); gliding = 0; };
const glide = (goal) => {
  stay();
  if (still.matches) { Object.assign(sight, goal); apply(); return; }
  const from = {...sight}, began = performance.now();
  const step = (now) => {
    const part = Math.min(1, Math.max(0, (now - began) / 220)), eased = 1 - (1 - part) ** 3;
    for (const key of ["scale", "x", "y"]) sight[key] = from[key] + (goal[key] - from[key]) * eased;
    apply();
    gliding = part < 1 ? requestAnimationFrame(step) : 0;
  };
  gliding = requestAnimationFrame(step);
};
const fitting = () => {
  const scale = Math.min(1.15, view.clientWidth / span.width, view.clientHeight / span.height);
  return {scale, x: (view.clientWidth - span.width * scale) / 2, y: (view.clientHeight - span.height * scale) / 2};
};
const fit = () => glide(fitting());
const zoom = (factor, x = view.clientWidth / 2, y = view.clientHeight / 2, gliding = false) => {
  const scale = Math.min(4, Math.max(smallest, sight.scale * factor)), by = scale / sight.scale;
  const goal = {scale, x: x - (x - sight.x) * by, y: y - (y - sight.y) * by};
  if (gliding) { glide(goal); return; }
  stay();
  Object.assign(sight, goal);
  frame();
};
const pan = (x, y) => { stay(); sight.x += x; sight.y += y; frame(); };
// Brings a job into sight, and near enough to be read.
const reveal = (number, centred = false) => {
  const [x, y, w, h] = boxes[number], scale = Math.max(sight.scale, READABLE * 2);
  const {left, top, right, bottom} = seen(), edge = 30 / sight.scale;
  if (!centred && scale === sight.scale && x > left + edge && y > top + edge && x + w < right - edge && y + h < bottom - edge) return;
  glide({scale, x: view.clientWidth / 2 - (x + w / 2 - world.left) * scale, y: view.clientHeight / 2 - (y + h / 2 - world.top) * scale});
};

// Pointers: one drags, two pinch; one that hardly moved was a click.
const pointers = new Map();
let dragged = false;
view.addEventListener("pointerdown", (event) => {
  if (event.button || event.target.closest("#map")) return;
  if (!pointers.size) dragged = false;
  pointers.set(event.pointerId, [event.clientX, event.clientY, event.clientX, event.clientY]);
});
view.addEventListener("pointermove", (event) => {
  const held = pointers.get(event.pointerId);
  if (!held) return;
  const [x, y, beganX, beganY] = held;
  if (!dragged && pointers.size === 1 && Math.hypot(event.clientX - beganX, event.clientY - beganY) < 4) return;
  if (!dragged) { dragged = true; view.setPointerCapture(event.pointerId); view.classList.add("dragging"); }
  held[0] = event.clientX; held[1] = event.clientY;
  if (pointers.size === 1) { pan(event.clientX - x, event.clientY - y); return; }
  const other = [...pointers].find(([id]) => id !== event.pointerId)[1], box = view.getBoundingClientRect();
  const apart = Math.hypot(x - other[0], y - other[1]) || 1;
  pan((event.clientX - x) / 2, (event.clientY - y) / 2);
  zoom(Math.hypot(event.clientX - other[0], event.clientY - other[1]) / apart, (event.clientX + other[0]) / 2 - box.left, (event.clientY + other[1]) / 2 - box.top);
});
for (const kind of ["pointerup", "pointercancel"]) view.addEventListener(kind, (event) => { pointers.delete(event.pointerId); view.classList.remove("dragging"); });
view.addEventListener("wheel", (event) => {
  event.preventDefault();
  const box = view.getBoundingClientRect(), turn = event.deltaY * (event.deltaMode === 1 ? 30 : 1) * (event.ctrlKey ? 5 : 1);
  zoom(Math.exp(-Math.max(-240, Math.min(240, turn)) * 0.0018), event.clientX - box.left, event.clientY - box.top);
}, {passive: false});
document.getElementById("in").addEventListener("click", () => zoom(1.4, undefined, undefined, true));
document.getElementById("out").addEventListener("click", () => zoom(1 / 1.4, undefined, undefined, true));
document.getElementById("fit").addEventListener("click", fit);

// The small map: where in the whole one is. It is there only while not everything is in sight.
const map = document.getElementById("map");
const spot = draw("rect", {class: "spot"});
if (!picture.simple) {
  const shades = Map.groupBy ? Map.groupBy(boxes.keys(), (number) => jobs[number].status) : new Map([[undefined, boxes.keys()]]);
  const paths = [...shades].map(([status, numbers]) => draw("path", {
    "data-status": picture.looks[status] && status,
    d: [...numbers].map((number) => { const [x, y, w, h] = boxes[number]; return `M${x} ${y}h${w}v${h}h${-w}z`; }).join(""),
  }));
  map.append(draw("svg", {viewBox: drawing.getAttribute("viewBox")}, ...paths, spot));
  const go = (event) => {
    if (!event.buttons) return;
    const box = map.firstChild.getBoundingClientRect(), by = Math.max(span.width / box.width, span.height / box.height);
    const x = (event.clientX - box.left - (box.width - span.width / by) / 2) * by, y = (event.clientY - box.top - (box.height - span.height / by) / 2) * by;
    sight.x = view.clientWidth / 2 - x * sight.scale; sight.y = view.clientHeight / 2 - y * sight.scale;
    frame();
  };
  map.addEventListener("pointerdown", (event) => { map.setPointerCapture(event.pointerId); go(event); });
  map.addEventListener("pointermove", go);
}
const showMap = () => {
  if (picture.simple) return;
  const {left, top, right, bottom} = seen();
  map.hidden = left <= world.left + MARGIN && top <= world.top + MARGIN && right >= world.right - MARGIN && bottom >= world.bottom - MARGIN;
  for (const [name, value] of Object.entries({x: left, y: top, width: right - left, height: bottom - top})) spot.setAttribute(name, value);
};

smallest = Math.min(0.3, fitting().scale / 2);
Object.assign(sight, fitting());
apply();
addEventListener("resize", frame);
addEventListener("beforeprint", () => { jobs.forEach((_, number) => { if (!written.has(number)) write(number); }); drawing.classList.remove("far", "tiny"); });
addEventListener("afterprint", frame);
