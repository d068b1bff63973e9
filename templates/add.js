/* The button + Add contact. It fetches the drawer when someone is about to use it, so that no page is slower for having it; where
   that fails it is the link that it is without scripts. */
"use strict";

{
  const opener = document.querySelector("[data-add]");
  let fetched = null;

  const load = (address) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });

  const fetchDrawer = () => {
    if (window.contactsheet?.openDrawer) return Promise.resolve();
    fetched ??= load(opener.dataset.picture).then(() => load(opener.dataset.drawer));
    return fetched;
  };

  const open = () =>
    fetchDrawer().then(
      () => contactsheet.openDrawer(opener),
      () => location.assign(opener.href),
    );

  if (opener && window.HTMLDialogElement) {
    opener.setAttribute("role", "button");
    opener.setAttribute("aria-haspopup", "dialog");
    opener.addEventListener("pointerenter", () => fetchDrawer().catch(() => {}), { once: true });
    opener.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open();
    });
    opener.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      open();
    });
  }
}
