/* The drawer of + Add contact, which add.js fetches and opens: it makes a record and its picture, checks them by the program's rules, and hands them over: to the
   repository's host, as files, or in the preview to the working tree. What is typed here goes nowhere else. */
"use strict";

{
  const NAME_LIMIT = 200; // characters
  const ID_LIMIT = 100; // characters of one part
  const ADDRESS_LIMIT = 7000; // characters of an address, which servers refuse from 8,192 on
  const SUFFIXES = { JPEG: ".jpg", PNG: ".png" };

  // --- IDs: see DESIGN, what people write ---------------------------------------------------------------------------

  const pairs = (from, to) => from.split(" ").map((letter, index) => [letter, to.split(" ")[index]]);
  const LETTERS = new Map([
    ...pairs("ß æ œ ø ł đ ð þ ı ħ ŋ ə", "ss ae oe o l d d th i h ng e"),
    ...pairs("а б в г д е ё ж з и й к л м н о п р с т у ф х ц ч ш щ ъ ы ь э ю я", "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch  y  e iu ia"),
    ...pairs("і ї є ґ ў ј љ њ ћ ђ џ ѓ ќ ѕ", "i i ie g u j lj nj c dj dz g k dz"),
    ...pairs("α β γ δ ε ζ η θ ι κ λ μ ν ξ ο π ρ σ ς τ υ φ χ ψ ω", "a v g d e z i th i k l m n x o p r s s t y f ch ps o"),
  ]);
  const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])$/i;

  /* The ID that a name suggests; empty where its letters have no common spelling in ASCII. */
  const proposeId = (name) => {
    const whole = name.normalize("NFC").toLowerCase();
    const spelt = [...whole].map((one) => LETTERS.get(one) ?? [...one.normalize("NFKD")].map((part) => LETTERS.get(part) ?? part).join(""));
    const plain = spelt.join("").replace(/\p{M}/gu, "");
    if (/[^\x00-\x7f]/.test(plain.replace(/[^\p{L}\p{N}]/gu, ""))) return "";
    const id = plain.replace(/[^a-z0-9_]+/g, "-").replace(/^[-_]+|[-_]+$/g, "").slice(0, ID_LIMIT - 10).replace(/[-_]+$/, "");
    return RESERVED.test(id) ? `${id}-contact` : id;
  };

  /* Why this is no ID, in words that follow “the ID”; empty where it is one. */
  const idFault = (id) => {
    for (const part of id.split("/")) {
      if (!part) return id ? "has an empty part" : "is empty";
      if (part.length > ID_LIMIT) return `has ${part.length} characters; ${ID_LIMIT} are allowed`;
      if (RESERVED.test(part)) return "is one that Windows reserves for a device";
      if (part.includes(".")) return "has a dot in it";
      if (!/^[A-Za-z0-9]/.test(part)) return "does not begin with an ASCII letter or digit";
      if (!/^[A-Za-z0-9_-]+$/.test(part)) return "has other signs than ASCII letters, digits, - and _";
    }
    return "";
  };

  // --- YAML ---------------------------------------------------------------------------------------------------------

  const WORDS = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i; // what some reader of YAML takes for no text
  // Of a text that needs no quotes: it begins with a letter, and has no sign that means something in YAML.
  const PLAIN = /^\p{L}[\p{L}\p{M}\p{N} ._'’()/+@&;=-]*$/u;
  const UNSEEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]|\p{Cs}/gu; // refused wherever they stand

  const cleaned = (text) => text.replace(/\r\n?|[\u2028\u2029\x85]/g, "\n").replace(UNSEEN, "").trim();
  const line = (text) => cleaned(text).replace(/\s+/g, " ");

  const scalar = (text) => (PLAIN.test(text) && !WORDS.test(text) && !text.includes(" -") ? text : JSON.stringify(text));
  const block = (text) =>
    text.includes("\n") && !/[\t\u00a0]|^ |\n +\S|\s\n/.test(text)
      ? `|-\n${text.split("\n").map((one) => (one ? `  ${one}` : "")).join("\n")}`
      : scalar(text);
  const list = (values) => (values.length === 1 ? scalar(values[0]) : `\n${values.map((one) => `  - ${scalar(one)}`).join("\n")}`);

  /* The YAML of a record: `record` has texts, lists of texts and the map `fields`, all cleaned; what is empty is left out. */
  const toYaml = (record) => {
    const lines = [];
    const put = (key, value) => lines.push(`${key}:${value.startsWith("\n") ? "" : " "}${value}`);
    for (const key of ["name", "given_name", "family_name", "company", "title", "type", "owner"]) {
      if (record[key]) put(key, scalar(record[key]));
    }
    for (const key of ["emails", "phones", "tags"]) {
      if (record[key]?.length) put(record[key].length === 1 && key !== "tags" ? key.slice(0, -1) : key, list(record[key]));
    }
    const fields = Object.entries(record.fields ?? {});
    if (fields.length) put("fields", `\n${fields.map(([key, value]) => `  ${scalar(key)}: ${scalar(value)}`).join("\n")}`);
    if (record.notes) put("notes", block(record.notes));
    return `${lines.join("\n")}\n`;
  };

  // --- Checks -------------------------------------------------------------------------------------------------------

  const isVisible = (text) => /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(text.replace(/[\u115f\u1160\u2800\u3164\uffa0\u034f\u17b4\u17b5]/g, ""));
  const isEmail = (text) =>
    /^[^\s@"(),:;<>[\\\]]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u.test(text) &&
    !/^\.|\.\.|\.@/.test(text);

  const emailProblem = (text) =>
    isEmail(text) ? null : { severity: "error", message: `“${text}” is not an e-mail address`, fix: "Write the address alone, as in ada@example.org." };

  const phoneProblem = (text, region) => {
    const fix = "Write it with the country's code, as in +44 20 7946 0958.";
    const digits = text.replace(/\s*(?:ext\.?|x|#)\s*\d{1,7}$/i, "").replace(/\D/g, "");
    if (digits.length < 3 || /[^\d\s()+./xext#-]/i.test(text)) return { severity: "error", message: `“${text}” is not a phone number`, fix };
    if (!/^\+/.test(text)) return region ? null : { severity: "warning", message: `“${text}” does not say its country`, fix };
    if (digits.length < 7 || digits.length > 15) return { severity: "error", message: `“${text}” is too short or too long for a phone number of its country`, fix };
    return null;
  };

  /* What is wrong with a record under an ID, each with the field that it stands beside. */
  const problemsOf = (record, id, region) => {
    const found = [];
    const add = (field, message, fix, severity = "error") => found.push({ field, message, fix, severity });
    if (!isVisible(record.name)) add("name", record.name ? "the name shows nothing" : "the name is missing", "Write the name by which people know the contact.");
    const count = [...record.name].length;
    if (count > NAME_LIMIT) add("name", `the name has ${count} characters; ${NAME_LIMIT} are allowed`, "Shorten the name; the rest can stand in notes.");
    const fault = idFault(id);
    if (fault) add("id", `the ID ${fault}`, "Write small letters from a to z, digits and hyphens, as in ada-lovelace.");
    for (const email of record.emails) found.push({ field: "emails", ...emailProblem(email) });
    for (const phone of record.phones) found.push({ field: "phones", ...phoneProblem(phone, region) });
    return found.filter((one) => one.message);
  };

  // --- Pieces of the page -------------------------------------------------------------------------------------------

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) element.setAttribute(name, "");
      else if (value !== false) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };
  const button = (words, attributes, act) => {
    const made = make("button", { type: "button", class: "button", ...attributes }, words);
    made.addEventListener("click", act);
    return made;
  };

  /* A text with its `code` set as such. */
  const worded = (text) => text.split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));
  const told = (problem) =>
    make("li", { class: `told told-${problem.severity}` },
      make("strong", {}, ...worded(`${problem.message[0].toUpperCase()}${problem.message.slice(1)}.`)), " ", ...worded(problem.fix ?? ""));

  /* A picture in the sizes of the pages. */
  const looksOf = (address) => [["Row", 40], ["Thread", 28], ["Panel", 128]].map(([name, px]) =>
    make("figure", {}, make("img", { class: `avatar avatar-${px}`, src: address, width: px, height: px, alt: "" }), make("figcaption", {}, name)));

  /* A place for a picture: by file dialog, by paste (see `take`) or by drop. It shows the picture as the pages will, and in the preview
     lets one choose what of it stays in view (see preview/framing.js). `note(chosen)` hears of every choice, also of one that is
     refused: {file, verdict, frame}, where frame() gives focus and fit, and nothing on a published site. */
  const pictureWell = ({ limit, label, note, hint: words, choice = "Choose a picture", shows = true }) => {
    const input = make("input", { type: "file", accept: "image/jpeg,image/png", hidden: true, "aria-label": label });
    const said = make("ul", { class: "problems", "aria-live": "polite" });
    const looks = make("div", { class: "looks", hidden: true });
    const choose = button(choice, { class: "button" }, () => input.click());
    const remove = button("Remove", { class: "button plain", hidden: true }, () => { reset(); choose.focus(); note(null); });
    const hint = make("p", { class: "quiet" }, ...(words ? [words] : ["Or drop it here, or paste it. JPG or PNG, 512 × 512 pixels recommended, at most ", make("span", { class: "limit" }, megabytes(limit)), "."]));
    const well = make("div", { class: "well" }, looks, make("div", { class: "well-text" }, make("div", { class: "row" }, choose, remove), hint), input);
    let address = "", framing = null, taken = 0;
    const reset = () => {
      if (address) URL.revokeObjectURL(address);
      framing?.element.remove();
      [address, framing] = ["", null];
      looks.hidden = remove.hidden = true;
      looks.replaceChildren();
      said.replaceChildren();
      choose.textContent = choice;
      input.value = "";
    };
    const show = (file) => {
      address = URL.createObjectURL(file);
      looks.replaceChildren(...looksOf(address));
      looks.hidden = false;
      choose.textContent = "Choose another";
      framing = window.contactsheet.framing?.(address, looks.querySelectorAll("img"));
      if (framing) well.append(framing.element);
    };
    const take = async (file) => {
      if (!file) return;
      const turn = ++taken;
      const verdict = await window.contactsheet.judgeFile(file, limit);
      if (turn !== taken) return; // another one was chosen meanwhile
      reset();
      if (verdict.format && shows) show(file);
      remove.hidden = !shows;
      const chosen = window.contactsheet.framing ? ["avatar/not-square"] : []; // what stays in view is chosen beside it then
      said.replaceChildren(...verdict.problems.filter((one) => !chosen.includes(one.rule)).map(told));
      well.classList.toggle("wrong", !verdict.format);
      note({ file, verdict, frame: () => framing?.frame() ?? {} });
    };
    input.addEventListener("change", () => take(input.files[0]));
    for (const name of ["dragenter", "dragover"]) {
      well.addEventListener(name, (event) => { event.preventDefault(); well.classList.add("over"); });
    }
    well.addEventListener("dragleave", (event) => { if (!well.contains(event.relatedTarget)) well.classList.remove("over"); });
    well.addEventListener("drop", (event) => {
      event.preventDefault();
      well.classList.remove("over");
      take(event.dataTransfer.files[0]);
    });
    return { element: make("div", { class: "well-frame" }, well, said), choose, take, reset, tell: (problems) => said.append(...problems.map(told)) };
  };

  /* The picture among what was pasted, if there is one. */
  const pasted = (event) => [...(event.clipboardData?.files ?? [])].find((file) => file.type.startsWith("image/"));

  const megabytes = (bytes) => (bytes < 1_048_576 ? `${Math.round(bytes / 1024)} kB` : `${Math.round(bytes / 104_857.6) / 10} MB`);

  /* Offers bytes as a file to keep, under its right name. */
  const download = (words, name, blob, attributes = {}) => {
    const link = make("a", { class: "button", download: name, href: URL.createObjectURL(blob), ...attributes }, words);
    return link;
  };

  /* Sends a change to the preview. Gives {status, body}; no answer at all is status 0. */
  const post = async (address, form) => {
    const token = document.querySelector('meta[name="csrf-token"]').content;
    try {
      const answer = await fetch(address, { method: "POST", body: form, headers: { "X-CSRF-Token": token } });
      return { status: answer.status, body: await answer.json().catch(() => ({})) };
    } catch {
      return { status: 0, body: {} };
    }
  };
  const inPreview = () => document.querySelector('meta[name="csrf-token"]') !== null;
  const refusalOf = (answer) =>
    answer.body.problems ?? [{
      severity: "error",
      message: answer.status ? `the preview answered ${answer.status} and wrote nothing` : "the preview does not answer",
      fix: "Look at the terminal in which it runs, reload this page, and try again.",
    }];

  // --- The drawer ---------------------------------------------------------------------------------------------------

  const FIELDS = [
    ["name", "Name", { required: true, autocomplete: "off" }],
    ["given_name", "Given name", { half: true }],
    ["family_name", "Family name", { half: true }],
    ["company", "Company", { half: true }],
    ["title", "Title", { half: true }],
    ["emails", "E-mail", { type: "email", many: true }],
    ["phones", "Phone", { type: "tel", many: true }],
    ["type", "Type", { hint: "lead, customer, …", half: true }],
    ["owner", "Owner", { hint: "who looks after it", half: true }],
    ["tags", "Tags", { hint: "separated by commas" }],
  ];

  const makeDrawer = (opener) => {
    const { maxBytes, region, host, hostName, new: newPage, upload } = opener.dataset;
    const root = new URL(".", opener.href);
    let picture = null, idIsOwn = false;

    const inputs = new Map(), slots = new Map();
    const slot = (field) => slots.get(field) ?? slots.get("");
    const field = (name, label, control, hint, half) => {
      const id = `cs-add-${name}`;
      const problems = make("ul", { class: "problems", id: `${id}-problems` });
      control.id = id;
      control.name = name;
      control.setAttribute("aria-describedby", `${hint ? `${id}-hint ` : ""}${id}-problems`);
      slots.set(name, problems);
      inputs.set(name, control);
      const words = hint ? [make("span", { class: "quiet", id: `${id}-hint` }, hint)] : [];
      return make("div", { class: `field field-${name}${half ? " half" : ""}` }, make("label", { for: id }, label), control, ...words, problems);
    };
    const several = (name, label, type) => {
      const frame = field(name, label, make("input", { type: "text", inputmode: type, autocomplete: "off", spellcheck: "false", "data-many": name }));
      const another = () => {
        const more = make("input", { type: "text", inputmode: type, autocomplete: "off", spellcheck: "false", "data-many": name, "aria-label": label, "aria-describedby": `cs-add-${name}-problems` });
        adder.before(more);
        more.focus();
      };
      const adder = button("Add another", { class: "link", "aria-label": `Add another: ${label}` }, another);
      slots.get(name).before(adder);
      return frame;
    };
    const pair = (key = "", value = "") => {
      const row = make("div", { class: "pair" },
        make("input", { type: "text", "aria-label": "Field", placeholder: "Field", "data-key": true, "aria-describedby": "cs-add-fields-problems" }),
        make("input", { type: "text", "aria-label": "Value", placeholder: "Value", "data-value": true, "aria-describedby": "cs-add-fields-problems" }));
      [row.firstChild.value, row.lastChild.value] = [key, value];
      return row;
    };

    const well = pictureWell({ limit: Number(maxBytes), label: "Picture", note: (chosen) => { picture = chosen; } });
    const rows = FIELDS.map(([name, label, options = {}]) =>
      options.many
        ? several(name, label, options.type)
        : field(name, label, make("input", { type: "text", autocomplete: "off", "aria-required": options.required ? "true" : false }), options.hint, options.half));
    const own = make("fieldset", { class: "field field-fields" }, make("legend", {}, "Custom fields"), pair());
    slots.set("fields", make("ul", { class: "problems", id: "cs-add-fields-problems" }));
    own.append(button("Add another", { class: "link", "aria-label": "Add another custom field" }, (event) => {
      event.target.before(pair());
      event.target.previousSibling.firstChild.focus();
    }), slots.get("fields"));
    const notes = field("notes", "Notes", make("textarea", { rows: "3" }));
    const idField = field("id", "ID", make("input", { type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false" }), "the name of the files and of the page's address");
    rows.splice(1, 0, idField);
    const general = make("ul", { class: "problems", "aria-live": "polite" });
    slots.set("", general);
    slots.set("picture", well.element.querySelector(".problems"));

    const drafting = window.contactsheet.drafting?.({ root, form: () => form, inputs, slots, values: (name) => valuesOf(name), isOwn: () => idIsOwn });
    const close = button("×", { class: "close", "aria-label": "Close" }, () => drawer.close());
    const submit = make("button", { type: "submit", class: "button primary" }, inPreview() ? "Save contact" : "Continue");
    const form = make("form", { novalidate: true, class: "drawer-body", method: "dialog" },
      make("section", { class: "portrait", "aria-labelledby": "cs-add-logo" }, make("h3", { id: "cs-add-logo" }, "Personal Logo"), well.element),
      ...rows, own, notes, make("div", { class: "drawer-foot" }, general, submit));
    const result = make("div", { class: "drawer-body", hidden: true });
    const drawer = make("dialog", { class: "drawer", "aria-labelledby": "cs-add-title" },
      make("div", { class: "drawer-head" }, make("h2", { id: "cs-add-title", tabindex: "-1" }, "Add contact"), close), form, result);

    const valuesOf = (name) => [...form.querySelectorAll(`[data-many="${name}"]`)].map((one) => line(one.value)).filter(Boolean);
    const ownPairs = () => [...own.querySelectorAll(".pair")].map((row) => [line(row.firstChild.value), line(row.lastChild.value)]).filter(([key, value]) => key || value);
    const read = () => {
      const record = { fields: Object.fromEntries(ownPairs()), notes: cleaned(inputs.get("notes").value), emails: valuesOf("emails"), phones: valuesOf("phones") };
      for (const name of ["name", "given_name", "family_name", "company", "title", "type", "owner"]) record[name] = line(inputs.get(name).value);
      record.tags = inputs.get("tags").value.split(/[,\n،、]/).map(line).filter(Boolean);
      return record;
    };
    const judge = (record, id) => {
      const found = problemsOf(record, id, region);
      const keys = ownPairs().map(([key]) => key);
      const twice = keys.find((key, index) => key && keys.indexOf(key) < index);
      if (keys.includes("")) found.push({ field: "fields", severity: "error", message: "a value has no name", fix: "Write what it is in front of it." });
      if (twice) found.push({ field: "fields", severity: "error", message: `“${twice}” stands there twice`, fix: "Keep one of the two." });
      if (picture && !picture.verdict.format) found.push({ field: "picture", severity: "error", message: "this picture is refused", fix: "Choose another, or remove it." });
      return found;
    };
    const show = (problems) => {
      for (const [name, problemList] of slots) if (name !== "picture") problemList.replaceChildren();
      for (const input of inputs.values()) input.removeAttribute("aria-invalid");
      for (const problem of problems) {
        const top = `${problem.field ?? ""}`.split(".")[0].replace(/^(email|phone)$/, "$1s");
        const name = /^avatar\//.test(problem.rule ?? "") ? "picture" : /^contact\/id/.test(problem.rule ?? "") ? "id" : top;
        if (name !== "picture" || problem.rule) slot(name).append(told(problem));
        if (problem.severity === "error") inputs.get(name)?.setAttribute("aria-invalid", "true");
      }
      const errors = problems.filter((one) => one.severity === "error").length;
      if (errors) general.append(make("li", { class: "told told-error" }, `${errors === 1 ? "One thing is" : `${errors} things are`} to be mended.`));
      const first = form.querySelector("[aria-invalid=true]") ?? (errors ? form.querySelector(".told-error")?.closest(".field, .portrait")?.querySelector("input, button") : null);
      first?.focus();
    };

    inputs.get("name").addEventListener("input", (event) => { if (!idIsOwn) inputs.get("id").value = proposeId(event.target.value); });
    inputs.get("id").addEventListener("input", (event) => { idIsOwn = event.target.value !== ""; });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await drafting?.settled();
      const record = read(), id = inputs.get("id").value.trim();
      const problems = judge(record, id);
      show(problems);
      if (problems.some((one) => one.severity === "error")) return;
      if (inPreview()) await save(record, id);
      else handOver(record, id);
    });

    const save = async (record, id) => {
      const sent = new FormData();
      sent.append("id", id);
      for (const [name, value] of Object.entries({ ...record, ...drafting?.more(), ...picture?.frame() })) {
        if (name === "fields") for (const [key, text] of Object.entries(value)) sent.append(`fields.${key}`, text);
        else for (const one of [value].flat()) if (one) sent.append(name, one);
      }
      if (picture) sent.append("picture", picture.file);
      submit.disabled = true;
      const answer = await post(new URL("_edit/contacts", root), sent);
      submit.disabled = false;
      if (answer.status !== 201) return show(refusalOf(answer));
      drafting?.saved(answer.body.files);
      return location.assign(new URL(answer.body.page, root));
    };

    const handOver = (record, id) => {
      const yaml = toYaml(record);
      const path = `contacts/${id}.yaml`;
      const file = picture && { path: `avatars/${id}${SUFFIXES[picture.verdict.format]}`, blob: picture.file };
      const text = make("textarea", { class: "yaml", readonly: true, rows: String(Math.min(14, yaml.split("\n").length)), "aria-label": path, spellcheck: "false" });
      text.value = yaml;
      const copied = make("span", { class: "quiet", role: "status" });
      const copy = button("Copy", {}, async () => {
        text.select();
        const done = await (navigator.clipboard?.writeText(yaml) ?? Promise.reject()).then(() => true, () => document.execCommand("copy"));
        copied.textContent = done ? "Copied" : "Press Ctrl+C";
      });
      const keep = download("Download", `${id.split("/").pop()}.yaml`, new Blob([yaml], { type: "text/yaml" }));
      const record_ = make("section", { class: "step-card" },
        make("h3", {}, "The record"), where(path), text,
        make("div", { class: "row" }, ...recordLinks(path, yaml), copy, keep, copied));
      const parts = [record_];
      if (file) {
        const save_ = download("Download under its name", file.path.split("/").pop(), file.blob);
        const folder = file.path.slice(0, file.path.lastIndexOf("/"));
        const words = ["github", "gitea"].includes(host) ? "Upload to" : "Open the folder on";
        const links = upload ? [outward(`${words} ${hostName}`, `${upload}/${encodePath(folder)}`)] : [];
        parts.push(make("section", { class: "step-card" },
          make("h3", {}, "The picture"), where(file.path),
          make("p", { class: "quiet" }, upload ? "Download it under its right name, then upload that file to the same branch as the record." : "Put it into the repository at this path, in the same commit as the record."),
          make("div", { class: "row" }, save_, ...links)));
      }
      const back = button("Back to the form", { class: "link" }, () => { turn(false); submit.focus(); });
      const again = button("Add another contact", { class: "link" }, () => { clear(); turn(false); inputs.get("name").focus(); });
      const intro = make("p", {}, hostName && host
        ? `${record.name} is ready. Nothing is saved yet: it becomes a contact when the ${file ? "two files are" : "file is"} in the repository.`
        : `${record.name} is ready. Nothing is saved yet: put the ${file ? "two files" : "file"} into the repository.`);
      result.replaceChildren(intro, ...parts, make("div", { class: "row" }, back, again));
      turn(true);
      drawer.querySelector("h2").focus();
    };

    const where = (path) => make("p", {}, make("code", {}, path));
    const encodePath = (path) => path.split("/").map(encodeURIComponent).join("/");
    const outward = (words, address) => make("a", { class: "button primary", href: address, target: "_blank", rel: "noopener noreferrer" }, words);
    const recordLinks = (path, yaml) => {
      if (!newPage) return [];
      const words = `Create it on ${hostName}`;
      if (host === "gitlab") return [outward(words, `${newPage}?file_name=${encodeURIComponent(path)}`)];
      if (host !== "github" && host !== "gitea") return [outward(`Open ${hostName}`, newPage)];
      const address = `${newPage}${host === "gitea" ? "/" : ""}?filename=${encodeURIComponent(path)}`;
      const filled = `${address}&value=${encodeURIComponent(yaml)}`;
      return [outward(words, filled.length <= ADDRESS_LIMIT ? filled : address)];
    };

    const turn = (done) => {
      form.hidden = done;
      result.hidden = !done;
      drawer.scrollTop = 0;
    };
    const clear = () => {
      form.reset();
      for (const one of form.querySelectorAll("input[data-many]:not([id]), .pair:not(:nth-of-type(1))")) one.remove();
      well.reset();
      [picture, idIsOwn] = [null, false];
      show([]);
    };

    drawer.addEventListener("paste", (event) => {
      const file = form.hidden ? null : pasted(event);
      if (!file) return;
      event.preventDefault();
      well.take(file);
    });
    // A file that is dropped beside the well would replace the page.
    drawer.addEventListener("dragover", (event) => event.preventDefault());
    drawer.addEventListener("drop", (event) => {
      if (!event.defaultPrevented && !form.hidden) well.take(event.dataTransfer.files[0]);
      event.preventDefault();
    });
    drawer.addEventListener("click", (event) => { if (event.target === drawer) drawer.close(); });
    drawer.addEventListener("close", () => opener.focus());
    document.body.append(drawer);
    return { open: () => { drawer.showModal(); if (!form.hidden) inputs.get("name").focus(); } };
  };

  let drawer = null;
  const openDrawer = (opener) => {
    drawer ??= makeDrawer(opener);
    drawer.open();
  };

  window.contactsheet = Object.assign(window.contactsheet ?? {}, {
    openDrawer, proposeId, idFault, toYaml, emailProblem, phoneProblem, pictureWell, pasted, post, inPreview, refusalOf, download, cleaned, line,
    make, button, told, looksOf,
  });
}
