/* What the preview adds to every page while it is served: the page follows the files, and shows what is wrong with them.
   Words from the files are set as text, never as markup. Nothing of this is part of the published site. */
"use strict";

{
  const meta = document.querySelector('meta[name="contactsheet-preview"]');
  const root = new URL(meta.dataset.root || "./", location.href);
  const KEPT = "contactsheet-preview"; // in sessionStorage: where the reader was before a reload
  const STAYED = 3000; // milliseconds after which a page that was about to be left is still there

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  // --- Where the reader is, before a reload and after it ------------------------------------------------------------

  /* A selector that finds the element again in a page of the same shape. */
  const pathTo = (element) => {
    if (element.id) return `#${CSS.escape(element.id)}`;
    const contact = element.dataset.contact && `${element.localName}[data-contact="${CSS.escape(element.dataset.contact)}"]`;
    if (contact && document.querySelector(contact) === element) return contact; // also where rows come or go above it
    const parent = element.parentElement;
    if (!parent) return element.localName;
    const twins = [...parent.children].filter((one) => one.localName === element.localName);
    return `${pathTo(parent)} > ${element.localName}:nth-of-type(${twins.indexOf(element) + 1})`;
  };

  /* What the reader looks at, and how far from the window's top: what has the focus, or stands in the middle. */
  const lookedAt = (focused) => {
    const isInView = (element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    };
    const middle = () => document.elementFromPoint(innerWidth / 2, innerHeight / 2) ?? document.body;
    const element = focused && focused !== document.body && isInView(focused) ? focused : middle();
    return [pathTo(element), element.getBoundingClientRect().top];
  };

  const keepPlace = () => {
    if (!isPlaced && sessionStorage.getItem(KEPT)) return; // this page was left before the reader's place was found
    const focused = document.activeElement;
    const typed = focused?.matches?.("input:not([type=file]), textarea") ? focused.value : null;
    const scrolled = [...document.querySelectorAll("body *")].filter((one) => one.scrollTop || one.scrollLeft);
    const place = {
      address: location.href,
      looked: lookedAt(focused),
      scrolled: scrolled.map((one) => [pathTo(one), one.scrollLeft, one.scrollTop]),
      focused: focused && focused !== document.body ? pathTo(focused) : "",
      typed,
    };
    sessionStorage.setItem(KEPT, JSON.stringify(place));
    history.scrollRestoration = "manual";
    isKept = true;
  };

  let isPlaced = false;
  let isKept = false;

  const takePlace = () => {
    isPlaced = true;
    const place = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    sessionStorage.removeItem(KEPT);
    if (place?.address !== location.href) return;
    const focused = place.focused && document.querySelector(place.focused);
    if (focused && place.typed !== null && focused.value !== place.typed) {
      focused.value = place.typed;
      focused.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (focused) focused.focus({ preventScroll: true });
    for (const [path, left, top] of place.scrolled) document.querySelector(path)?.scrollTo(left, top);
    const [path, top] = place.looked;
    const looked = document.querySelector(path);
    if (looked) scrollBy({ top: looked.getBoundingClientRect().top - top, behavior: "instant" });
  };
  // Whoever comes back later is led to the place by the browser, but not after a reload: it counts in pixels alone.
  addEventListener("pagehide", () => { if (!isKept) history.scrollRestoration = "auto"; });

  // --- Reloading, and what goes without -----------------------------------------------------------------------------

  let leaving = false;
  addEventListener("pagehide", () => { leaving = true; });
  addEventListener("beforeunload", () => {
    leaving = true;
    setTimeout(() => { leaving = false; }, STAYED); // it was a link to a program, as mailto: is
  });

  const reloadNow = async () => {
    if (!leaving && (await window.contactsheet?.renewPart?.())) return;
    if (leaving) { // a save leads to another page already; if it does not, this one is due
      setTimeout(reloadNow, STAYED);
      return;
    }
    keepPlace();
    location.reload();
  };

  /* An open drawer holds what is being typed, so the page waits for it. */
  let waiting = null;
  const reload = () => {
    const drawer = document.querySelector("dialog[open]");
    if (!drawer) return reloadNow();
    if (waiting) return undefined;
    waiting = make("p", { class: "csp-note", role: "status" }, "The site changed; it is loaded when you close this.");
    drawer.prepend(waiting);
    drawer.addEventListener("close", () => {
      waiting.remove();
      waiting = null;
      setTimeout(reloadNow);
    }, { once: true });
    return undefined;
  };

  /* Takes the names of style sheets and pictures from the page as it is now; all else of it is the same. */
  const swap = async () => {
    const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
    if (!answer?.ok) return reload();
    const now = new DOMParser().parseFromString(await answer.text(), "text/html");
    swapStyles(now);
    swapPictures(now);
    return undefined;
  };

  const stylesOf = (page) => [...page.querySelectorAll('link[rel="stylesheet"]')];

  const swapStyles = (now) => {
    stylesOf(document).forEach((old, index) => {
      const address = stylesOf(now)[index]?.getAttribute("href");
      if (!address || address === old.getAttribute("href")) return;
      const fresh = make("link", { rel: "stylesheet", href: address });
      fresh.addEventListener("load", () => old.remove());
      old.after(fresh);
    });
  };

  const HASH = /\.[0-9a-f]{12}(?=\.webp)/g;

  const swapPictures = (now) => {
    const fresh = new Map();
    for (const image of now.images) {
      for (const name of ["src", "srcset"]) {
        const value = image.getAttribute(name);
        if (value) fresh.set(value.replace(HASH, ""), value);
      }
    }
    for (const image of document.images) {
      for (const name of ["srcset", "src"]) {
        const value = image.getAttribute(name);
        const other = value && fresh.get(value.replace(HASH, ""));
        if (other && other !== value) image.setAttribute(name, other);
      }
    }
  };

  // --- What is wrong ------------------------------------------------------------------------------------------------

  const ICON = { error: "✕", warning: "!", notice: "i" };
  let shown = "";
  let panel = null;
  let badge = null;
  let before = null; // what had the focus

  const told = (problem) => {
    const place = problem.file ? [make("code", { class: "csp-place" }, problem.file + (problem.line ? `:${problem.line}:${problem.column}` : ""))] : [];
    const line = problem.source ? [make("pre", { class: "csp-source" }, make("span", { "aria-hidden": "true" }, `${problem.line} | `), problem.source)] : [];
    const rule = problem.rule ? [" ", make("code", { class: "csp-rule" }, problem.rule)] : [];
    const fix = problem.fix ? [make("p", { class: "csp-fix" }, problem.fix)] : [];
    return make("li", { class: `csp-problem csp-${problem.severity}` },
      make("p", {}, make("span", { class: "csp-icon", "aria-hidden": "true" }, ICON[problem.severity] ?? ""), make("span", { class: "csp-unseen" }, `${problem.severity}: `), ...place),
      make("p", { class: "csp-message" }, problem.message, ...rule), ...line, ...fix);
  };

  const counted = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

  const showPanel = (report, errors) => {
    hidePanel();
    const title = errors ? `${counted(errors, "error")} in the files` : counted(report.problems.length + report.more, "warning");
    const close = make("button", { type: "button", class: "csp-close" }, errors ? "Hide" : "Close");
    const more = report.more ? [make("p", {}, `… and ${report.more} more.`)] : [];
    const words = errors ? [make("p", { class: "csp-words" }, "This is the last page that could be built. It is built again as soon as a file is saved.")] : [];
    panel = make("section", { class: "csp-panel", role: errors ? "alertdialog" : "dialog", "aria-labelledby": "csp-title", tabindex: "-1" },
      make("div", { class: "csp-head" }, make("h2", { id: "csp-title" }, title), close), ...words,
      make("ul", {}, ...report.problems.map(told)), ...more);
    close.addEventListener("click", hidePanel);
    document.body.append(panel);
    // Who is typing is not to lose the place; the count is announced all the same.
    if (!document.querySelector("dialog[open]") && !document.activeElement?.matches("input, textarea, select")) {
      before = document.activeElement;
      panel.focus({ preventScroll: true });
    }
  };

  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) hidePanel();
  });

  const hidePanel = () => {
    if (!panel) return;
    const hadFocus = panel.contains(document.activeElement);
    panel.remove();
    panel = null;
    if (hadFocus) (before?.isConnected ? before : badge)?.focus({ preventScroll: true });
  };

  const showBadge = (report, errors) => {
    const words = errors ? counted(errors, "error") : counted(report.problems.length + report.more, "warning");
    const now = make("button", { type: "button", class: `csp-badge csp-${errors ? "error" : "warning"}` }, words);
    now.addEventListener("click", () => (panel ? hidePanel() : showPanel(report, errors)));
    badge?.remove();
    badge = now;
    document.body.append(make("div", { role: "status", class: "csp-status" }, badge));
  };

  const showProblems = (text) => {
    if (text === shown) return;
    shown = text;
    const report = JSON.parse(text);
    const errors = report.problems.filter((one) => one.severity === "error").length;
    hidePanel();
    document.querySelector(".csp-status")?.remove();
    badge = null;
    if (report.problems.length) showBadge(report, errors);
    if (errors) showPanel(report, errors);
  };

  // --- The stream ---------------------------------------------------------------------------------------------------

  let since = `0:${meta.content}`;
  let stream = null;

  const listen = () => {
    const address = new URL("_events", root);
    address.search = new URLSearchParams({ page: meta.dataset.page, since });
    stream = new EventSource(address);
    const on = (kind, act) => stream.addEventListener(kind, (event) => {
      since = event.lastEventId;
      act(event.data);
    });
    on("problems", showProblems);
    on("swap", swap);
    on("reload", reload);
    on("built", () => dispatchEvent(new Event("contactsheet-built")));
    // The browser comes back by itself when the preview was away, but not when it was refused.
    stream.addEventListener("error", () => {
      if (stream?.readyState === EventSource.CLOSED) setTimeout(() => { rest(); attend(); }, 5000);
    });
  };
  const rest = () => {
    stream?.close();
    stream = null;
  };

  // A browser keeps few connections to a server: a page that nobody sees lets its own go.
  const attend = () => {
    if (document.hidden) rest();
    else if (!stream) listen();
  };
  document.addEventListener("visibilitychange", attend);
  addEventListener("pageshow", (event) => { if (event.persisted) { leaving = false; attend(); } });
  addEventListener("pagehide", rest);
  addEventListener("load", takePlace);
  attend();
}
