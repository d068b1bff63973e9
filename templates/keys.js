/* Shortcuts of a single key, the dialog that lists them, and the switch that turns them off (WCAG 2.2, 2.1.4).
   A page gives its own: contactsheet.keys({ j: (event) => … }). The dialog is made by the macro "shortcuts". */
"use strict";

{
  const KEY = "contactsheet-shortcuts";
  const dialog = document.getElementById("cs-keys");
  const box = document.getElementById("cs-keys-on");
  const actions = {};

  try {
    box.checked = localStorage.getItem(KEY) !== "off";
  } catch {
    // the browser keeps nothing for this page: the shortcuts are on
  }
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(KEY, box.checked ? "on" : "off");
    } catch {
      // then the choice lasts as long as the page
    }
  });

  const open = () => dialog.open || dialog.showModal();

  dialog.querySelector("button").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

  const button = document.createElement("button");
  button.type = "button";
  button.className = "skip";
  button.textContent = "Keyboard shortcuts";
  button.addEventListener("click", open);
  document.querySelector("a.skip").after(button);

  addEventListener("keydown", (event) => {
    if (!box.checked || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
    const act = event.key === "?" ? open : actions[event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  });

  window.contactsheet = Object.assign(window.contactsheet ?? {}, { keys: (more) => Object.assign(actions, more) });
}
