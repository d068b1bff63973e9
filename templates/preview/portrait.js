/* The picture area of a record in the preview: replace, crop anew and remove the contact's picture, and what to commit then. The record
   shows no picture; the editor does while it is open. After a change only the area is made anew, so that nothing flashes. */
"use strict";

{
  const AREA = "cs-picture-area";
  const found = document.getElementById(AREA);
  let served = found && document.querySelector("main").cloneNode(true); // before any script made something of it
  const addressOf = (path, id) => new URL(`${path}/${contactsheetPreview.encoded(id)}`, contactsheetPreview.root);
  const HISTORY = ".past"; // the pictures that were there before, which git tells: it changes with the picture
  const without = (main) => {
    const rest = main.cloneNode(true);
    for (const part of rest.querySelectorAll(`#${AREA}, ${HISTORY}`)) part.remove();
    return rest.innerHTML.replace(/\s+/g, " ");
  };

  // --- What the page says after a change ----------------------------------------------------------------------------

  const command = (words, text) => {
    const { make } = window.contactsheet;
    const copy = make("button", { type: "button", class: "copy", title: "Copy" }, ...iconsOfCopy(), make("span", { class: "unseen" }, "Copy the command"));
    return make("p", { class: "picture-command" }, `${words} `, make("span", { class: "place" }, make("code", {}, text), " ", copy));
  };
  const iconsOfCopy = () => [...(served?.querySelectorAll(".copy .icon") ?? [])].slice(0, 2).map((icon) => icon.cloneNode(true));

  let note = null; // {said, commit, undo}: what was done on this page last

  const showNote = (place) => {
    const { make } = window.contactsheet;
    place.replaceChildren();
    if (!note) return;
    place.append(make("p", {}, make("strong", {}, note.said)));
    if (note.undo) place.append(command("To undo it:", note.undo));
    if (note.commit) place.append(command("To commit it:", note.commit));
  };

  // --- The page as it is now ----------------------------------------------------------------------------------------

  /* Makes the area and the picture's history anew where they are all of the page that changed; says whether they are. */
  const renewPart = async () => {
    const answer = served && (await fetch(location.href, { cache: "no-store" }).catch(() => null));
    if (!answer?.ok) return false;
    const now = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = now.querySelector("main");
    const fresh = now.getElementById(AREA);
    if (!main || !fresh || without(main) !== without(served)) return false;
    if (main.outerHTML === served.outerHTML) return true;
    served = main.cloneNode(true);
    note = null; // what it says is no longer so
    build(fresh);
    renewHistory(main.querySelector(HISTORY));
    return true;
  };

  const renewHistory = (fresh) => {
    const old = document.querySelector(`main ${HISTORY}`);
    if (old) old.replaceWith(...[fresh ?? []].flat());
    else if (fresh) document.querySelector("main > footer")?.before(fresh);
  };

  // --- The area -----------------------------------------------------------------------------------------------------

  let live = null; // what is to be done with the area that is there: {take, say}

  const build = (fresh) => {
    const { make, button, pictureWell } = window.contactsheet;
    const old = document.getElementById(AREA);
    const hadFocus = old.contains(document.activeElement) && document.activeElement.dataset.does;
    const adding = document.querySelector("[data-add]");
    const id = fresh.dataset.id, has = Boolean(fresh.dataset.kind);
    const said = old.querySelector(".picture-said") ?? make("div", { class: "picture-said", role: "status" });
    const well = pictureWell({
      limit: Number(adding.dataset.maxBytes),
      label: "New picture",
      choice: has ? "Replace picture" : "Add picture",
      hint: "Or drop it here, or paste it.",
      shows: false,
      note: (chosen) => { if (chosen?.verdict.format) send(chosen.file); },
    });
    const row = well.choose.parentElement;
    well.choose.dataset.does = "replace";
    if (has) {
      row.append(
        button("Adjust", { class: "button", "data-does": "adjust", "aria-haspopup": "dialog" }, () => edit(id)),
        button("Remove", { class: "button plain", "data-does": "remove" }, () => confirmRemoval(id, row)),
      );
    }
    fresh.classList.add("live");
    fresh.querySelector(".picture-new").append(well.element, said);
    for (const name of ["dragenter", "dragover"]) {
      fresh.addEventListener(name, (event) => { event.preventDefault(); fresh.classList.add("over"); });
    }
    fresh.addEventListener("dragleave", (event) => { if (!fresh.contains(event.relatedTarget)) fresh.classList.remove("over"); });
    fresh.addEventListener("drop", (event) => {
      fresh.classList.remove("over");
      if (!event.defaultPrevented) well.take(event.dataTransfer.files[0]);
      event.preventDefault();
    });

    const send = async (file) => {
      const form = new FormData();
      form.append("picture", file);
      form.append("focus", "0.5,0.5"); // what was chosen for the old one says nothing of this one
      form.append("fit", "cover");
      fresh.setAttribute("aria-busy", "true");
      const answer = await window.contactsheet.post(addressOf("_edit/avatar", id), form);
      fresh.removeAttribute("aria-busy");
      if (answer.status === 200) await done(has ? "The picture is replaced." : "The picture is added.", answer.body.commit);
      else well.tell(window.contactsheet.refusalOf(answer));
    };

    if (old !== fresh) old.replaceWith(fresh);
    live = { take: well.take, tell: well.tell, said };
    showNote(said);
    if (hadFocus) (fresh.querySelector(`[data-does="${hadFocus}"]`) ?? well.choose).focus({ preventScroll: true });
  };

  /* Says what was done, on the page as it is now. */
  const done = async (said, commit, undo = "") => {
    if (!(await renewPart())) {
      contactsheetPreview.sayNext(said);
      return location.reload();
    }
    note = { said, commit, undo };
    return showNote(live.said);
  };

  // --- Removing -----------------------------------------------------------------------------------------------------

  const stateOf = (id) => fetch(addressOf("_edit/avatar", id)).then((answer) => (answer.ok ? answer.json() : null), () => null);

  const confirmRemoval = async (id, row) => {
    const { make, button, post, refusalOf } = window.contactsheet;
    const state = await stateOf(id);
    if (!state || row.nextElementSibling?.matches(".confirm")) return;
    const leave = () => {
      question.remove();
      row.hidden = false;
      row.querySelector('[data-does="remove"]').focus();
    };
    const remove = async () => {
      const answer = await post(addressOf("_edit/picture", id).href + "/remove", new FormData());
      if (answer.status === 200) return done("The picture is removed.", answer.body.commit, state.undo);
      leave();
      return live.tell(refusalOf(answer));
    };
    const keep = button("Keep it", { class: "button plain", "data-does": "replace" }, leave);
    const words = state.undo ? "Git can bring it back as it was committed last." : "Git does not have it yet: it cannot be brought back.";
    const question = make("div", { class: "confirm", role: "group", "aria-label": "Remove the picture?" },
      make("p", {}, "Remove ", make("code", {}, state.path), `? ${words}`),
      make("div", { class: "row" }, button("Remove picture", { class: "button danger", "data-does": "replace" }, remove), keep));
    question.addEventListener("keydown", (event) => { if (event.key === "Escape") leave(); });
    row.hidden = true;
    row.after(question);
    keep.focus();
  };

  // --- What stays in view -------------------------------------------------------------------------------------------

  const edit = async (id) => {
    const { make, button, framing, looksOf, post, refusalOf, told } = window.contactsheet;
    const state = await stateOf(id);
    if (!state) return live.tell([{ severity: "error", message: "the picture cannot be read now", fix: "Look at what is wrong with its record." }]);
    const source = addressOf("_source/avatar", id);
    const looks = looksOf(source);
    const wrong = make("ul", { class: "problems", "aria-live": "polite" });
    const save = button("Save", { class: "button primary" }, async () => {
      const form = new FormData();
      for (const [name, value] of Object.entries(editor.frame())) form.append(name, value);
      save.disabled = true;
      const answer = await post(addressOf("_edit/avatar", id), form);
      save.disabled = false;
      if (answer.status !== 200) return wrong.replaceChildren(...refusalOf(answer).map(told));
      dialog.close();
      return done("What is shown of the picture is changed.", answer.body.commit);
    });
    const square = make("p", { class: "quiet", hidden: true }, "It is square: all of it is in view.");
    const ready = (width, height) => {
      square.hidden = !width || width !== height;
      save.hidden = width === height;
      if (!width) wrong.replaceChildren(told({ severity: "error", message: "this browser cannot show the picture", fix: "Replace it with another one." }));
      (save.hidden ? cancel : editor.point).focus();
    };
    const cancel = button("Cancel", { class: "button plain" }, () => dialog.close());
    const editor = framing(source, looks.map((look) => look.firstChild), { focus: state.focus, fit: state.fit, ready });
    const dialog = make("dialog", { class: "picture-editor", "aria-labelledby": "cs-editor-title" },
      make("h2", { id: "cs-editor-title" }, "What is shown of the picture"), square, editor.element,
      make("div", { class: "looks" }, ...looks), wrong, make("div", { class: "row" }, cancel, save));
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener("close", () => {
      dialog.remove();
      document.querySelector(`#${AREA} [data-does="adjust"]`)?.focus({ preventScroll: true });
    });
    document.body.append(dialog);
    return dialog.showModal();
  };

  addEventListener("DOMContentLoaded", () => {
    if (!found || !document.querySelector("[data-add]")) return;
    build(found);
    addEventListener("paste", (event) => {
      const file = document.querySelector("dialog[open]") ? null : window.contactsheet.pasted(event);
      if (!file) return;
      event.preventDefault();
      live.take(file);
    });
  });

  window.contactsheet = Object.assign(window.contactsheet ?? {}, { renewPart });
}
