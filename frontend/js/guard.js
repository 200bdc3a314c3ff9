// form[data-guard]: what was typed is not lost by leaving the page without a word.
import { on } from "./delegate.js";

const touched = new Set();

on("input", "form[data-guard]", (event, form) => touched.add(form));
on("submit", "form[data-guard]", (event, form) => touched.delete(form));

window.addEventListener("beforeunload", (event) => {
  for (const form of touched) {
    if (!form.isConnected) touched.delete(form);
    else event.preventDefault();
  }
});
