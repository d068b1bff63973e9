/* The picture area of a record: a picture is checked before it travels, by dialog, drop or paste. On a published site it is handed
   back under its right name; in the preview it replaces the file. */
"use strict";

{
  const SUFFIXES = { JPEG: ".jpg", PNG: ".png" };

  /* Where the file belongs: at the place of the one that is there, or under the contact's ID with the suffix of its kind. */
  const placeOf = (area, format) =>
    area.dataset.kind === format ? area.dataset.path : area.dataset.path.replace(/\.[^./]+$/, SUFFIXES[format]);

  const element = (tag, name, ...children) => {
    const made = document.createElement(tag);
    made.className = name;
    made.append(...children);
    return made;
  };

  const handOver = (area, file, format) => {
    const place = placeOf(area, format);
    const code = document.createElement("code");
    code.textContent = place;
    const other = area.dataset.kind && area.dataset.kind !== format;
    const words = other
      ? ["It belongs at ", code, `. Take out ${area.dataset.path} in the same change: a contact has one picture.`]
      : ["It belongs at ", code, "."];
    const link = contactsheet.download("Download under its name", place.split("/").pop(), file);
    return [element("p", "", ...words), link];
  };

  /* Sends the picture to the preview, which puts it in the place of the old one and shows the page anew. */
  const replace = async (area, well, file) => {
    const form = new FormData();
    form.append("picture", file);
    const root = new URL(".", document.querySelector("[data-add]").href);
    const id = area.dataset.id.split("/").map(encodeURIComponent).join("/");
    const answer = await contactsheet.post(new URL(`_edit/avatar/${id}`, root), form);
    if (answer.status >= 200 && answer.status < 300) location.reload();
    else well.tell(contactsheet.refusalOf(answer));
  };

  addEventListener("DOMContentLoaded", () => {
    const area = document.getElementById("cs-picture-area");
    const adding = document.querySelector("[data-add]");
    if (!area || !adding) return;
    const next = element("div", "picture-next");
    const well = contactsheet.pictureWell({
      limit: Number(adding.dataset.maxBytes),
      label: "New picture",
      hint: "Or drop it here, or paste it: it is checked before it travels.",
      note: (chosen) => {
        next.replaceChildren();
        if (!chosen?.verdict.format) return;
        if (contactsheet.inPreview()) replace(area, well, chosen.file);
        else next.append(...handOver(area, chosen.file, chosen.verdict.format));
      },
    });
    area.querySelector(".picture-new").append(well.element, next);
    if (contactsheet.inPreview()) area.classList.add("live");
    addEventListener("paste", (event) => {
      const file = document.querySelector("dialog[open]") ? null : contactsheet.pasted(event);
      if (!file) return;
      event.preventDefault();
      well.take(file);
    });
  });
}
