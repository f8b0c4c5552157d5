// Keys, claims, the next ticket held ready. Without this file everything can be read and sent.
"use strict";

const PART = { "X-Desk-Part": "1" };
let ahead = null;
let held = null;

const find = (selector, root = document) => root.querySelector(selector);
const ticket = () => find("#ticket");
const csrf = () => document.body.dataset.csrf || "";

function send(url, fields) {
  return fetch(url, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { Accept: "application/json", "X-CSRF-Token": csrf() },
    keepalive: true,
  });
}

// ---- one ticket after another -------------------------------------------------------------

function arrive() {
  const here = ticket();
  ahead = null;
  if (!here) return;
  document.title = here.dataset.title;
  restore(here.dataset.id);
  if ("claim" in here.dataset) claim(here);
  if (here.dataset.next) hold(here.dataset.next);
}

async function claim(here) {
  held = here.dataset.id;
  const answer = await send(`/desk/tickets/${encodeURIComponent(held)}/claim`, {}).catch(() => null);
  // Somebody was quicker: the page that says so has no buttons.
  if (answer && answer.status === 409 && ticket() === here) return location.reload();
  const shown = find(".claiming", here);
  if (answer && answer.ok && shown) shown.textContent = (await answer.json()).told;
}

async function hold(url) {
  const wanted = { url, html: null };
  ahead = wanted;
  try {
    const answer = await fetch(url, { headers: { ...PART, "X-Desk-Preload": "1" } });
    if (answer.ok && !answer.redirected) wanted.html = await answer.text();
  } catch {
    ahead = null;
  }
}

function show(url, html) {
  history.pushState({}, "", url);
  find("#main").innerHTML = html;
  htmx.process(find("#main"));
  window.scrollTo(0, 0);
  find("#main").focus({ preventScroll: true });
  setInterval(watch, 5000);
if (sessionStorage.getItem("paused")) pause(true);
arrive();
}

async function judge(form, button) {
  const here = ticket();
  const ident = here.dataset.id;
  const place = location.href;
  const fields = new FormData(form, button);
  held = null;
  remember(form, ident);
  const next = ahead && ahead.html ? ahead : null;
  const sent = send(form.action, fields);
  if (next) {
    show(next.url, next.html);
    say(ident);
  }
  let why = "";
  try {
    const answer = await sent;
    const told = await answer.json();
    if (answer.ok) {
      sessionStorage.removeItem(draftOf(ident));
      countOne();
      if (!next) location.assign(told.next);
      return;
    }
    why = find("#not-saved").dataset[told.error.code] || told.error.message;
  } catch {
    why = find("#not-saved").dataset.offline;
  }
  complain(ident, place, why);
}

// ---- what was not sent yet --------------------------------------------------------------------

const draftOf = (ident) => `draft ${document.body.dataset.who} ${ident}`;
const ofSession = new Set(["csrf", "q", "assessment", "whole"]);

// Until it is saved: a session that ends, or a line that drops, loses nothing.
function remember(form, ident) {
  const told = [...new FormData(form)].filter(([name]) => !ofSession.has(name));
  sessionStorage.setItem(draftOf(ident), JSON.stringify(told));
}

function restore(ident) {
  const form = find("#verdict");
  const draft = sessionStorage.getItem(draftOf(ident));
  if (!draft || !form) return;
  const told = new URLSearchParams(JSON.parse(draft));
  for (const field of form.querySelectorAll("select, textarea, input:not([type=hidden])")) {
    const given = told.getAll(field.name);
    if (field.type === "checkbox") field.checked = given.includes(field.value);
    else if (given.length) field.value = given[0];
  }
  const corrected = (field) => field.name !== "note" && field.matches("#corrections *") && changed(field);
  find("#corrections").open = [...form.elements].some(corrected);
}

function changed(field) {
  if (field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field.tagName !== "SELECT") return field.value !== (field.defaultValue || "");
  const usual = [...field.options].findIndex((option) => option.defaultSelected);
  return field.selectedIndex !== Math.max(0, usual);
}

function countOne() {
  const shown = find("#today");
  if (!shown) return;
  if (find("#goal")) find("#goal").value += 1;
  shown.dataset.count = Number(shown.dataset.count) + 1;
  shown.textContent = shown.dataset.text.replace("%", shown.dataset.count);
}

// Says what was just judged, with the way back, as the page that the server makes does.
function say(ident) {
  const form = document.createElement("form");
  form.className = "notice good";
  form.method = "post";
  form.id = "done";
  form.action = `/desk/tickets/${encodeURIComponent(ident)}/undo`;
  const model = find("#undo-model").content.cloneNode(true);
  for (const part of model.querySelectorAll("[data-text]")) part.textContent = part.dataset.text.replace("%", ident);
  form.append(model);
  find("#main").prepend(form);
}

function complain(ident, url, why) {
  const shown = find("#not-saved").content.cloneNode(true);
  const text = find("[data-text]", shown);
  text.textContent = text.dataset.text.replace("%", ident);
  find("[data-why]", shown).textContent = why;
  find("[data-link]", shown).href = url;
  find("#notices").append(shown);
  const done = find("#done");
  if (done) done.remove();
}

// ---- keys -----------------------------------------------------------------------------------

// The usual key of an act and the one chosen for it, and the same the other way round.
const chosen = JSON.parse(document.body.dataset.keys || "{}");
const acts = Object.fromEntries(Object.entries(chosen).map(([usual, own]) => [own, usual]));

const typing = (where) => where.closest("input, textarea, select") && where.type !== "checkbox";

function step(by) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const at = rows.indexOf(document.activeElement);
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by];
  if (next) next.focus();
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  const where = event.target;
  if (event.key === "Escape" && typing(where)) return where.blur();
  if (typing(where) || find("dialog[open]")) return;
  const key = acts[event.key] ?? (event.key in chosen ? "" : event.key);
  if (key === "j") return step(1);
  if (key === "k") return step(-1);
  if (event.key === "Enter" && where === document.body) {
    const first = find("[data-row]");
    if (first) first.click();
    return;
  }
  if (key === "n" && find("#note")) {
    event.preventDefault();
    return find("#note").focus();
  }
  const target = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key);
  if (target) {
    event.preventDefault();
    target.click();
  }
}

// ---- a pause, in which no text is shown ---------------------------------------------------------

let touched = Date.now();

function pause(on) {
  document.body.classList.toggle("veiled", on);
  sessionStorage.setItem("paused", on ? "1" : "");
  const button = find("button[data-key='b']");
  if (button) button.setAttribute("aria-pressed", on);
}

function watch() {
  const minutes = Number(document.body.dataset.pause);
  if (minutes && Date.now() - touched > minutes * 60000) pause(true);
}

// ---- the workload of a day --------------------------------------------------------------------

function percent(value) {
  return `${(value * 100).toFixed(value >= 0.1 ? 0 : 1)}%`;
}

function caught(slider) {
  const told = find("#caught");
  const share = Math.min(1, slider.value / slider.dataset.day);
  const curve = JSON.parse(slider.dataset.curve);
  const at = Math.max(1, curve.findIndex((point) => share <= point[0]));
  const [before, after] = [curve[at - 1], curve[at]];
  const part = (share - before[0]) / (after[0] - before[0]);
  const [value, low, high] = [1, 2, 3].map((n) => percent(before[n] + part * (after[n] - before[n])));
  const words = { top: slider.value, most: slider.max, share: percent(share), value, low, high };
  for (const end of ["x1", "x2"]) find("#caught-at")?.setAttribute(end, share * 200);
  told.textContent = told.dataset.text.replace(/\{(\w+)\}/g, (_, name) => words[name]);
}

// ---- a signal by selecting words --------------------------------------------------------------

function offsetOf(node, at) {
  const stretch = (node.nodeType === 3 ? node.parentElement : node).closest("[data-start]");
  if (!stretch) return null;
  const before = node.nodeType === 3 ? node.data.slice(0, at) : "";
  return Number(stretch.dataset.start) + [...before].length; // code points, as the server counts
}

function selected() {
  const chosen = document.getSelection();
  const text = find("#narrative");
  if (!text || !find("#new-start") || chosen.isCollapsed || !chosen.rangeCount) return;
  const range = chosen.getRangeAt(0);
  if (!text.contains(range.commonAncestorContainer)) return;
  const start = offsetOf(range.startContainer, range.startOffset);
  const end = offsetOf(range.endContainer, range.endOffset);
  if (start === null || end === null || start >= end) return;
  find("#new-start").value = start;
  find("#new-end").value = end;
  find("#corrections").open = true;
}

// ---- beginnings -------------------------------------------------------------------------------

document.addEventListener("keydown", press);
document.addEventListener("mouseup", () => setTimeout(selected));
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-help]")) find("#help").showModal();
  if (event.target.closest("[data-print]")) window.print();
  if (event.target.closest("button[data-key='b']")) pause(!document.body.classList.contains("veiled"));
});
document.addEventListener("submit", (event) => {
  if (event.target.action.endsWith("/desk/sign-out")) sessionStorage.clear();
  // All of a day is no choice, and stands in no address.
  const slider = event.target.id === "filters" && find("#top");
  if (slider && slider.value === slider.max) slider.disabled = true;
  if (event.target.id !== "verdict") return;
  event.preventDefault();
  judge(event.target, event.submitter);
});
document.addEventListener("change", (event) => {
  if (event.target.id === "top") event.target.form.requestSubmit();
});
for (const kind of ["keydown", "mousemove", "touchstart"]) {
  document.addEventListener(kind, () => (touched = Date.now()), { passive: true, capture: true });
}
document.addEventListener("input", (event) => {
  if (event.target.id === "top") caught(event.target);
  const form = event.target.closest("#verdict");
  if (form) remember(form, ticket().dataset.id);
});
// Nobody looks: nothing need be asked.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden) event.preventDefault();
});
window.addEventListener("popstate", () => location.reload());
window.addEventListener("pagehide", () => {
  if (held) navigator.sendBeacon(`/desk/tickets/${encodeURIComponent(held)}/release`, new URLSearchParams({ csrf: csrf() }));
});
setInterval(watch, 5000);
if (sessionStorage.getItem("paused")) pause(true);
arrive();
