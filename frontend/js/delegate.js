// Delegated events: one listener on the document serves every element that matches now or after a swap.

/** Calls handler(event, element) when the event happens in an element that matches the selector. */
export function on(type, selector, handler, options) {
  document.addEventListener(
    type,
    (event) => {
      const element = event.target instanceof Element ? event.target.closest(selector) : null;
      if (element) handler(event, element);
    },
    options,
  );
}

/** Whether the element takes text, so that letters typed there are not shortcuts. */
export function typing(element) {
  if (!(element instanceof HTMLElement)) return false;
  if (element.isContentEditable || element.matches("textarea, select")) return true;
  return element.matches("input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=range], [type=file])");
}

/** Elements under root that can take focus, in reading order. */
export function focusable(root) {
  const all = root.querySelectorAll("a[href], button:not(:disabled), input:not(:disabled, [type=hidden]), select:not(:disabled), textarea:not(:disabled), [tabindex='0']");
  return [...all].filter((element) => element.getClientRects().length > 0);
}
