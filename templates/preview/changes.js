/* What is not committed yet: a button with the count, and the list behind it, contact by contact, with the pictures before and
   after. It can make the commit, and never pushes. */
"use strict";

{
  const { root, make, button, icon, ask, formOf, encoded, refusalOf, dialog } = contactsheetPreview;

  const KINDS = { new: "new", changed: "changed", removed: "removed", conflict: "in conflict" };

  // --- The button ---------------------------------------------------------------------------------------------------

  const number = make("span", { class: "csp-count", hidden: true });
  const opener = button([icon("changes"), make("span", { class: "csp-opener-word" }, "Changes"), number], { class: "csp-opener", "aria-haspopup": "dialog" }, () => open());

  const show = (count) => {
    number.hidden = !count;
    number.textContent = count ?? "";
    opener.setAttribute("aria-label", count ? `Changes: ${count} ${count === 1 ? "file differs" : "files differ"} from the last commit` : "Changes");
    opener.classList.toggle("csp-some", Boolean(count));
  };

  const count = async () => {
    const answer = await ask("_changes/count");
    if (answer.status === 200) show(answer.body.count);
  };

  const hang = () => {
    const end = document.querySelector(".bar-end");
    if (end) end.prepend(opener);
    else document.body.append(opener);
    opener.classList.toggle("csp-afloat", !end);
    show(null);
    count();
  };

  // --- The list -----------------------------------------------------------------------------------------------------

  const picture = (address, words) =>
    make("figure", {}, make("img", { src: address, width: "96", height: "96", alt: `The picture ${words}`, loading: "lazy" }), make("figcaption", {}, words));

  const pictures = (change) => {
    const files = change.files.filter((one) => one.picture);
    const old = files.find((one) => one.kind !== "new");
    const isThere = files.some((one) => one.kind === "new" || one.kind === "changed");
    const shown = [];
    if (old) shown.push(picture(new URL(`_changes/before/${encoded(old.path)}`, root), "before"));
    if (old && isThere && change.avatar) shown.push(icon("forth"));
    if (isThere && change.avatar) shown.push(picture(new URL(change.avatar, root), "now"));
    return shown.length ? [make("div", { class: "csp-pictures" }, ...shown)] : [];
  };

  const entry = (change) => {
    const name = make("bdi", {}, change.name);
    const title = change.page ? make("a", { href: new URL(change.page, root) }, name) : name;
    return make("li", { class: "csp-change" },
      make("h3", {}, title), make("p", { class: "csp-quiet" }, change.phrase), ...pictures(change),
      make("ul", { class: "csp-files" }, ...change.files.map((file) =>
        make("li", {}, make("span", { class: `csp-kind csp-kind-${file.kind}` }, KINDS[file.kind]), " ", make("code", {}, file.path)))));
  };

  const nothing = (body) => {
    if (body.branch === null) {
      return [make("p", {}, "These contacts are in no git repository, so there is nothing to compare them with."), make("p", { class: "csp-quiet" }, body.reason)];
    }
    return [make("p", {}, "Nothing differs from the last commit.")];
  };

  const copy = async (text, near) => {
    const done = await (navigator.clipboard?.writeText(text) ?? Promise.reject()).then(() => true, () => {
      getSelection().selectAllChildren(near);
      return document.execCommand("copy");
    });
    return done ? "Copied" : "Press Ctrl+C";
  };

  const commitForm = (found, done) => {
    const message = make("textarea", { id: "csp-message", rows: String(Math.min(8, found.message.split("\n").length + 1)), spellcheck: "true" });
    message.value = found.message;
    const said = make("div", { class: "csp-said", "aria-live": "polite" });
    const go = button(make("span", {}, "Commit", ...(found.branch ? [" to ", make("bdi", {}, found.branch)] : [])), { class: "csp-button csp-primary" }, async () => {
      go.disabled = true;
      const paths = found.changes.flatMap((change) => change.files.map((file) => file.path));
      const answer = await ask("_edit/commit", formOf([["message", message.value], ["paths", JSON.stringify(paths)]]));
      go.disabled = false;
      if (answer.status === 200) return done(answer.body);
      const words = answer.status === 400 ? "Write what was done." : refusalOf(answer).map((one) => one.message).join("\n");
      said.replaceChildren(make("p", { class: "csp-told-error" }, make("strong", {}, "Nothing was committed.")), make("pre", {}, words));
      return undefined;
    });
    const commands = make("pre", { tabindex: "0" }, found.commands.join("\n"));
    const copied = make("span", { class: "csp-quiet", role: "status" });
    const copier = button("Copy", {}, async () => { copied.textContent = await copy(found.commands.join("\n"), commands); });
    return [
      make("div", { class: "csp-field" }, make("label", { for: "csp-message" }, "Message"), message), said,
      make("div", { class: "csp-row" }, go, make("span", { class: "csp-quiet" }, "These files alone. Nothing is pushed.")),
      make("details", {}, make("summary", {}, "Or in a terminal"), commands, make("div", { class: "csp-row" }, copier, copied)),
    ];
  };

  const open = async () => {
    const panel = dialog("drawer", "What changed", { onClose: count });
    const load = async (first = []) => {
      const answer = await ask("_changes");
      const found = answer.body;
      if (answer.status !== 200) {
        panel.body.replaceChildren(...first, ...refusalOf(answer).map((one) => make("p", {}, `${one.message}. ${one.fix}`)));
        return;
      }
      show(found.count);
      const list = found.count
        ? [make("ul", { class: "csp-changes" }, ...found.changes.map(entry)), make("section", { class: "csp-commit", "aria-label": "Commit" }, ...commitForm(found, done))]
        : nothing(found);
      panel.body.replaceChildren(...first, ...list);
    };
    const done = async (commit) => {
      await load([make("p", { class: "csp-good", role: "status" }, icon("done"), make("span", {}, "Committed as ", make("code", {}, commit.commit), ": ", make("bdi", {}, commit.subject)))]);
      panel.heading.focus();
    };
    panel.body.append(make("p", { class: "csp-quiet" }, "Looking …"));
    await load();
  };

  hang();
  addEventListener("contactsheet-built", count);
  addEventListener("focus", count);
}
