// A bar shows its details while it is pointed at; a click or Enter keeps them, Escape lets go. Arrow keys go from bar to bar.
(() => {
  const detail = document.getElementById("bar-detail");
  const known = JSON.parse(document.getElementById("data")?.textContent ?? "{}").bars ?? {};
  const bars = [...document.querySelectorAll(".gantt .bar[data-key]")];
  if (!detail || !bars.length) return;
  const nothing = [...detail.childNodes];
  let chosen = null;
  const element = (name, text, kind) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };
  const show = (bar) => {
    if (!bar) { detail.replaceChildren(...nothing); return; }
    const list = element("dl");
    for (const [name, value] of known[bar.dataset.key]?.facts ?? []) {
      const item = element("div", undefined, value.length > 60 || value.includes("\n") ? "wide" : "");
      item.append(element("dt", name), element("dd", value));
      list.append(item);
    }
    detail.replaceChildren(element("h3", known[bar.dataset.key]?.title ?? bar.dataset.key), list);
  };
  const choose = (bar) => {
    chosen?.classList.remove("chosen");
    chosen = bar;
    bar?.classList.add("chosen");
    show(bar);
  };
  const reach = (bar) => {
    for (const other of bars) other.setAttribute("tabindex", "-1");
    bar.setAttribute("tabindex", "0");
  };
  bars[0].setAttribute("tabindex", "0");
  bars.forEach((bar, at) => {
    bar.setAttribute("role", "button");
    bar.setAttribute("aria-label", bar.querySelector("title").textContent);
    bar.addEventListener("mouseenter", () => show(bar));
    bar.addEventListener("mouseleave", () => show(chosen));
    bar.addEventListener("click", () => { reach(bar); choose(bar === chosen ? null : bar); });
    bar.addEventListener("focus", () => { if (bar.matches(":focus-visible")) show(bar); });
    bar.addEventListener("keydown", (event) => {
      const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
      if (step) {
        const next = bars[Math.min(Math.max(at + step, 0), bars.length - 1)];
        reach(next);
        next.focus();
      } else if (event.key === "Enter" || event.key === " ") choose(bar);
      else if (event.key === "Escape") choose(null);
      else return;
      event.preventDefault();
    });
  });
})();
