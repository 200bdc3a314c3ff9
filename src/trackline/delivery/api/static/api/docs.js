/* Sends what a form of the API page describes, with the session of the signed-in person, and shows the answer. */
const page = document.querySelector(".api-docs");
const shown = ["etag", "location", "ratelimit-remaining", "idempotency-replayed", "allow", "retry-after"];

page.addEventListener("submit", async (event) => {
  const form = event.target.closest(".api-try");
  if (!form) return;
  event.preventDefault();
  const { method } = form.dataset;
  let address = form.dataset.path;
  for (const input of form.querySelectorAll("[data-path-field]")) {
    address = address.replace(`{${input.dataset.pathField}}`, encodeURIComponent(input.value.trim()));
  }
  const query = form.querySelector("[data-query]")?.value.trim().replace(/^\?/, "");
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = page.dataset.csrf;
  for (const input of form.querySelectorAll("[data-header]")) {
    if (input.value.trim()) headers[input.dataset.header] = input.value.trim();
  }
  const body = form.querySelector("[data-body]")?.value;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    const start = performance.now();
    const response = await fetch(query ? `${address}?${query}` : address, { method, headers, body });
    const text = await response.text();
    show(form, `${response.status} ${response.statusText} in ${Math.round(performance.now() - start)} ms`, response, text);
  } catch (error) {
    show(form, `Not sent: ${error.message}`, null, "");
  } finally {
    button.disabled = false;
  }
});

function show(form, status, response, text) {
  const box = form.querySelector(".api-result");
  box.hidden = false;
  box.querySelector("[data-status]").textContent = status;
  const lines = shown.filter((name) => response?.headers.has(name)).map((name) => `${name}: ${response.headers.get(name)}`);
  fill(box.querySelector("[data-headers]"), lines.join("\n"));
  fill(box.querySelector("[data-answer]"), pretty(text));
}

function fill(element, text) {
  element.textContent = text;
  element.hidden = !text;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

// An address like …#update_account opens that operation.
function open() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
}
window.addEventListener("hashchange", open);
open();
