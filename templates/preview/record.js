/* A record's form in the preview: every field can be changed where the record shows it, and the record's own file changes in that
   place alone. What came into the file meanwhile is never written over. */
"use strict";

{
  const { page, root, make, button, icon, ask, formOf, encoded, refusalOf, told, dialog, sayNext, unmerge } = contactsheetPreview;

  const FIELDS = [
    { name: "name", label: "Name" },
    { name: "given_name", label: "Given name", half: true },
    { name: "family_name", label: "Family name", half: true },
    { name: "company", label: "Company", half: true },
    { name: "title", label: "Title", half: true },
    { name: "emails", label: "E-mail", kind: "labelled", mode: "email" },
    { name: "phones", label: "Phone", kind: "labelled", mode: "tel" },
    { name: "websites", label: "Website", kind: "labelled", mode: "url" },
    { name: "address", label: "Address", kind: "lines" },
    { name: "pronouns", label: "Pronouns", half: true },
    { name: "birthday", label: "Birthday", half: true, kind: "day" },
    { name: "type", label: "Type", half: true, hint: "lead, customer, …" },
    { name: "owner", label: "Owner", half: true, hint: "who looks after it" },
    { name: "source", label: "Source", half: true, hint: "where it came from" },
    { name: "created", label: "Contact since", half: true, kind: "day" },
    { name: "time_zone", label: "Time zone", hint: "as in Europe/London", kind: "zone" },
    { name: "tags", label: "Tags", kind: "list", hint: "separated by commas" },
    { name: "do_not_disturb", label: "Do not disturb", kind: "list", hint: "all, or channels separated by commas" },
    { name: "fields", label: "Custom fields", kind: "pairs" },
    { name: "notes", label: "Notes", kind: "lines" },
    { name: "starred", label: "Star on the conversation", kind: "flag" },
  ];
  const LABELS = Object.fromEntries(FIELDS.map((one) => [one.name, one.label]));

  const line = (text) => text.replace(/\s+/g, " ").trim();
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
  /* A value of a field in words. */
  const inWords = (value) => {
    if (typeof value === "boolean") return value ? "yes" : "no";
    if (typeof value === "string") return value || "nothing";
    const words = value.map((one) => (Array.isArray(one) ? one.join(": ") : one.value ? [one.label, one.value].filter(Boolean).join(": ") : one));
    return words.join(", ") || "nothing";
  };

  // --- Controls: each gives its element, the value of the field, and a way to put another there ----------------------

  const textControl = (element) => ({
    element,
    inputs: () => [element],
    get: () => element.value.replace(/\r\n?/g, "\n"),
    set: (value) => { element.value = value; },
  });

  const input = (attributes = {}) => make("input", { type: "text", autocomplete: "off", ...attributes });

  const dayControl = (value) => textControl(input(value === "" || /^\d{4}-\d\d-\d\d$/.test(value) ? { type: "date" } : { placeholder: "1815-12-10" }));

  const zoneControl = () => {
    const names = make("datalist", { id: "csp-zones" }, ...(Intl.supportedValuesOf?.("timeZone") ?? []).map((value) => make("option", { value })));
    const element = input({ list: "csp-zones", spellcheck: "false" });
    return { ...textControl(element), extra: [names] };
  };

  const listControl = (value) => {
    const byLine = value.some((one) => /[,\n،、]/.test(one));
    const control = textControl(byLine ? make("textarea", { rows: "3" }) : input());
    return {
      ...control,
      get: () => control.element.value.split(byLine ? "\n" : /[,\n،、]/).map(line).filter(Boolean),
      set: (values) => { control.element.value = values.join(byLine ? "\n" : ", "); },
    };
  };

  const flagControl = () => {
    const element = make("input", { type: "checkbox" });
    return { element, inputs: () => [element], get: () => element.checked, set: (value) => { element.checked = value; } };
  };

  /* Rows of two inputs; `parts` are their labels and attributes. */
  const rowsControl = (label, parts, toRow, fromRow) => {
    const rows = make("div", { class: "csp-rows" });
    const row = (values) => {
      const inputs = parts.map(([name, attributes], index) => {
        const made = input({ "aria-label": `${label}: ${name}`, placeholder: name, ...attributes });
        made.value = values[index];
        return made;
      });
      const remove = button("×", { class: "csp-x", "aria-label": `Remove this ${label.toLowerCase()}` }, () => {
        const next = made.nextElementSibling ?? made.previousElementSibling;
        made.remove();
        (next?.querySelector("input") ?? more).focus();
      });
      const made = make("div", { class: "csp-pair" }, ...inputs, remove);
      rows.append(made);
      return made;
    };
    const more = button("Add another", { class: "csp-link", "aria-label": `Add another: ${label}` }, () => row(parts.map(() => "")).querySelector("input").focus());
    const read = () => [...rows.children].map((one) => [...one.querySelectorAll("input")].map((field) => line(field.value)));
    return {
      element: rows,
      extra: [more],
      inputs: () => [...rows.querySelectorAll("input")],
      get: () => read().filter((values) => values.some(Boolean)).map(fromRow),
      set: (values) => {
        rows.replaceChildren();
        for (const value of values.length ? values : [fromRow(parts.map(() => ""))]) row(toRow(value));
      },
    };
  };

  const controlOf = (field, value) => {
    switch (field.kind) {
      case "lines": return textControl(make("textarea", { rows: field.name === "notes" ? "4" : "3" }));
      case "day": return dayControl(value);
      case "zone": return zoneControl();
      case "list": return listControl(value);
      case "flag": return flagControl();
      case "labelled": return rowsControl(field.label, [["label", {}], [field.label, { inputmode: field.mode, spellcheck: "false" }]],
        (one) => [one.label, one.value], ([label, text]) => ({ label, value: text }));
      case "pairs": return rowsControl("Custom field", [["name", {}], ["value", {}]], (pair) => pair, (pair) => pair);
      default: return textControl(input());
    }
  };

  // --- The form -----------------------------------------------------------------------------------------------------

  const editForm = (record, first) => {
    let base = record;
    let discarding = false;
    const slots = new Map(), controls = new Map();
    const general = make("ul", { class: "csp-problems", "aria-live": "polite" });

    const changesOf = () => Object.fromEntries(
      [...controls].map(([name, control]) => [name, control.get()]).filter(([name, value]) => !same(value, base.fields[name])));

    const mayClose = () => {
      if (discarding || !Object.keys(changesOf()).length) return true;
      const drop = button("Discard them", { class: "csp-button csp-danger" }, () => { discarding = true; form.close(); });
      general.replaceChildren(make("li", { class: "csp-told csp-told-warning" }, make("strong", {}, "There are changes that are not saved."), " ", drop));
      drop.focus();
      return false;
    };
    const form = dialog("drawer", ["Edit ", make("bdi", {}, record.name)], { mayClose });

    const brought = (name) => record.brought.filter((one) => one.field === name).map((one) =>
      make("p", { class: "csp-quiet csp-brought" }, "The page shows ", make("bdi", {}, one.text), ", from ", make("code", {}, one.file), " ",
        button("Edit that record", { class: "csp-link" }, () => { if (mayClose()) { form.close(); edit(one.id, name); } })));

    const fieldOf = (field) => {
      const id = `csp-field-${field.name}`;
      const notes = make("div", { class: "csp-notes", id: `${id}-notes`, "aria-live": "polite" });
      slots.set(field.name, notes);
      if (record.odd.includes(field.name)) {
        return make("div", { class: "csp-field", "data-field": field.name }, make("span", { class: "csp-label" }, field.label),
          make("p", { class: "csp-quiet" }, "It is written in a way that only the file shows: ", make("code", {}, record.file)), notes);
      }
      const control = controlOf(field, record.fields[field.name]);
      control.set(record.fields[field.name]);
      controls.set(field.name, control);
      base = { ...base, fields: { ...base.fields, [field.name]: control.get() } };
      const several = field.kind === "labelled" || field.kind === "pairs";
      control.element.id = id;
      const described = `${field.hint ? `${id}-hint ` : ""}${id}-notes`;
      if (several) for (const [key, value] of [["role", "group"], ["aria-labelledby", `${id}-label`]]) control.element.setAttribute(key, value);
      else control.element.setAttribute("aria-describedby", described);
      const label = make(several ? "span" : "label", { class: "csp-label", id: `${id}-label`, ...(several ? {} : { for: id }) }, field.label);
      const hint = field.hint ? [make("span", { class: "csp-quiet", id: `${id}-hint` }, field.hint)] : [];
      const parts = field.kind === "flag" ? [make("div", { class: "csp-check" }, control.element, label)] : [label, control.element];
      return make("div", { class: `csp-field${field.half ? " csp-half" : ""}`, "data-field": field.name },
        ...parts, ...(control.extra ?? []), ...hint, ...brought(field.name), notes);
    };

    const joins = record.joins
      ? [make("p", { class: "csp-quiet" }, "This record is part of ", make("a", { href: new URL(`contacts/${encoded(record.joins.id)}.html`, root) }, make("bdi", {}, record.joins.name)), ".")]
      : [];
    const save = make("button", { type: "submit", class: "csp-button csp-primary" }, "Save");
    const fields = make("form", { class: "csp-fields", id: "csp-edit", novalidate: true },
      make("p", { class: "csp-quiet csp-whole" }, make("code", {}, record.file)), ...joins, ...FIELDS.map(fieldOf));
    save.setAttribute("form", "csp-edit");
    form.body.append(fields);
    form.foot.append(general, save);

    // --- What the preview says of it ---

    const clear = () => {
      general.replaceChildren();
      for (const slot of slots.values()) slot.replaceChildren();
      for (const one of fields.querySelectorAll("[aria-invalid]")) one.removeAttribute("aria-invalid");
    };
    const mark = (name, place) => {
      const inputs = controls.get(name)?.inputs() ?? [];
      const labelled = FIELDS.find((one) => one.name === name)?.kind === "labelled";
      const wrong = labelled ? inputs[2 * (Number(place) || 0) + 1] : inputs[0];
      wrong?.setAttribute("aria-invalid", "true");
    };
    const show = (problems) => {
      for (const problem of problems) {
        const [top, place] = `${problem.field ?? ""}`.split(".");
        const name = top.replace(/^(email|phone|website)$/, "$1s");
        const isHere = slots.has(name) && (!problem.file || problem.file === record.file);
        const item = told(problem);
        if (isHere) slots.get(name).append(make("ul", { class: "csp-problems" }, item));
        else general.append(item);
        if (isHere && problem.severity === "error") mark(name, place);
      }
      const errors = problems.filter((one) => one.severity === "error").length;
      if (errors && !general.children.length) general.append(make("li", { class: "csp-told csp-told-error" }, make("strong", {}, `${errors === 1 ? "One thing is" : `${errors} things are`} to be mended.`)));
      fields.querySelector("[aria-invalid=true]")?.focus();
    };

    /* The file changed while it was edited: what is new there comes in, but where something else was typed. */
    const renew = (now) => {
      const mine = changesOf();
      for (const [name, control] of controls) {
        const before = base.fields[name], later = now.fields[name];
        if (same(before, later)) continue;
        if (!(name in mine)) {
          control.set(later);
          slots.get(name).append(make("p", { class: "csp-news" }, "This came into the file meanwhile."));
        } else if (!same(mine[name], later)) {
          slots.get(name).append(make("p", { class: "csp-news" }, "In the file now: ", make("bdi", {}, inWords(later)), " ",
            button("Use that", { class: "csp-link" }, (event) => { control.set(later); event.target.closest(".csp-news").remove(); control.inputs()[0].focus(); })));
        }
      }
      base = { ...now, fields: { ...base.fields, ...now.fields } };
      general.replaceChildren(make("li", { class: "csp-told csp-told-warning" }, make("strong", {}, "The file changed while you were editing; nothing was written."), " What is new is marked. Look at it, then save again."));
      fields.querySelector(".csp-news")?.scrollIntoView({ block: "center" });
    };

    const twice = (changes) => {
      const keys = (changes.fields ?? []).map(([key]) => key);
      const wrong = keys.find((key, index) => key && keys.indexOf(key) < index);
      if (keys.includes("")) return [{ field: "fields", severity: "error", message: "a value has no name", fix: "Write what it is in front of it." }];
      return wrong ? [{ field: "fields", severity: "error", message: `“${wrong}” stands there twice`, fix: "Keep one of the two." }] : [];
    };

    fields.addEventListener("submit", async (event) => {
      event.preventDefault();
      clear();
      const changes = changesOf();
      if (!Object.keys(changes).length) { form.close(); return; }
      const wrong = twice(changes);
      if (wrong.length) { show(wrong); return; }
      save.disabled = true;
      const answer = await ask(`_edit/record/${encoded(record.id)}`, formOf([["version", base.version], ["changes", JSON.stringify(changes)]]));
      save.disabled = false;
      if (answer.status === 409) renew(answer.body);
      else if (answer.status !== 200) show(refusalOf(answer));
      else {
        sayNext(`Saved in ${record.file}.`);
        location.reload(); // with the form still open, so that nothing else loads the page meanwhile
      }
    });

    const wanted = controls.get(first)?.inputs()[0];
    wanted?.focus();
    wanted?.scrollIntoView({ block: "center" });
  };

  const edit = async (id, first = "name") => {
    const answer = await ask(`_edit/record/${encoded(id)}`);
    if (answer.status === 200) { editForm(answer.body, first); return; }
    const refused = dialog("sheet", "This record cannot be edited here");
    refused.body.append(make("ul", { class: "csp-problems" }, ...refusalOf(answer).map(told)));
  };

  // --- Where it begins ----------------------------------------------------------------------------------------------

  const pencil = (host, field, id) => {
    const made = button(icon("edit"), { class: "csp-pencil", "aria-label": `Edit: ${LABELS[field]}`, title: "Edit" }, () => edit(id, field));
    host.classList.add("csp-editable");
    host.append(host.localName === "ul" ? make("li", {}, made) : made);
  };

  const main = document.querySelector("main[data-contact]");
  if (main && page.startsWith("contacts/")) {
    const id = main.dataset.contact;
    const bar = main.querySelector(".toolbar") ?? main.insertBefore(make("div", { class: "csp-row" }), main.firstChild);
    bar.querySelector(".host-edit")?.remove(); // here the record itself is at hand
    bar.append(button([icon("edit"), "Edit"], { class: "button csp-tool" }, () => edit(id)),
      button([icon("merge"), "Merge into…"], { class: "button csp-tool" }, () => contactsheetPreview.merge(id, main.querySelector("h1")?.textContent.trim() || id)));
    for (const detail of main.querySelectorAll(".detail")) {
      const field = [...detail.classList].find((one) => one.startsWith("detail-"))?.slice("detail-".length);
      if (field in LABELS) pencil(detail, field, id);
    }
    for (const [place, field] of [[".page-head .role", "title"], [".tags", "tags"], [".notice", "do_not_disturb"]]) {
      const host = main.querySelector(place);
      if (host) pencil(host, field, id);
    }
    for (const section of main.querySelectorAll("[data-merged]")) {
      section.querySelector("a.inline")?.remove(); // leads to the repository's host
      section.querySelector("h2")?.after(make("p", { class: "csp-row" },
        button([icon("undo"), "Undo merge"], { class: "button csp-tool" }, (event) => {
          event.currentTarget.disabled = true;
          unmerge(section.dataset.merged);
        }),
        button([icon("edit"), "Edit its record"], { class: "button csp-tool" }, () => edit(section.dataset.merged))));
    }
  }
  contactsheetPreview.labels = LABELS;
}
