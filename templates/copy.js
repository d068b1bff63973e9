/* The buttons that copy a contact's details, and the word that it is done. */
"use strict";

{
  const DONE = 1600; // milliseconds for which a button says so

  const said = document.createElement("p");
  said.className = "unseen";
  said.setAttribute("role", "status");

  /* The old way, for pages on plain http, which browsers keep from the clipboard. */
  const copyBySelecting = (text) => {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "unseen";
    document.body.append(field);
    const before = document.activeElement;
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    before?.focus();
    return done;
  };

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyBySelecting(text);
    }
  };

  /* A web address is shown without its beginning, which belongs to it; all else is what is shown. */
  const value = (button) => {
    const shown = button.parentElement.firstElementChild;
    return shown.protocol?.startsWith("http") ? shown.href : shown.textContent;
  };

  addEventListener("click", async (event) => {
    const button = event.target.closest?.("button.copy");
    if (!button) return;
    const done = await copy(value(button));
    said.textContent = "";
    said.textContent = done ? "Copied" : "This could not be copied";
    button.classList.toggle("copied", done);
    setTimeout(() => button.classList.remove("copied"), DONE);
  });

  document.body.append(said);
}
