// htmx under a strict Content-Security-Policy, and what happens to answers that are not the expected part.
import htmx from "htmx.org";
import { lift } from "./above.js";
import { announce } from "./announce.js";
import { on } from "./delegate.js";

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  // What an element does stands on the element; hx-inherit="…" on a parent asks for the other way.
  disableInheritance: true,
  attributesToSettle: ["class", "width", "height"],
  defaultSwapStyle: "outerHTML",
  scrollIntoViewOnBoost: false,
  // Pages hold customers' data: they are fetched again, not kept in the browser's storage.
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    // Refusals come as a part that says what is wrong; it takes the place of what was sent.
    { code: "409|412|422", swap: true, error: false },
    { code: "[45]..", swap: false, error: true },
  ],
});

// htmx binds what it swapped in a moment after it stands on the page. Whoever is quicker would send the form as a page of its
// own, or press a button that does nothing yet: bind it first, before the event reaches it.
const bound = new WeakSet();
document.addEventListener("htmx:afterProcessNode", (event) => bound.add(event.target));
for (const type of ["submit", "click", "change"]) {
  document.addEventListener(
    type,
    (event) => {
      const element = event.target instanceof Element ? event.target.closest("[hx-get], [hx-post]") : null;
      if (element && !bound.has(element)) htmx.process(element);
    },
    true,
  );
}

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf"]')?.content;
  if (token) event.detail.headers["X-CSRFToken"] = token;
});

// The session has ended: the answer is the sign-in page, to which the browser had been sent. Ask for the whole page instead.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  const asked = new URL(event.detail.requestConfig.path, window.location.href).pathname;
  const answered = xhr.responseURL ? new URL(xhr.responseURL).pathname : asked;
  if (asked === answered || !/<html[\s>]/i.test(xhr.responseText.slice(0, 400))) return;
  event.detail.shouldSwap = false;
  window.location.reload();
});

// A refusal without a part of its own (problem+json, a bare note, or nowhere to put it) is told as a sentence.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, elt, etc } = event.detail;
  if (xhr.status < 400 || !event.detail.shouldSwap) return;
  const nowhere = (etc?.swapOverride ?? elt.getAttribute("hx-swap")) === "none";
  // A form in the dialog is refused in the dialog, wherever its success would go.
  const dialog = elt.closest("#dialog[open]");
  if (dialog && !isJson(xhr) && !note(xhr) && (nowhere || !dialog.contains(event.detail.target))) {
    event.detail.target = dialog;
    event.detail.swapOverride = "innerHTML";
    return;
  }
  if (!nowhere && !isJson(xhr) && !note(xhr)) return;
  event.detail.shouldSwap = false;
  showProblem(problemText(xhr), elt);
});

document.addEventListener("htmx:responseError", (event) => {
  const { xhr, elt } = event.detail;
  if (xhr.status === 401) window.location.reload();
  else showProblem(problemText(xhr), elt);
});

document.addEventListener("htmx:sendError", (event) => {
  showProblem("Trackline cannot be reached. Check the connection and try again; your entry is kept.", event.detail.elt);
});

document.addEventListener("htmx:timeout", (event) => {
  showProblem("No answer yet. Try again in a moment; your entry is kept.", event.detail.elt);
});

const SENTENCES = {
  403: "You may not do this. Ask an administrator for the right.",
  404: "This is no longer here. It may have been deleted, or it lies outside your accounts.",
  409: "This is not possible as things stand.",
  412: "Somebody else changed this meanwhile. Load the page again to see how it stands now.",
  413: "The file is too large.",
  422: "The entry needs a change before it can be stored.",
  429: "Too many requests at once. Wait a minute and try again.",
};

const isJson = (xhr) => (xhr.getResponseHeader("Content-Type") ?? "").includes("json");

/** The note that an answer consists of, if that is all it is. */
function note(xhr) {
  const body = new DOMParser().parseFromString(xhr.responseText, "text/html").body;
  const first = body.firstElementChild;
  return body.childElementCount === 1 && first.matches(".note[role=alert]") ? first : null;
}

function problemText(xhr) {
  if (isJson(xhr)) {
    try {
      const problem = JSON.parse(xhr.responseText);
      const first = problem.errors?.[0]?.msg;
      const text = problem.detail ?? first ?? problem.title;
      if (text) return text;
    } catch {
      // Not JSON after all: the sentence for the status is better than nothing.
    }
  }
  const told = note(xhr)?.textContent.trim().replace(/\s+/g, " ");
  if (told) return told;
  return SENTENCES[xhr.status] ?? "The server could not do this. Nothing was changed; try again, or tell your administrator.";
}

/** Shows an error where it happened: in the form's or panel's own place for it, else at the top of the page. */
export function showProblem(text, source) {
  const own = source?.closest?.("form, dialog, .panel-content")?.querySelector("[data-problem]");
  const place = own ?? document.getElementById("problem");
  if (!place) return;
  place.querySelector("[data-problem-text]").textContent = text;
  place.hidden = false;
  if (!own) lift(place);
  announce(text);
}

function clearProblem() {
  const place = document.getElementById("problem");
  if (place) place.hidden = true;
}

on("click", "[data-problem-close]", (event, button) => {
  button.closest("[data-problem], #problem").hidden = true;
});

let waiting = 0;

function wait(change) {
  waiting = Math.max(0, waiting + change);
  document.documentElement.classList.toggle("loading", waiting > 0);
}

document.addEventListener("htmx:beforeSend", (event) => {
  const { xhr, elt } = event.detail;
  wait(1);
  xhr.addEventListener("loadend", () => wait(-1));
  // What was clicked may be swapped away before its answer comes; what the answer tells would go unheard.
  xhr.addEventListener("readystatechange", () => {
    if (xhr.readyState === XMLHttpRequest.DONE && !elt.isConnected) hear(xhr);
  });
});

function hear(xhr) {
  if (xhr.status >= 400) showProblem(problemText(xhr), null);
  const told = JSON.parse(xhr.getResponseHeader("HX-Trigger") || "{}");
  for (const [name, detail] of Object.entries(told)) htmx.trigger(document.body, name, detail);
}

document.addEventListener("htmx:afterRequest", (event) => {
  if (!(event.detail.xhr?.status < 400)) return;
  clearProblem();
  const text = event.detail.elt?.dataset?.announce;
  if (text) announce(text);
});

let fetching = null;
let again = false;

/**
 * Fetches the page's content again and puts it in place, without a reload. Asked for meanwhile, it is fetched once more when the
 * first answer stands: a second request would put its answer into content that is gone by then.
 */
export function refreshMain() {
  if (fetching) {
    again = true;
    return fetching;
  }
  const fetched = htmx.ajax("GET", window.location.href, { source: document.body, target: "#main", select: "#main", swap: "outerHTML show:none" });
  fetching = fetched.finally(() => {
    fetching = null;
    if (!again) return undefined;
    again = false;
    return refreshMain();
  });
  return fetching;
}

// Nobody's entry is swapped away: a refresh that comes while a cell is edited, or about to be, waits until it is not. What
// follows single fields anyway does so at once.
const EDITED = "#main :is(.editing, .opening)";
let held = false;

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "main" || !document.querySelector(EDITED)) return;
  event.detail.shouldSwap = false;
  follow(event.detail.serverResponse);
  if (!held) whenDone();
});

function whenDone() {
  held = Boolean(document.querySelector(EDITED));
  if (held) setTimeout(whenDone, 300);
  else refreshMain();
}

function follow(text) {
  const sent = new DOMParser().parseFromString(text, "text/html");
  for (const part of document.querySelectorAll("#main [data-live][id]")) {
    const fresh = sent.getElementById(part.id);
    if (!fresh || part.querySelector(EDITED) || part.contains(document.activeElement)) continue;
    part.replaceWith(fresh);
    htmx.process(fresh);
  }
}

// The server says with `HX-Trigger: tl:changed` that more than the swapped part may differ now, and with `tl:beside` that
// a value saved in the panel may also stand in the page, in words, figures or charts.
for (const name of ["tl:changed", "tl:beside"]) {
  document.addEventListener(name, (event) => {
    const listeners = [...document.querySelectorAll("[data-on-changed]")];
    for (const element of listeners) htmx.trigger(element, "refresh", event.detail);
    if (listeners.length === 0) refreshMain();
  });
}
