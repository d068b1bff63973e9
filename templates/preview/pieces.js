/* What the preview's own dialogs are made of: elements, requests, a frame, and a word that outlives the page.
   Words from the files are set as text, never as markup. */
"use strict";

{
  const KEPT = "contactsheet-preview-word"; // in sessionStorage: what is to be said on the next page
  const WORD_SECONDS = 12;

  const meta = document.querySelector('meta[name="contactsheet-preview"]');
  const root = new URL(meta.dataset.root || "./", location.href);

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) element.setAttribute(name, "");
      else if (value !== false && value != null) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };

  const button = (words, attributes, act) => {
    const made = make("button", { type: "button", class: "csp-button", ...attributes }, ...[words].flat());
    made.addEventListener("click", act);
    return made;
  };

  const SHAPES = {
    edit: "M3 13l.7-2.9 7-7a1.2 1.2 0 0 1 1.7 0l.5.5a1.2 1.2 0 0 1 0 1.7l-7 7zM9.6 4.2l2.2 2.2",
    merge: "M4 2.5v3.2C4 8 8 8 8 10.3v3.2M12 2.5v3.2C12 8 8 8 8 10.3M6 11.7l2 1.9 2-1.9",
    undo: "M5.5 3.5L2.5 6.5l3 3M2.8 6.5h6.4a4 4 0 0 1 0 8H6.5",
    changes: "M8 2.5v6M5 5.5h6M5 12.5h6",
    done: "M3 8.5l3.2 3.2L13 4.8",
    forth: "M3 8h9.5M9 4.5L12.5 8 9 11.5",
  };
  const icon = (name) => {
    const space = "http://www.w3.org/2000/svg";
    const drawing = document.createElementNS(space, "svg");
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", SHAPES[name]);
    for (const [key, value] of Object.entries({ class: "csp-drawing", viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" })) {
      drawing.setAttribute(key, value);
    }
    drawing.append(path);
    return drawing;
  };

  // --- Requests -----------------------------------------------------------------------------------------------------

  const encoded = (path) => (path.toWellFormed?.() ?? path).split("/").map(encodeURIComponent).join("/");

  /* The preview's answer: {status, body}, the body {} where it is no JSON. No answer at all is status 0. */
  const ask = async (address, form) => {
    const headers = form ? { "X-CSRF-Token": document.querySelector('meta[name="csrf-token"]').content } : {};
    try {
      const answer = await fetch(new URL(address, root), { method: form ? "POST" : "GET", body: form, headers, cache: "no-store" });
      return { status: answer.status, body: await answer.json().catch(() => ({})) };
    } catch {
      return { status: 0, body: {} };
    }
  };

  const formOf = (fields) => {
    const form = new FormData();
    for (const [name, value] of fields) form.append(name, value);
    return form;
  };

  /* The problems of an answer that is a refusal. */
  const refusalOf = (answer) =>
    answer.body.problems ?? [{
      severity: "error",
      message: answer.status ? `the preview answered ${answer.status} and wrote nothing` : "the preview does not answer",
      fix: answer.status === 403 ? "Reload this page and try again." : "Look at the terminal in which it runs, and try again.",
    }];

  /* A problem, with its `code` set as such. */
  const worded = (text) => text.split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));
  const told = (problem) =>
    make("li", { class: `csp-told csp-told-${problem.severity}` },
      make("strong", {}, ...worded(`${problem.message.charAt(0).toUpperCase()}${problem.message.slice(1).replace(/\.$/, "")}.`)), " ", ...worded(problem.fix ?? ""));

  // --- The frame ----------------------------------------------------------------------------------------------------

  let count = 0;

  /* A dialog with a title, opened at once and gone when it is closed. `kind` is drawer or sheet; `mayClose()` may keep it open. */
  const dialog = (kind, title, { mayClose = () => true, onClose = () => {} } = {}) => {
    count += 1;
    const id = `csp-dialog-${count}`;
    const close = () => { if (mayClose()) frame.close(); };
    const heading = make("h2", { id, tabindex: "-1" }, ...[title].flat());
    const body = make("div", { class: "csp-body" });
    const foot = make("div", { class: "csp-foot" });
    const frame = make("dialog", { class: `csp-dialog csp-${kind}`, "aria-labelledby": id },
      make("div", { class: "csp-top" }, heading, button("×", { class: "csp-x", "aria-label": "Close" }, close)), body, foot);
    frame.addEventListener("cancel", (event) => { event.preventDefault(); close(); });
    frame.addEventListener("close", () => { onClose(); frame.remove(); });
    document.body.append(frame);
    frame.showModal();
    heading.focus();
    return { frame, heading, body, foot, close: () => frame.close() };
  };

  // --- A word that outlives the page ----------------------------------------------------------------------------------

  /* Says something on the page that comes next; with the ID `undo`, offers to take the merge of that record back. */
  const sayNext = (words, undo = "") => sessionStorage.setItem(KEPT, JSON.stringify({ words, undo }));

  const say = (words, ...actions) => {
    document.querySelector(".csp-word")?.remove();
    const word = make("div", { class: "csp-word", role: "status" }, make("span", {}, words), ...actions,
      button("×", { class: "csp-x", "aria-label": "Dismiss" }, () => word.remove()));
    document.body.append(word);
    const fade = () => setTimeout(() => (word.matches(":hover, :focus-within") ? fade() : word.remove()), WORD_SECONDS * 1000);
    fade();
    return word;
  };

  const unmerge = async (id) => {
    const answer = await ask(`_edit/unmerge/${encoded(id)}`, new FormData());
    if (answer.status !== 200) return say(`It could not be undone. ${refusalOf(answer).map((one) => `${one.message}.`).join(" ")}`);
    sayNext("The merge is undone: both are contacts again.");
    return location.reload();
  };

  addEventListener("load", () => {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    if (!kept || document.querySelector('meta[http-equiv="refresh"]')) return; // this page leads to the one that is meant
    sessionStorage.removeItem(KEPT);
    say(kept.words, ...(kept.undo ? [button([icon("undo"), "Undo"], {}, () => unmerge(kept.undo))] : []));
  });

  window.contactsheetPreview = { root, page: meta.dataset.page, make, button, icon, ask, formOf, encoded, refusalOf, told, dialog, say, sayNext, unmerge };
}
