/* The inbox: shortcuts, the search, and a list that stays where the reader left it. Without it the pages work all the same. */
"use strict";

{
  const pane = document.getElementById("cs-conversations");
  const entries = document.getElementById("cs-entries");
  const seek = document.getElementById("cs-seek");
  const status = document.getElementById("cs-found-count");
  const found = document.getElementById("cs-found");
  const back = document.getElementById("cs-back");
  const isShown = (element) => element.checkVisibility();

  // --- Where one was -------------------------------------------------------------------------------------------------

  const WHERE = "contactsheet-inbox";
  const site = new URL(".", document.querySelector(".brand").href).href;
  const list = pane.dataset.list;

  const recall = () => {
    try {
      return JSON.parse(sessionStorage.getItem(WHERE)) ?? {};
    } catch {
      return {}; // nothing is kept, or not by this program
    }
  };

  const keep = () => {
    try {
      const from = back ? recall().from : location.href.replace(/#.*/, "");
      sessionStorage.setItem(WHERE, JSON.stringify({ list, top: pane.scrollTop, from }));
    } catch {
      // then the list begins where the page says
    }
  };

  /* Scrolls the list, and nothing else, to where it was, or so that the open conversation is in its middle. */
  const settle = () => {
    const open = pane.querySelector(".conversation:has([aria-current])");
    const { list: last, top } = recall();
    if (last === list && Number.isFinite(top)) pane.scrollTop = top;
    if (!open) return;
    const before = open.previousElementSibling; // it is sticky itself, so its own place says nothing
    const at = (before ?? open.parentElement).getBoundingClientRect()[before ? "bottom" : "top"];
    const head = pane.querySelector(".pane-head").getBoundingClientRect().bottom;
    const room = pane.getBoundingClientRect().bottom - head - open.offsetHeight;
    if (at < head || at > head + room) pane.scrollTop += at - head - room / 2;
  };

  settle();
  addEventListener("pagehide", keep);
  const { from } = recall();
  if (back && typeof from === "string" && from.startsWith(site)) back.href = from;

  // --- Search --------------------------------------------------------------------------------------------------------

  const MOST = 50; // conversations of other pages that are shown at once
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const PAUSE = 120; // milliseconds without a key before the index is asked
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  let texts; // what each entry says, once one searches
  let round = 0;

  const search = () => {
    const text = seek.value.trim();
    const count = filter(plain(text).split(/\s+/u).filter(Boolean));
    pane.classList.toggle("seeking", text !== "");
    found.replaceChildren();
    found.hidden = true;
    round += 1;
    // The page has all conversations, or else the index knows of the others, though not what was written in them.
    if (text && pane.dataset.search) setTimeout(lookUp, PAUSE, text, count, round);
    else tell(text !== "", count);
  };

  const said = (entry) => [...entry.querySelectorAll(".name, .preview, .channel")].map((one) => one.textContent).join("\n");

  const filter = (words) => {
    texts ??= [...entries.querySelectorAll(".conversation")].map((entry) => [entry, plain(said(entry))]);
    for (const [entry, text] of texts) entry.hidden = !words.every((word) => text.includes(word));
    return texts.filter(([entry]) => !entry.hidden).length;
  };

  const lookUp = async (text, count, asked) => {
    if (asked !== round) return;
    const here = new Set(texts.map(([entry]) => entry.dataset.contact));
    let rows = [];
    try {
      await loadSearch();
      const query = { text, tags: [], type: "", owner: "", bare: false, sort: "", down: false };
      const all = (await contactsheet.search.find(query, MOST)).rows;
      rows = all.filter((row) => row.last && !here.has(row.id)).slice(0, MOST);
    } catch (error) {
      console.error(error);
    }
    if (asked !== round) return;
    found.replaceChildren(...rows.map(entryOf));
    found.hidden = !rows.length;
    tell(true, count + rows.length);
  };

  let loaded;

  const loadSearch = () => {
    loaded ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.addEventListener("load", resolve);
      script.addEventListener("error", () => reject(new Error("the search does not load")));
      script.src = pane.dataset.search;
      script.dataset.root = pane.dataset.root;
      document.head.append(script);
    });
    return loaded;
  };

  const make = (tag, className, ...content) => {
    const element = document.createElement(tag);
    element.className = className;
    element.append(...content);
    return element;
  };

  /* A conversation of another page, as the macro "conversation" draws one, with what the index knows. */
  const entryOf = (row) => {
    const link = make("a", "", faceOf(row), make("span", "name clip", make("bdi", "", row.name)));
    link.href = `${pane.dataset.root}inbox/${row.id}.html#cs-latest`;
    const [year, month, day] = row.last.split("-").map(Number);
    const time = make("time", "", `${day} ${MONTHS[month - 1]} ${year}`);
    time.dateTime = row.last;
    link.append(make("span", "when", time), make("span", "preview", make("bdi", "clip", [row.title, row.company].filter(Boolean).join(" · "))));
    const item = make("li", "conversation", link);
    item.dataset.contact = row.id;
    return item;
  };

  const faceOf = (row) => {
    if (!row.avatar) {
      const initials = make("span", `avatar avatar-40 tone-${row.tone}`, make("bdi", "", row.initials));
      initials.setAttribute("aria-hidden", "true");
      return initials;
    }
    const image = make("img", "avatar avatar-40");
    Object.assign(image, { alt: "", width: 40, height: 40, src: `${pane.dataset.root}avatars/${row.id}-${row.avatar}` });
    return image;
  };

  const tell = (seeking, count) => {
    const none = seeking && !count;
    status.textContent = !seeking ? "" : none ? "No conversation found" : count === 1 ? "1 conversation" : `${count} conversations`;
    status.className = none ? "none" : "unseen";
  };

  // --- Keys ----------------------------------------------------------------------------------------------------------

  const links = () => [...pane.querySelectorAll(".conversation a")].filter(isShown);

  const move = (by) => {
    const all = links();
    const here = all.findIndex((link) => link === document.activeElement);
    const open = all.findIndex((link) => link.hasAttribute("aria-current"));
    const next = here < 0 && open < 0 ? (by > 0 ? 0 : -1) : (here < 0 ? open : here) + by;
    all[Math.min(next, all.length - 1)]?.focus();
  };

  /* Where the list is not beside the conversation, the next one opens at once. */
  const go = (by) => {
    const open = pane.querySelector("[aria-current=page]")?.closest("li");
    const next = by > 0 ? open?.nextElementSibling : open?.previousElementSibling;
    if (next) location.href = next.querySelector("a").href;
  };

  const step = (by) => (isShown(pane) ? move(by) : go(by));

  contactsheet.keys({
    j: () => step(1),
    k: () => step(-1),
    "/": () => seek.focus(),
  });

  seek.addEventListener("input", search);
  seek.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      seek.value = "";
      search();
      seek.blur();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      links()[0]?.focus();
    } else if (event.key === "Enter" && !event.isComposing && seek.value.trim()) {
      links()[0]?.click();
    }
  });
  if (seek.value) search(); // the browser put back what was sought
}
