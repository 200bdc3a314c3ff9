// Filters apply as one types or chooses: form[data-auto] sends itself. Empty filters stay out of the address.
import { on } from "./delegate.js";

const WAIT_MS = 220;
const timers = new WeakMap();

function send(form, wait) {
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => form.isConnected && form.requestSubmit(), wait));
}

on("input", "form[data-auto] input[type=search], form[data-auto] input[type=text], form[data-auto] input[type=number]", (event, field) => {
  if (!event.isComposing && !field.matches("[role=combobox]")) send(field.form, WAIT_MS);
});

on("change", "form[data-auto]", (event, form) => {
  if (!event.target.matches("input[type=search], input[type=text]")) send(form, 0);
});

document.addEventListener("htmx:configRequest", (event) => {
  const { elt, parameters, verb } = event.detail;
  if (verb !== "get" || !elt.matches("form[data-auto]")) return;
  for (const name of new Set(Object.keys(parameters))) {
    const values = [].concat(parameters[name]);
    if (values.every((value) => value === "")) delete parameters[name];
  }
});

// The same for forms that travel without htmx.
document.addEventListener("formdata", (event) => {
  if (!(event.target instanceof HTMLFormElement) || event.target.method !== "get") return;
  // htmx sends these by another way than their method says; there an empty entry means "take it off".
  if (event.target.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]")) return;
  const data = event.formData;
  for (const name of new Set(data.keys())) {
    // Several values may share a name (a list and its own empty entry): only the empty ones go.
    const kept = data.getAll(name).filter((value) => value !== "");
    data.delete(name);
    for (const value of kept) data.append(name, value);
  }
});
