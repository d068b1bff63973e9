/* The contact list: finds, filters and sorts what search.js gives, draws it as the page draws its rows, and moves by keys.
   What is sought stands in the address, behind the #, so that the way back leads to it. Without it the pages work all the same. */
"use strict";

{
  const PAGE = 100; // rows that are drawn at once
  const KINDS = ["type", "owner", "tag"]; // what one filters by, as the address has it
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const { search } = window.contactsheet;
  const byId = (id) => document.getElementById(id);
  const [main, table, field, count, note, none] = ["cs-main", "cs-list", "cs-find", "cs-count", "cs-note", "cs-none"].map(byId);
  const [choices, filters, active, more] = ["cs-choices", "cs-filters", "cs-active", "cs-more"].map(byId);
  const head = table.tHead.rows[0];
  const { root } = table.dataset;
  const firstCount = count.textContent;
  const found = document.createElement("tbody");
  found.className = "found";

  // --- What is sought, and the address --------------------------------------------------------------------------------

  const EMPTY = { text: "", tags: [], type: "", owner: "", bare: false, sort: "", down: false };
  let query = EMPTY;

  const inAddress = () => {
    if (!location.hash.includes("=")) return EMPTY;
    const given = new URLSearchParams(location.hash.slice(1));
    const one = (name) => given.get(name) ?? "";
    const sort = sorts().some(([name]) => name === one("sort")) ? one("sort") : "";
    return { text: one("q"), tags: given.getAll("tag"), type: one("type"), owner: one("owner"), bare: one("picture") === "none", sort, down: one("order") === "down" };
  };

  const asAddress = ({ text, tags, type, owner, bare, sort, down }) => {
    const given = new URLSearchParams();
    if (text.trim()) given.set("q", text);
    for (const tag of tags) given.append("tag", tag);
    if (type) given.set("type", type);
    if (owner) given.set("owner", owner);
    if (bare) given.set("picture", "none");
    if (sort) given.set("sort", sort);
    if (sort && down) given.set("order", "down");
    return String(given);
  };

  /* A search is one step of the way back, however many letters it has. */
  const seek = (change, isTyped = false) => {
    const before = query;
    query = { ...query, ...change };
    const address = asAddress(query);
    if (address === asAddress(before)) return;
    const where = `${location.pathname}${location.search}${address ? `#${address}` : ""}`;
    if (isTyped && before.text.trim() && query.text.trim()) history.replaceState(null, "", where);
    else history.pushState(null, "", where);
    show(isTyped);
  };

  // --- Rows --------------------------------------------------------------------------------------------------------------

  const patterns = [...byId("cs-rows").content.querySelectorAll("tr")]; // one with initials, one with a picture

  const element = (name, className, ...inside) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...inside);
    return made;
  };
  const isolated = (text) => element("bdi", "", text);
  const quoted = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`).replaceAll("%40", "@");

  const phoneAddress = (phone) => {
    const [number, extension = ""] = phone.split(" ext. ");
    const digits = number.replace(/[^0-9]/g, "");
    return number.startsWith("+") && digits ? `tel:+${digits}${/^[0-9]+$/.test(extension) ? `;ext=${extension}` : ""}` : "";
  };

  const link = (cell, text, href) => {
    if (!cell) return;
    if (!text) return cell.replaceChildren();
    const anchor = cell.querySelector("a");
    if (!href) return cell.replaceChildren(isolated(text));
    anchor.href = href;
    anchor.replaceChildren(isolated(text));
  };

  const day = (iso) => {
    const [year, month, date] = iso.split("-").map(Number);
    return `${date} ${MONTHS[month - 1]} ${year}`;
  };

  const drawn = (row) => {
    const line = patterns[row.avatar ? 1 : 0].cloneNode(true);
    const one = (selector) => line.querySelector(selector);
    line.dataset.contact = row.id;
    one("a.name").href = `${root}contacts/${row.id}.html`;
    one("a.name").replaceChildren(isolated(row.name));
    drawFace(one(".avatar"), row);
    drawRole(one(".role"), row);
    link(one("td.email"), row.email, row.email.includes("@") && `mailto:${quoted(row.email)}`);
    link(one("td.phone"), row.phone, phoneAddress(row.phone));
    drawLabels(one(".chips"), row);
    one("td.owner bdi")?.replaceChildren(row.owner);
    drawLast(one("td.last"), row);
    for (const cell of line.querySelectorAll("td.custom")) {
      cell.querySelector("bdi").replaceChildren(row.fields[cell.dataset.field] ?? "");
      delete cell.dataset.field;
    }
    return line;
  };

  const drawFace = (face, row) => {
    if (!row.avatar) {
      face.className = face.className.replace(/tone-\d+/, `tone-${row.tone}`);
      return face.replaceChildren(isolated(row.initials));
    }
    const address = `${root}${row.avatar.includes("/") ? row.avatar : `avatars/${row.id}-${row.avatar}`}`;
    face.srcset = `${address} 1x, ${address} 2x`;
    face.src = address;
  };

  const drawRole = (role, { title, company }) => {
    if (!role) return;
    const { shows } = role.dataset;
    delete role.dataset.shows;
    const shown = [shows.includes("title") && title, shows.includes("company") && company].filter(Boolean);
    if (!shown.length) return role.remove();
    role.replaceChildren(...shown.flatMap((text, at) => (at ? [" · ", isolated(text)] : [isolated(text)])));
  };

  const drawLabels = (chips, { type, tags }) => {
    if (!chips) return;
    const [kind, tag, rest] = [".tag-type", ".tag:not(.tag-type)", ".rest"].map((selector) => chips.querySelector(selector));
    const made = (like, text) => {
      const chip = like.cloneNode();
      chip.append(isolated(text));
      return chip;
    };
    const inside = [];
    if (kind && type) inside.push(made(kind, type));
    if (tag) inside.push(...tags.slice(0, 2).map((text) => made(tag, text)));
    if (rest && tags.length > 2) {
      rest.firstChild.data = `+${tags.length - 2}`;
      inside.push(rest);
    }
    chips.replaceChildren(...inside);
  };

  const drawLast = (cell, { id, last }) => {
    if (!cell) return;
    if (!last) return cell.replaceChildren();
    cell.querySelector("a").href = `${root}inbox/${id}.html#cs-latest`;
    cell.querySelector("time").dateTime = last;
    cell.querySelector("time").textContent = day(last);
  };

  // --- Order -------------------------------------------------------------------------------------------------------------

  const { compare } = new Intl.Collator("en", { sensitivity: "base", numeric: true });
  /* What one sorts by, by its name: each heading's, and the company, which stands below the name. */
  const sorts = () => {
    const all = [...head.querySelectorAll("th[data-sort]")].map((cell) => [cell.dataset.sort, cell.textContent]);
    if (table.dataset.company) all.splice(1, 0, ["company", "Company"]);
    return all;
  };
  const isFallingFirst = (name) => name === "last_activity";

  const valueOf = (row, name) => {
    if (name === "last_activity") return row.last;
    if (name === "tags") return row.tags[0] ?? "";
    if (name.startsWith("fields.")) return row.fields[head.querySelector(`th[data-sort="${CSS.escape(name)}"]`).dataset.field] ?? "";
    return row[name] ?? "";
  };

  const inOrder = (rows) => {
    const { sort, down } = query;
    if (!sort) return rows;
    if (sort === "name") return down ? [...rows].reverse() : rows; // they come in the order of the list, which is by name
    const valued = rows.map((row) => [valueOf(row, sort), row]);
    const way = down ? -1 : 1;
    // Who has no value comes last, whichever way.
    valued.sort(([one], [other]) => (!one || !other ? !one - !other : way * compare(one, other)));
    return valued.map(([, row]) => row);
  };

  const sortBy = (name) => {
    const first = name === "name" || isFallingFirst(name);
    if (query.sort !== name) return seek({ sort: name, down: first });
    if (query.down === first) return seek({ sort: name, down: !first });
    return seek({ sort: "", down: false });
  };

  // --- Results -----------------------------------------------------------------------------------------------------------

  const figure = new Intl.NumberFormat("en").format;
  let turn = 0;
  let finding; // the search whose rows are shown
  let ordered = [];

  const show = async (isTyped) => {
    const mine = (turn += 1);
    reflect();
    if (!asAddress(query)) return restore();
    table.setAttribute("aria-busy", "true");
    if (isTyped) await new Promise((done) => setTimeout(done, 60)); // most often the next letter comes at once
    if (mine !== turn) return;
    try {
      const now = await search.find(query, PAGE);
      if (mine !== turn) return;
      finding = now;
      ordered = inOrder(finding.rows);
      found.replaceChildren();
      draw();
    } catch {
      if (mine === turn) fail();
    }
  };

  const restore = () => {
    finding = undefined;
    found.remove();
    main.classList.remove("finding");
    table.removeAttribute("aria-busy");
    count.textContent = firstCount;
    [note, none, more].forEach((one) => (one.hidden = true));
  };

  const fail = () => {
    table.removeAttribute("aria-busy");
    if (!found.isConnected) main.classList.remove("finding");
    note.hidden = false;
    note.textContent = "The search does not load. Try again, or look through the pages of the list.";
  };

  const draw = () => {
    const from = found.rows.length;
    const lines = ordered.slice(from, from + PAGE).map(drawn);
    if (!from && lines.length) lines[0].prepend(element("td", "letter"));
    found.append(...lines);
    if (found.rows.length) found.rows[0].cells[0].rowSpan = found.rows.length;
    main.classList.add("finding");
    table.append(found);
    table.removeAttribute("aria-busy");
    tell();
  };

  const tell = () => {
    const { rows, total, isDone, isLatest } = finding;
    const known = isLatest ? total : finding.count;
    const isMore = found.rows.length < rows.length || !isDone;
    count.textContent = known === null ? `${figure(rows.length)} or more of ${figure(total)}` : `${figure(known)} of ${figure(total)}`;
    none.hidden = rows.length > 0 || isMore;
    table.hidden = !none.hidden;
    more.hidden = !isMore;
    more.textContent = rows.length ? "Show more" : "Search on";
    note.hidden = !(finding.isCut || isLatest);
    note.textContent = isLatest
      ? `The ${figure(rows.length)} with the latest activity. Filter, and all that are found are sorted.`
      : `Sorted are the ${figure(rows.length)} found so far, not all. Type more, and all that are found are sorted.`;
  };

  const showMore = async () => {
    const mine = turn;
    const last = found.rows.length;
    if (found.rows.length + PAGE > finding.rows.length && !finding.isDone) {
      try {
        await finding.more(found.rows.length + PAGE);
      } catch {
        return fail();
      }
      if (mine !== turn) return;
      const shown = new Set(ordered.slice(0, last));
      ordered = [...ordered.slice(0, last), ...inOrder(finding.rows).filter((row) => !shown.has(row))];
    }
    draw();
    if (document.activeElement === more || document.activeElement === document.body) found.rows[last]?.querySelector("a.name").focus();
  };

  // --- Controls ----------------------------------------------------------------------------------------------------------

  const button = (className, act, ...inside) => {
    const made = element("button", className, ...inside);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  };

  /* The headings become buttons. They look as they did, so nothing moves. */
  for (const cell of head.querySelectorAll("th[data-sort]")) {
    const { sort } = cell.dataset;
    cell.dataset.label = cell.textContent.trim(); // what paper has instead
    cell.replaceChildren(button("sort", () => sortBy(sort), ...cell.childNodes));
  }

  const valuesOf = (kind) => (kind === "tag" ? query.tags : query[kind] ? [query[kind]] : []);

  const toggle = (kind, value) => {
    if (kind !== "tag") return seek({ [kind]: query[kind] === value ? "" : value });
    const { tags } = query;
    return seek({ tags: tags.includes(value) ? tags.filter((tag) => tag !== value) : [...tags, value] });
  };

  const reflect = () => {
    if (field.value.trim() !== query.text.trim()) field.value = query.text;
    for (const cell of head.querySelectorAll("th[data-sort]")) {
      if (cell.dataset.sort === query.sort) cell.setAttribute("aria-sort", query.down ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    }
    for (const one of filters.querySelectorAll("button[data-kind]")) one.setAttribute("aria-pressed", String(isChosen(one.dataset)));
    const removes = KINDS.flatMap((kind) => valuesOf(kind).map((value) => chosen(kind, value, () => toggle(kind, value))));
    if (query.bare) removes.push(chosen("picture", "none", () => seek({ bare: false })));
    active.replaceChildren(...removes);
    active.hidden = !removes.length;
    choices.classList.toggle("in-use", removes.length > 0);
  };

  const isChosen = ({ kind, value }) => {
    if (kind === "bare") return query.bare;
    return kind === "sort" ? query.sort === value : valuesOf(kind).includes(value);
  };

  /* What is filtered by, which a click takes back. The focus goes on to the next, or to the field. */
  const chosen = (kind, value, act) => {
    const label = element("span", "unseen", "Remove filter: ");
    const back = () => {
      act();
      (active.querySelector("button") ?? field).focus();
    };
    return button("chosen-filter", back, label, element("span", "quiet", kind), isolated(value), byId("cs-cross").content.cloneNode(true));
  };

  const FEW = 24;
  const choice = (kind, value, text, howMany) => {
    const act = { bare: () => seek({ bare: !query.bare }), sort: () => sortBy(value) }[kind] ?? (() => toggle(kind, value));
    const made = button("choice", act, isolated(text));
    if (howMany !== undefined) made.append(" ", element("span", "quiet", figure(howMany)));
    Object.assign(made.dataset, { kind, value });
    return made;
  };

  const group = (title, made) => {
    const heading = element("h2", "", title);
    heading.id = `cs-by-${title.replaceAll(" ", "-").toLowerCase()}`;
    const box = element("div", "choices", ...made.slice(0, FEW));
    if (made.length > FEW) {
      const all = button("choice", () => (all.replaceWith(...made.slice(FEW)), made[FEW].focus()), `All ${figure(made.length)}`);
      box.append(all);
    }
    const whole = element("div", "choice-group", heading, box);
    whole.setAttribute("role", "group");
    whole.setAttribute("aria-labelledby", heading.id);
    return whole;
  };

  const fill = async () => {
    if (filters.childElementCount) return;
    const facets = await search.facets();
    if (filters.childElementCount) return;
    const groups = [["type", "Type", facets.types], ["owner", "Owner", facets.owners], ["tag", "Tag", facets.tags]]
      .filter(([, , values]) => values.length)
      .map(([kind, title, values]) => group(title, values.map(([value, howMany]) => choice(kind, value, value, howMany))));
    const tags = facets.tags.length ? groups.splice(-1) : []; // which may be many, so they come last and have a line of their own
    groups.push(group("Picture", [choice("bare", "", "Without a picture", facets.bare[1])]));
    groups.push(group("Sort by", sorts().map(([name, label]) => choice("sort", name, label))));
    filters.append(...groups, ...tags);
    reflect();
  };

  const unfold = async (isOpen) => {
    if (isOpen) {
      try {
        await fill();
      } catch {
        return fail();
      }
    }
    filters.hidden = !isOpen;
    choices.setAttribute("aria-expanded", String(isOpen));
  };

  choices.addEventListener("click", () => unfold(filters.hidden));
  more.addEventListener("click", showMore);
  none.querySelector("button").addEventListener("click", () => (seek({ ...EMPTY }), field.focus()));
  field.addEventListener("input", () => seek({ text: field.value }, true));
  field.form.addEventListener("submit", (event) => event.preventDefault());

  // --- Keys --------------------------------------------------------------------------------------------------------------

  const links = () => [...table.querySelectorAll("a.name")].filter((one) => one.checkVisibility());

  const step = (by) => {
    const all = links();
    const here = all.indexOf(document.activeElement.closest?.("tr")?.querySelector("a.name"));
    const next = here < 0 ? 0 : here + by;
    if (next < all.length) return all[Math.max(0, next)]?.focus();
    const onward = [more, document.querySelector("nav.pages [rel=next]")].find((one) => one?.checkVisibility());
    return onward?.focus();
  };

  const leave = () => {
    if (!filters.hidden) {
      unfold(false);
      choices.focus();
    } else if (asAddress(query)) {
      seek({ ...EMPTY });
    }
  };

  contactsheet.keys({ j: () => step(1), k: () => step(-1), "/": () => (field.focus(), field.select()), Escape: leave });

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      if (field.value) {
        field.value = "";
        seek({ text: "" }, true);
      } else {
        field.blur();
      }
    } else if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      links()[0]?.focus();
    }
  });

  // --- Beginning ---------------------------------------------------------------------------------------------------------

  const arrive = () => {
    if (location.hash && !location.hash.includes("=")) return; // a place on the page
    const given = inAddress();
    if (asAddress(given) === asAddress(query)) return;
    query = given;
    show(false);
  };

  addEventListener("popstate", arrive);
  addEventListener("hashchange", arrive);
  arrive();
  main.classList.toggle("finding", asAddress(query) !== ""); // what is sought at once does not flash the page's own rows
  if (!asAddress(query) && field.value.trim()) seek({ text: field.value }); // typed before this script was there
}
