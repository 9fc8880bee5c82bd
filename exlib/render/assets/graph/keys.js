// The keyboard: one job of the graph is a stop of Tab, arrow keys go along its edges and to its neighbours.
let stop = 0;
const current = (number) => {
  shapes[stop]?.setAttribute("tabindex", -1);
  stop = number;
  shapes[stop]?.setAttribute("tabindex", 0);
};
const middleOf = (number) => { const [x, y, w, h] = boxes[number]; return [x + w / 2, y + h / 2]; };
const nearest = (number, others) => {
  const [x, y] = middleOf(number), far = (other) => { const [ox, oy] = middleOf(other); return Math.hypot(ox - x, oy - y); };
  return others.filter((other) => other !== number).reduce((best, other) => (best < 0 || far(other) < far(best) ? other : best), -1);
};
// Along an edge where one leads that way, else to the next job in sight of that side.
const neighbour = (number, [dx, dy]) => {
  const [x, y] = middleOf(number);
  const ahead = (other) => { const [ox, oy] = middleOf(other); return (ox - x) * dx + (oy - y) * dy > 1; };
  const along = picture.lying ? dx : dy;
  if (along) {
    const linked = nearest(number, [...dependencies(number), ...dependents(number)].filter(ahead));
    if (linked >= 0) return linked;
  }
  const beside = (other) => { const [ox, oy] = middleOf(other); return ahead(other) && (dx ? Math.abs(oy - y) : Math.abs(ox - x)) < (dx ? 40 : 150); };
  return nearest(number, [...boxes.keys()].filter(beside));
};
const WAYS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
  const here = jobAt(event.target), way = WAYS[event.key];
  const inPanel = panel.contains(event.target);
  if (event.key === "/") { field.focus(); field.select(); }
  else if (event.key === "Escape") hide();
  else if (event.key === "0") fit();
  else if (event.key === "+" || event.key === "=") zoom(1.25, undefined, undefined, true);
  else if (event.key === "-") zoom(1 / 1.25, undefined, undefined, true);
  else if (here >= 0 && (event.key === "Enter" || event.key === " ")) show(here, {focus: true});
  else if (way && here >= 0 && !event.shiftKey) {
    const other = neighbour(here, way);
    if (other >= 0) { current(other); shapes[other].focus({preventScroll: true}); }
  } else if (way && !inPanel) pan(-80 * way[0], -80 * way[1]);
  else return;
  event.preventDefault();
});
view.addEventListener("scroll", () => { view.scrollTo(0, 0); }); // a browser scrolls what is focused into sight; the transform does that here
current(0);
follow();
