/* The picture area of a record on a published site: a picture is checked before it travels, by dialog, drop or paste, and handed back
   under its right name. In the preview the area writes the file: see preview/portrait.js. */
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

  addEventListener("DOMContentLoaded", () => {
    const area = document.getElementById("cs-picture-area");
    const adding = document.querySelector("[data-add]");
    if (!area || !adding || contactsheet.inPreview()) return;
    const next = element("div", "picture-next");
    const well = contactsheet.pictureWell({
      limit: Number(adding.dataset.maxBytes),
      label: "New picture",
      hint: "Or drop it here, or paste it: it is checked before it travels.",
      note: (chosen) => {
        next.replaceChildren();
        if (chosen?.verdict.format) next.append(...handOver(area, chosen.file, chosen.verdict.format));
      },
    });
    area.querySelector(".picture-new").append(well.element, next);
    addEventListener("paste", (event) => {
      const file = document.querySelector("dialog[open]") ? null : contactsheet.pasted(event);
      if (!file) return;
      event.preventDefault();
      well.take(file);
    });
  });
}
