/* “Merge into…”: the contact that survives is chosen, then one sees field by field what stays, what is added and what loses, decides
   where there is something to decide, and the directive is written. The preview computes it with the build's own merge. */
"use strict";

{
  const { root, make, button, icon, ask, formOf, encoded, refusalOf, told, dialog, sayNext } = contactsheetPreview;

  const SHOWN = 30; // contacts in the list
  const MORE = { messages: "Conversation", avatar: "Picture" };
  const labelOf = (field) => MORE[field] ?? contactsheetPreview.labels[field] ?? field;

  // --- Choosing the survivor ----------------------------------------------------------------------------------------

  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  const face = (contact) =>
    contact.avatar
      ? make("img", { class: "csp-face", src: new URL(contact.avatar["96"], root), width: "40", height: "40", alt: "" })
      : make("span", { class: "csp-face", "aria-hidden": "true" }, [...contact.name.trim()][0] ?? "?");

  /* Who the contact may be besides, by the preview's own judgement of its name, addresses and numbers: reasons by ID. */
  const duplicatesOf = async (own) => {
    const record = await ask(`_edit/record/${encoded(own.id)}`);
    const { emails = [], phones = [] } = record.body.fields ?? {};
    const query = new URLSearchParams([["name", own.name], ...emails.map((one) => ["emails", one.value]), ...phones.map((one) => ["phones", one.value])]);
    const answer = await ask(`_edit/proposal?${query}`);
    return new Map((answer.body.duplicates ?? []).filter((one) => one.id !== own.id).map((one) => [one.id, one.reason]));
  };

  /* `contacts` and `reasons` may still be on their way: one can type at once. */
  const choose = (frame, own, contacts, reasons, next) => {
    let others = null, likely = new Map();
    const list = make("ul", { class: "csp-choices" });
    const status = make("p", { class: "csp-unseen", role: "status" });
    const item = (one) =>
      make("li", {}, button([face(one), make("span", {}, make("bdi", {}, one.name), make("span", { class: "csp-quiet" }, one.id)),
        ...(likely.has(one.id) ? [make("span", { class: "csp-kind" }, likely.get(one.id))] : [])], { class: "csp-choice", "data-into": one.id }, () => next(one.id)));
    const show = () => {
      if (!others) return;
      const focused = document.activeElement?.dataset?.into;
      const sought = fold(search.value).split(/\s+/).filter(Boolean);
      const fitting = others.filter((one) => sought.every((word) => one.text.includes(word)));
      const found = [...fitting.filter((one) => likely.has(one.id)), ...fitting.filter((one) => !likely.has(one.id))];
      list.replaceChildren(...found.slice(0, SHOWN).map(item));
      if (found.length > SHOWN) list.append(make("li", { class: "csp-quiet" }, `… and ${found.length - SHOWN} more: type more of the name.`));
      if (!found.length) list.append(make("li", { class: "csp-quiet" }, "No contact is called so."));
      if (focused) list.querySelector(`[data-into="${focused}"]`)?.focus();
      status.textContent = `${found.length} ${found.length === 1 ? "contact" : "contacts"}`;
    };
    const search = make("input", { type: "search", id: "csp-into", autocomplete: "off", spellcheck: "false", placeholder: "Name or ID" });
    search.addEventListener("input", show);
    frame.frame.addEventListener("keydown", (event) => {
      if (!["ArrowDown", "ArrowUp"].includes(event.key) || !list.isConnected) return;
      const stops = [search, ...list.querySelectorAll("button")];
      const at = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      event.preventDefault();
      stops[Math.max(0, Math.min(stops.length - 1, at))].focus();
    });
    search.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      list.querySelector("button")?.click();
    });
    frame.heading.replaceChildren("Merge ", make("bdi", {}, own.name), " into …");
    frame.foot.replaceChildren();
    frame.body.replaceChildren(
      make("p", { class: "csp-quiet" }, "Choose the contact that stays. ", make("bdi", {}, own.name), " joins it: its values and its picture are added, its file stays and gets one line."),
      make("div", { class: "csp-field" }, make("label", { for: "csp-into" }, "The contact that stays"), search), status, list);
    search.focus();
    contacts.then((all) => {
      others = all.filter((one) => one.id !== own.id).map((one) => ({ ...one, text: `${fold(one.name)} ${one.id}` }));
      show();
    });
    reasons.then((found) => {
      likely = found;
      if (found.size) show();
    });
  };

  // --- Field by field -----------------------------------------------------------------------------------------------

  /* What can be decided of a field: pairs of what the directive says (nothing, take, keep) and words for it. */
  const waysOf = (row) => {
    if (!row.joining.length) return [];
    if (row.own.length && row.joining.every((text) => row.own.includes(text))) return [];
    if (row.field === "created" && row.own.length) return [];
    if (row.single && row.own.length) return [["keep", "Keep as it is"], ["take", "Take the new one"]];
    if (row.single || ["starred", "messages"].includes(row.field)) return [["", "Add"], ["keep", "Leave out"]];
    return row.own.length ? [["", "Add to the others"], ["take", "Put first"], ["keep", "Leave out"]] : [["", "Add"], ["keep", "Leave out"]];
  };

  const textsOf = (texts, row, isNew) =>
    texts.map((text) => {
      const stays = row.result.includes(text);
      const added = isNew && stays && !row.own.includes(text);
      const sign = added ? [make("span", { class: "csp-plus" }, make("span", { "aria-hidden": "true" }, "+ "), make("span", { class: "csp-unseen" }, "added: "))] : [];
      return make("span", { class: stays ? "csp-stays" : "csp-loses" }, ...sign, ...(stays ? [] : [make("span", { class: "csp-unseen" }, "lost: ")]), make("bdi", {}, text));
    });

  const rowOf = (row, plan, names, decide) => {
    const ways = waysOf(row);
    const now = plan.take.includes(row.field) ? "take" : plan.keep.includes(row.field) ? "keep" : "";
    const label = labelOf(row.field);
    const control = ways.length
      ? [make("select", { "aria-label": `${label}: what happens`, "data-decide": row.field }, ...ways.map(([way, words]) => make("option", { value: way, selected: way === now }, words)))]
      : [make("span", { class: "csp-quiet" }, row.field === "created" ? "The earlier day stays" : row.joining.length ? "Both say the same" : "Stays")];
    if (ways.length) control[0].addEventListener("change", (event) => decide(row.field, event.target.value));
    const result = row.field === "messages" && row.own.length && row.joining.length && !plan.keep.includes("messages") ? [make("span", { class: "csp-stays" }, `${row.result[0]} together`)] : null;
    return make("tr", { "data-row": row.field },
      make("th", { scope: "row" }, label),
      make("td", { "data-label": names.own }, ...(result ?? textsOf(row.own, row, false))),
      make("td", { "data-label": names.joining }, ...(result ? row.joining.map((text) => make("span", { class: "csp-stays" }, text)) : textsOf(row.joining, row, true))),
      make("td", { class: "csp-decision" }, ...control));
  };

  const portrait = (contact, side, found, plan, decide) => {
    const file = found.picture[side];
    const isShown = Boolean(file) && file === found.picture.result;
    const hasChoice = Boolean(found.picture.joining) && found.picture.own !== found.picture.joining;
    const art = file && contact?.avatar
      ? make("img", { src: new URL(contact.avatar["512"], root), width: "128", height: "128", alt: "" })
      : make("span", { class: "csp-no-picture" }, file ? "Not shown yet" : "No picture");
    const radio = hasChoice ? [make("input", { type: "radio", name: "csp-picture", "data-decide": "avatar", checked: side === "own" ? plan.keep.includes("avatar") : !plan.keep.includes("avatar") })] : [];
    if (radio.length) radio[0].addEventListener("change", () => decide("avatar", side === "own" ? "keep" : ""));
    const words = isShown ? "carries over" : file ? "is not shown any more" : "";
    return make("label", { class: `csp-portrait${isShown ? " csp-chosen" : ""}`, "data-side": side }, art,
      make("span", { class: "csp-portrait-name" }, ...radio, make("bdi", {}, contact?.name ?? "")),
      make("span", { class: "csp-quiet" }, ...(isShown ? [icon("done")] : []), words), ...(file ? [make("code", {}, file)] : []));
  };

  const lostOf = (found) => {
    const count = found.lost.length;
    if (!count) return make("p", { class: "csp-quiet" }, "No value is lost.");
    return make("p", { class: "csp-quiet" }, `${count === 1 ? "One value loses" : `${count} values lose`}: crossed out above. The files keep them, and the page of `, make("bdi", {}, found.into.name), " lists them.");
  };

  const compare = async (frame, own, all, into, again) => {
    const contacts = await all;
    let plan = null;
    const merge = button("Merge", { class: "csp-button csp-primary" }, async () => {
      merge.disabled = true;
      const ways = [...plan.take.map((field) => ["take", field]), ...plan.keep.map((field) => ["keep", field])];
      const answer = await ask(`_edit/merge/${encoded(own.id)}`, formOf([["into", into], ...ways]));
      if (answer.status !== 200) {
        merge.disabled = false;
        problems.replaceChildren(...refusalOf(answer).map(told));
        return;
      }
      sayNext(`${own.name} is part of this contact now.`, own.id);
      location.assign(new URL(answer.body.page, root));
    });
    const problems = make("ul", { class: "csp-problems", "aria-live": "polite" });
    const table = make("div", { class: "csp-plan" });
    const decide = (field, way) => {
      plan = { take: plan.take.filter((one) => one !== field), keep: plan.keep.filter((one) => one !== field) };
      if (way) plan[way] = [...plan[way], field];
      load();
    };
    const load = async () => {
      const query = new URLSearchParams([["into", into], ...(plan ? [["decided", ""], ...plan.take.map((one) => ["take", one]), ...plan.keep.map((one) => ["keep", one])] : [])]);
      const answer = await ask(`_edit/merge/${encoded(own.id)}?${query}`);
      const found = answer.body;
      if (answer.status !== 200) {
        problems.replaceChildren(...refusalOf(answer).map(told));
        merge.disabled = true;
        return;
      }
      plan = { take: found.take, keep: found.keep };
      problems.replaceChildren(...found.problems.map(told));
      merge.disabled = !found.fields || found.problems.some((one) => one.severity === "error");
      if (found.fields) show(found);
      else table.replaceChildren();
    };
    const show = (found) => {
      const focused = document.activeElement?.dataset?.decide;
      const names = { own: found.into.name, joining: found.joining.name };
      const of = (id) => contacts.find((one) => one.id === id);
      frame.heading.replaceChildren("Merge ", make("bdi", {}, names.joining), " into ", make("bdi", {}, names.own));
      const along = found.along.length ? [make("p", { class: "csp-quiet" }, "What joined it before comes along: ", ...found.along.flatMap((one, at) => [at ? ", " : "", make("bdi", {}, one.name)]), ".")] : [];
      table.replaceChildren(
        make("fieldset", { class: "csp-portraits" }, make("legend", {}, "Picture"), portrait(of(found.into.id), "own", found, plan, decide), portrait(of(found.joining.id), "joining", found, plan, decide)),
        make("table", { class: "csp-table" },
          make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Field"), make("th", { scope: "col" }, make("bdi", {}, names.own), make("span", { class: "csp-quiet" }, " stays")), make("th", { scope: "col" }, make("bdi", {}, names.joining), make("span", { class: "csp-quiet" }, " joins")), make("th", { scope: "col" }, "What happens"))),
          make("tbody", {}, ...found.fields.map((row) => rowOf(row, plan, names, decide)))),
        lostOf(found), ...along);
      // A long value scrolls in its cell, by the keyboard too.
      for (const text of table.querySelectorAll("td > span")) if (text.scrollHeight > text.clientHeight) text.tabIndex = 0;
      if (focused) table.querySelector(`:is(select, :checked)[data-decide="${focused}"]`)?.focus();
    };
    frame.body.replaceChildren(table, problems);
    frame.foot.replaceChildren(button("Choose another", { class: "csp-button" }, again), make("span", { class: "csp-quiet csp-grow" }, "It can be undone at any time."), merge);
    frame.heading.focus();
    await load();
  };

  const merge = (id, name) => {
    const own = { id, name };
    const contacts = ask("contacts.json").then((answer) => answer.body.contacts ?? []);
    const reasons = duplicatesOf(own);
    const frame = dialog("sheet", "Merge");
    const start = () => choose(frame, own, contacts, reasons, (into) => compare(frame, own, contacts, into, start));
    start();
  };

  contactsheetPreview.merge = merge;
}
